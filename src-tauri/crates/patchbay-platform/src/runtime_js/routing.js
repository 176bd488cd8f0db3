// The dispatcher's ROUTING binding: read-only, in the form of a KV namespace.

const CONTROL = Symbol.for("patchbay.control");
/** Most keys that are remembered; keys that do not exist count, too. */
const KEPT_KEYS = 50_000;

/** What a dispatcher read: key → text, or `null` where there is none. */
const known = new Map();
/** Counts the changes: what was asked for before the last one is not kept. */
let changes = 0;

export default function (env) {
  async function get(key, type) {
    const text = known.has(key) ? known.get(key) : await lookUp(env, String(key));
    const format = typeof type === "object" ? type?.type : type;
    return text !== null && format === "json" ? JSON.parse(text) : text;
  }
  return { get, [CONTROL]: { forget } };
}

async function lookUp(env, key) {
  const asked = changes;
  const text = await read(env, key);
  // Only a dispatcher is told of changes.
  if (env.KEEPS && asked === changes) {
    if (known.size >= KEPT_KEYS) known.clear();
    known.set(key, text);
  }
  return text;
}

/** The platform changed what is stored under keys, and has cleared the cache. */
function forget(keys) {
  changes += 1;
  for (const key of keys) known.delete(key);
}

/** The stored text of a key, from the cache that the platform clears before it acknowledges a change. */
function read(env, key) {
  return env.CACHE.read(`routing/${key}`, async () => {
    const answer = await env.PARENT.fetch(`http://parent/routing?${new URLSearchParams({ key })}`);
    if (answer.status === 404) return { value: null };
    if (!answer.ok) throw new Error(`The platform could not read the routing table: ${await answer.text()}`);
    return { value: await answer.text() };
  });
}
