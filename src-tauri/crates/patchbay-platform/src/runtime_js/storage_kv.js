// KV namespaces: workerd's own Worker, told the namespace by a request's facts.
import kv from "kv.js";

export { KVNamespace } from "kv.js";

export default {
  fetch(request, env, ctx) {
    const props = { namespace: request.cf.patchbay.id };
    return kv.fetch(request, env, { props, waitUntil: (work) => ctx.waitUntil(work) });
  },
};
