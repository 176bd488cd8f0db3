// The front of the storage process. Which data a request means stands in `request.cf`, which the runtime fills from a
// header that only the platform can write.

export default {
  async fetch(request, env) {
    const kind = request.cf?.patchbay?.kind;
    if (kind !== undefined) return env[kind].fetch(request);
    // Without the facts of a binding it is the platform itself that asks.
    const queues = await request.json();
    return Response.json(await Promise.all(queues.map((queue) => backlog(env, queue))));
  },
};

async function backlog(env, queue) {
  const asked = new Request("http://queue/metrics", { cf: { patchbay: { kind: "queue", id: queue } } });
  const metrics = await (await env.queue.fetch(asked)).json();
  return { queue, messages: metrics.backlogCount ?? 0, bytes: metrics.backlogBytes ?? 0 };
}
