// Makes the dispatchers forget what they know. Only the platform can reach it, over a socket of its own.

export default {
  async fetch(request, env) {
    const { scripts = [], routing = [], fence } = await request.json();
    const dispatchers = Object.keys(env).filter((name) => name.startsWith("DISPATCHER_")).map((name) => env[name]);
    await Promise.all(routing.map((key) => clear(env, key)));
    // Only now, so that nobody reads the old text from the cache after having forgotten it.
    if (scripts.length + routing.length > 0) {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.forget(scripts, routing)));
    }
    if (fence === undefined) return Response.json({});
    const counts = await Promise.all(dispatchers.map((dispatcher) => dispatcher.fence(fence)));
    return Response.json({ under_way: counts.reduce((sum, count) => sum + count, 0) });
  },
};

async function clear(env, key) {
  // A lookup that began before the change could still write the old answer after a bare delete. Reads of one key wait
  // for each other, so once this read is through, every lookup that began earlier has written, and the delete holds.
  await env.CACHE.read(`routing/${key}`, async () => {
    const answer = await env.PARENT.fetch(`http://parent/routing?${new URLSearchParams({ key })}`);
    return { value: answer.ok ? await answer.text() : null };
  });
  env.CACHE.delete(`routing/${key}`);
}
