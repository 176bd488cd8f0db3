// A dispatch namespace as a binding of the dispatcher: `env.PRODUCTION.get(script, args, options).fetch(request)`.
// It runs as an internal module of the runtime; the dispatcher's own code sees nothing but `get`.

const DELIVERY = "x-patchbay-delivery";

export default function (env) {
  const thrown = `${env.MARK}-thrown`;
  const place = (script) => resolve(env, env.NAMESPACE, script);

  async function send(script, outbound, input, init) {
    let request = new Request(input, init);
    const delivery = request.headers.get(DELIVERY);
    let facts = { outbound };
    let placed;
    if (delivery !== null) {
      // Nobody but the platform may know that a request is recorded: the adapter never sees the header.
      const headers = new Headers(request.headers);
      headers.delete(DELIVERY);
      request = new Request(request, { headers });
      placed = await reserve(env, script, delivery);
      if (placed?.lane) facts = { ...facts, lane: placed.lane };
    }
    placed ??= await place(script);
    // The words before the colon are what callers of Cloudflare's namespaces test for.
    if (placed.missing) throw new Error(`Worker not found: ${script}`);
    facts = { ...facts, tenant: placed.tenant, namespace: env.NAMESPACE, script, version: placed.version };
    const answer = await env[`SLOT_${placed.slot}`].fetch(new Request(request, { cf: { patchbay: facts } }));
    if (!answer.headers.has(thrown)) return answer;
    const { name, message } = await answer.json();
    throw Object.assign(new Error(message), { name });
  }

  return {
    get(script, _args, options) {
      if (typeof script !== "string" || script === "") throw new TypeError("A script name must be a non-empty string");
      // What is passed at `get` holds for the request, whatever the caller does to its object afterwards.
      const outbound = structuredClone(options?.outbound ?? {});
      return { fetch: (input, init) => send(script, outbound, input, init) };
    },
  };
}

/** Slot and version of a script, from the cache that the platform clears before it acknowledges a change. */
export function resolve(env, namespace, script) {
  return env.CACHE.read(`script/${namespace}/${script}`, async () => {
    const query = new URLSearchParams({ namespace, script });
    const answer = await env.PARENT.fetch(`http://parent/resolve?${query}`);
    if (answer.status === 404) return { value: { missing: true } };
    if (!answer.ok) throw new Error(`The platform could not place the script: ${await answer.text()}`);
    return { value: await answer.json() };
  });
}

/** A lane for a recorded delivery, or `undefined` when the platform knows no such delivery. */
async function reserve(env, script, delivery) {
  const body = JSON.stringify({ namespace: env.NAMESPACE, script, delivery });
  const answer = await env.PARENT.fetch("http://parent/lanes", { method: "POST", body });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`The platform could not record the delivery: ${await answer.text()}`);
  return answer.json();
}
