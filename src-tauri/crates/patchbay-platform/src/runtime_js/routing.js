// The dispatcher's ROUTING binding: read-only, in the form of a KV namespace.

export default function (env) {
  return {
    async get(key, type) {
      const text = await read(env, String(key));
      const format = typeof type === "object" ? type?.type : type;
      return text !== null && format === "json" ? JSON.parse(text) : text;
    },
  };
}

/** The stored text of a key, from the cache that the platform clears before it acknowledges a change. */
export function read(env, key) {
  return env.CACHE.read(`routing/${key}`, async () => {
    const answer = await env.PARENT.fetch(`http://parent/routing?${new URLSearchParams({ key })}`);
    if (answer.status === 404) return { value: null };
    if (!answer.ok) throw new Error(`The platform could not read the routing table: ${await answer.text()}`);
    return { value: await answer.text() };
  });
}
