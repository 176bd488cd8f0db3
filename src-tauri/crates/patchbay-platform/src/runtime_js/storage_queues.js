// Queues: workerd's own Worker, told the queue by a request's facts.
import queues from "queues.js";

export { QueueShard } from "queues.js";

export default {
  fetch(request, env) {
    return queues.fetch(request, env, { props: { queue: request.cf.patchbay.id } });
  },
};
