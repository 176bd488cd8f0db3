// Clears entries of the dispatcher's cache. Only the platform can reach it, over a socket of its own.

export default {
  async fetch(request, env) {
    const { scripts, routing } = await request.json();
    const work = [
      ...scripts.map(([namespace, script]) => {
        const query = new URLSearchParams({ namespace, script });
        return clear(env, `script/${namespace}/${script}`, async () => {
          const answer = await env.PARENT.fetch(`http://parent/resolve?${query}`);
          return { value: answer.ok ? await answer.json() : { missing: true } };
        });
      }),
      ...routing.map((key) =>
        clear(env, `routing/${key}`, async () => {
          const answer = await env.PARENT.fetch(`http://parent/routing?${new URLSearchParams({ key })}`);
          return { value: answer.ok ? await answer.text() : null };
        }),
      ),
    ];
    await Promise.all(work);
    return new Response("cleared");
  },
};

async function clear(env, key, current) {
  // A lookup that began before the change could still write the old answer after a bare delete. Reads of one key wait
  // for each other, so once this read is through, every lookup that began earlier has written, and the delete holds.
  await env.CACHE.read(key, current);
  env.CACHE.delete(key);
}
