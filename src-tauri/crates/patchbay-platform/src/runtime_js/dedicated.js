// The script of a process of its own. It is there several times, as *copies*, each a service with an isolate, all with
// the same bindings. A copy serves requests with one set of outbound parameters at a time, or one recorded delivery, so
// that what leaves it belongs to them. Durable Objects live in one more copy, which serves no requests: they are there for
// many, and ring their alarms for none.
import { end, endOldest } from "./requests.js";

/** Copies for requests that are not recorded; the others are lanes. */
const ORDINARY = 2;

/** How long a request waits for a copy, in milliseconds. */
const PATIENCE_MS = 30_000;

/** Copy → what it serves: `{key, outbound, lane, underWay}`. */
const serving = [];
/** Those who wait for a copy. */
const waiting = [];

/** What a call is counted for: a recorded delivery alone, or all other requests together. */
export function isolateOf({ lane }) {
  return lane ? `lane ${lane}` : "ordinary";
}

/** What a request is sent to the script with. */
export function received({ cf }) {
  return { cf: cf ?? {} };
}

/** Calls `use` with the script, or the entrypoint that is wanted of it, on a copy that serves nothing else. */
export async function withScript(env, _ctx, facts, id, use) {
  const { caller, copies } = env.SCRIPT;
  const isAnother =
    facts.script !== caller.script || facts.namespace !== caller.namespace || facts.version !== caller.version;
  const copy = isAnother ? undefined : (take(copies, facts) ?? (await wait(copies, facts)));
  if (copy === undefined) {
    // A request that reaches no copy has no report in which it ends.
    end(id);
    const busy = "Every copy of the script is busy with requests of other parameters";
    throw new Error(isAnother ? "The script moved to another process" : busy);
  }
  const { entrypoint } = facts;
  return use(entrypoint ? env.RUNTIMES.current().getEntrypoint(`copy-${copy}`, entrypoint) : env[`COPY_${copy}`]);
}

/** On whose behalf a copy runs. Durable Objects have no outbound parameters of a request. */
export function behalfOf(env, props) {
  const { copy, objects } = props;
  if (objects) return { caller: env.SCRIPT.caller };
  // The asset worker is none of the copies and says itself whose it is.
  if (copy === undefined) return props;
  const { outbound = "{}", lane } = serving[copy] ?? {};
  return { caller: env.SCRIPT.caller, outbound, lane };
}

/** Requests of a copy came to their whole end. */
export function ended({ copy }, events) {
  const used = serving[copy];
  if (!used) return;
  const count = events.filter(({ event }) => event?.request || event?.rpcMethod !== undefined).length;
  used.underWay = Math.max(0, used.underWay - count);
  endOldest(isolateOf(used), count);
  for (const retry of waiting.splice(0)) retry();
}

function take(copies, { outbound, lane }) {
  const key = lane ? undefined : outbound;
  const [from, to] = lane ? [ORDINARY, copies] : [0, ORDINARY];
  let free;
  for (let copy = from; copy < to; copy++) {
    const used = serving[copy];
    if (key !== undefined && used?.key === key) {
      used.underWay += 1;
      return copy;
    }
    if (!used?.underWay) free ??= copy;
  }
  if (free !== undefined) serving[free] = { key, outbound, lane, underWay: 1 };
  return free;
}

async function wait(copies, facts) {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    // The timer also tells the runtime that the request is not stuck: it does not see that another may end the wait.
    const patience = new AbortController();
    await Promise.race([
      new Promise((resolve) => waiting.push(resolve)),
      scheduler.wait(PATIENCE_MS, { signal: patience.signal }),
    ]);
    patience.abort();
    const copy = take(copies, facts);
    if (copy !== undefined) return copy;
  }
}
