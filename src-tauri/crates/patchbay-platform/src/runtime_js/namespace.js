// A dispatch namespace as a binding of the dispatcher: `env.PRODUCTION.get(script, args, options).fetch(request)`.
// It runs as an internal module of the runtime; the dispatcher's own code sees nothing but `get`.

const DELIVERY = "x-patchbay-delivery";
/** How the mark of a load run begins. Nothing of it is recorded. */
const LOAD = "load.";
const CONTROL = Symbol.for("patchbay.control");
/** Most places that are remembered; names of scripts that do not exist count, too. */
const KEPT_PLACES = 100_000;

/** What is known of where scripts are, for all namespaces of this dispatcher: key → place. */
const places = new Map();
/** Slot → requests that were sent to it and have no answer yet. */
const underWay = new Map();
/** Counts what makes places obsolete; an answer that was asked for before is not to be believed. */
let now = 0;
let scriptsChanged = 0;
const fenced = new Map();
/** Holds the webhook of the inbox that is on its way; another one for each request. */
let current;

class Late extends Error {}

export default function (env) {
  const thrown = `${env.MARK}-thrown`;

  async function send(script, outbound, limits, input, init) {
    let request = init === undefined && input instanceof Request ? input : new Request(input, init);
    const delivery = request.headers.get(DELIVERY);
    let placed;
    if (delivery !== null) {
      // Nobody but the platform may know that a request is recorded: the adapter never sees the header.
      const headers = new Headers(request.headers);
      headers.delete(DELIVERY);
      request = new Request(request, { headers });
      if (!delivery.startsWith(LOAD)) placed = await reserve(env, script, delivery);
    }
    placed ??= claim(env, script) ?? (await locate(env, script));
    // The words before the colon are what callers of Cloudflare's namespaces test for.
    if (placed.missing) {
      await keep(env, script, placed);
      throw new Error(`Worker not found: ${script}`);
    }
    const { slot, lane, tenant, version, assets, trusted } = placed;
    limits = lessOf(limits, placed.limits);
    const cf = trusted ? request.cf : undefined;
    const facts = { outbound, limits, lane, tenant, namespace: env.NAMESPACE, script, version, assets, cf };
    let sent;
    let answer;
    let timer;
    try {
      await keep(env, script, placed);
      sent = Date.now();
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Late("Worker exceeded wall time limit.")), limits.wallMs);
      });
      const sending = env.SLOTS[slot].fetch(request, { cf: { patchbay: facts } });
      answer = await Promise.race([sending, late]);
    } catch (error) {
      if (error instanceof Late) throw new Error(error.message);
      if (sent === undefined) throw error;
      throw await reason(env, script, placed, sent, error);
    } finally {
      clearTimeout(timer);
      count(slot, -1);
    }
    if (!answer.headers.has(thrown)) return answer;
    const { name, message } = await answer.json();
    throw Object.assign(new Error(message), { name });
  }

  return {
    get(script, _args, options) {
      if (typeof script !== "string" || script === "") throw new TypeError("A script name must be a non-empty string");
      // What is passed at `get` holds for the request, whatever the caller does to its object afterwards.
      const outbound = JSON.stringify(options?.outbound ?? {});
      const limits = { ...env.LIMITS, ...given(options?.limits) };
      return { fetch: (input, init) => send(script, outbound, limits, input, init) };
    },
    // For the platform's own entrypoint in this isolate (`dispatcher.js`).
    [CONTROL]: { forget, fence, follow },
  };
}

/** The known place of a script, with the request counted that is about to go there; `undefined` when it is not known. */
function claim(env, script) {
  const placed = places.get(`${env.NAMESPACE}/${script}`);
  if (placed && !placed.missing) count(placed.slot, 1);
  return placed;
}

/** Asks the platform where a script is, and counts the request that is about to go there. */
async function locate(env, script) {
  for (;;) {
    const asked = now;
    const query = new URLSearchParams({ namespace: env.NAMESPACE, script });
    const answer = await env.PARENT.fetch(`http://parent/resolve?${query}`);
    if (!answer.ok && answer.status !== 404) {
      throw new Error(`The platform could not place the script: ${await answer.text()}`);
    }
    const placed = answer.ok ? await answer.json() : { missing: true };
    // From here to the end of the turn nothing comes between: either a fence sees the count, or the place is obsolete.
    if (scriptsChanged > asked || (fenced.get(placed.slot) ?? 0) > asked) continue;
    if (places.size >= KEPT_PLACES) places.clear();
    places.set(`${env.NAMESPACE}/${script}`, placed);
    return claim(env, script);
  }
}

/** A lane for a recorded delivery, or `undefined` when the platform knows no such delivery. */
async function reserve(env, script, delivery) {
  const body = JSON.stringify({ namespace: env.NAMESPACE, script, delivery });
  const answer = await env.PARENT.fetch("http://parent/lanes", { method: "POST", body });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`The platform could not record the delivery: ${await answer.text()}`);
  const placed = await answer.json();
  // The platform holds the process until the delivery is over, so the place cannot become obsolete.
  if (!placed.missing) count(placed.slot, 1);
  return placed;
}

/** The limits that a dispatcher gave, without those that it left open. */
function given(limits) {
  const known = {};
  for (const name of ["cpuMs", "subRequests", "wallMs"]) {
    const value = limits?.[name];
    if (value === undefined || value === null) continue;
    if (!Number.isFinite(value) || value < 0) throw new TypeError(`limits.${name} must be a number that is not negative`);
    known[name] = Math.ceil(value);
  }
  return known;
}

/** Limits, or less where the script's own upload says less. */
function lessOf(limits, uploaded) {
  if (!uploaded) return limits;
  const { cpu_ms: cpuMs = Infinity, subrequests: subRequests = Infinity } = uploaded;
  return { ...limits, cpuMs: Math.min(limits.cpuMs, cpuMs), subRequests: Math.min(limits.subRequests, subRequests) };
}

/** What a request died of that got no answer: the platform knows when its process ended, and why. */
async function reason(env, script, { process }, sent, error) {
  const lost = { process, sent_ms: sent, namespace: env.NAMESPACE, script };
  const answer = await env.PARENT.fetch("http://parent/ended", { method: "POST", body: JSON.stringify(lost) });
  return answer.ok ? new Error(await answer.text()) : error;
}

function count(slot, change) {
  const total = (underWay.get(slot) ?? 0) + change;
  if (total === 0) underWay.delete(slot);
  else underWay.set(slot, total);
}

/** Forgets where scripts are, given as pairs of namespace and name. Lookups that are under way ask again. */
function forget(scripts) {
  for (const [namespace, script] of scripts) places.delete(`${namespace}/${script}`);
  scriptsChanged = ++now;
}

/** Forgets every place on a slot, and says how many requests that were sent there have no answer yet. */
function fence(slot) {
  for (const [key, placed] of places) if (placed.slot === slot) places.delete(key);
  fenced.set(slot, ++now);
  return underWay.get(slot) ?? 0;
}

/** A webhook of the inbox is stored before a script gets it. */
function keep(env, script, { version, tenant }) {
  const webhook = current?.getStore();
  return webhook?.keep({ namespace: env.NAMESPACE, script, version, owner: tenant });
}

/** From now on the inbox has a part in what is sent. */
function follow(storage) {
  current = storage;
}
