// The main module of a tenant's process: sends requests to the tenant's scripts.
// What it needs to know about a request comes in `request.cf`, which the runtime fills from a header that only the
// dispatcher's process can write.
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { assetWorker, isForAssets } from "./assets.js";
import { decoded } from "./decoded.js";
import { aloneWith, answered, begin, charge, end, isWatched, loading, setWatched } from "./requests.js";
// `loaded.js` or `dedicated.js`, as the config of the process says.
import { behalfOf, ended, isolateOf, received, withScript } from "./scripts.js";
import { notFound } from "./words.js";

export { AssetFiles, Assets } from "./assets.js";
export { State } from "./requests.js";

const REPORT_PAUSE_MS = 5;

export default {
  async fetch(request, env, ctx) {
    const facts = request.cf?.patchbay;
    // A slot that changed hands: refuse before anything of the other tenant is touched.
    if (facts?.tenant !== env.TENANT) return thrown(env, new Error("The script moved to another process"));
    const { lane } = facts;
    const started = Date.now();
    const since = performance.now();
    const isolate = isolateOf(facts);
    const id = await begin(env, isolate, facts);
    const isAlone = lane ? aloneWith(id) : undefined;
    try {
      if (facts.assets) {
        // No report tells whose an answer of the assets was. They do nothing after it but send it.
        if (await isForAssets(request, env, ctx, facts)) {
          const plain = new Request(request, { cf: facts.cf ?? {} });
          return await assetWorker(env, ctx, facts, lane).fetch(plain).finally(() => end(id));
        }
      }
      const answer = await withScript(env, ctx, facts, id, (script) => script.fetch(request, received(facts, id)));
      answered(id);
      return answer;
    } catch (error) {
      answered(id);
      // Compared as a whole, so that nothing of an adapter's own message passes by the redaction.
      if (error?.message === notFound(facts.script)) return thrown(env, new Error(error.message));
      return thrown(env, await shown(env, facts, error));
    } finally {
      if (lane) {
        const report = { lane, started_ms: started, wall_ms: performance.now() - since, alone: isAlone() };
        ctx.waitUntil(tell(env, "answered", report));
      }
    }
  },
};

/** Every `fetch()` of an adapter. It has no `connect` handler, so the runtime refuses sockets. */
export class Outbound extends WorkerEntrypoint {
  async fetch(request) {
    const { caller, outbound = await ownParameters(this.env, caller), lane } = behalfOf(this.env, this.ctx.props);
    charge(request.cf?.patchbay, isolateOf({ ...caller, outbound, lane }));
    const worker = this.#worker(outbound, lane);
    // `cf` is set here and nowhere else: whatever the adapter put into it is gone.
    if (!lane) return worker.fetch(new Request(request, { cf: { patchbay: caller } }));

    const body = request.body === null ? null : await request.arrayBuffer();
    // The clock here stands still between I/O; the platform's puts calls in the order in which they began.
    const started = Number(await tell(this.env, "clock"));
    const since = performance.now();
    const cf = { patchbay: { ...caller, left_ms: started } };
    const answer = await worker.fetch(new Request(request, { body, cf }));
    const call = `${this.env.MARK}-call`;
    if (answer.headers.has(call)) {
      const passed = copy(answer);
      passed.headers.delete(call);
      return passed;
    }
    // It never reached the upstream gateway, so the outbound worker itself answered.
    const content = answer.body === null ? null : await answer.arrayBuffer();
    await tell(this.env, "refused", {
      lane,
      started_ms: started,
      duration_ms: performance.now() - since,
      request: { method: request.method, url: request.url, headers: [...request.headers], body: base64(body) },
      response: { status: answer.status, headers: [...answer.headers], body: base64(content) },
    });
    return new Response(content, answer);
  }

  #worker(outbound, lane) {
    const { env, ctx } = this;
    const name = `outbound#${outbound}${lane ? `~${lane}` : ""}`;
    const stub = env.LOADER.get(name, async () => {
      const answer = await env.PARENT.fetch("http://parent/outbound");
      loading();
      const upstream = ctx.exports.Upstream({ props: { lane } });
      return {
        ...decoded(await answer.json()),
        env: { ...JSON.parse(outbound), UPSTREAM: upstream, PACE: ctx.exports.Pace({ props: { lane } }) },
        globalOutbound: upstream,
      };
    });
    return stub.getEntrypoint();
  }
}

/** Calls of the outbound worker, on their way out of the process. */
export class Upstream extends WorkerEntrypoint {
  fetch(request) {
    const cf = { patchbay: { lane: this.ctx.props.lane, caller: request.cf?.patchbay } };
    return this.env.UPSTREAM.fetch(new Request(request, { cf }));
  }
}

/** The outbound worker's binding `PACE`, in the form of its Durable Object's namespace. */
export class Pace extends WorkerEntrypoint {
  getByName(tenant) {
    return new Turns(this.env, tenant, this.ctx.props.lane);
  }
}

class Turns extends RpcTarget {
  #env;
  #tenant;
  #lane;

  constructor(env, tenant, lane) {
    super();
    this.#env = env;
    this.#tenant = tenant;
    this.#lane = lane;
  }

  /** Milliseconds to wait for the next turn; it is not taken when that is longer than `longest`. */
  async take(per_second, longest) {
    return Number(await tell(this.#env, "turn", { tenant: this.#tenant, per_second, longest, lane: this.#lane }));
  }
}

/** Reports that wait to be sent together. */
let waiting = null;

/** What the runtime reports about each request to an adapter. */
export class Tail extends WorkerEntrypoint {
  async tail(events) {
    const { caller, lane } = behalfOf(this.env, this.ctx.props);
    if (!lane && !isWatched()) {
      ended(this.ctx.props, events);
      return;
    }
    const report = { props: this.ctx.props, caller, lane, events };
    if (waiting) {
      waiting.push(report);
      return;
    }
    waiting = [report];
    // Under load a message for each request would cost more than the request; somebody waits for a recorded one.
    if (!lane) await scheduler.wait(REPORT_PAUSE_MS);
    const reports = waiting;
    waiting = null;
    const said = { reports: reports.map(({ caller, lane, events }) => ({ caller, lane, events })) };
    setWatched(JSON.parse(await tell(this.env, "tail", said)));
    for (const { props, events } of reports) ended(props, events);
  }
}

async function tell(env, what, report = null) {
  const body = JSON.stringify(report, (_key, value) => (typeof value === "bigint" ? `${value}n` : value));
  const answer = await env.PARENT.fetch(`http://parent/${what}`, { method: "POST", body });
  return answer.text();
}

/** What the outbound worker is told about a call that belongs to no request: what is stored for the tenant now. */
async function ownParameters(env, caller) {
  const answer = await env.PARENT.fetch(`http://parent/parameters?${new URLSearchParams(caller)}`);
  if (!answer.ok) throw new Error(`The platform could not say what the script may call: ${await answer.text()}`);
  return answer.text();
}

/** What may be known of an adapter's exception outside: short, and without the values of its secrets. */
async function shown(env, { namespace, script, version }, error) {
  const exception = { name: error instanceof Error ? error.name : "Error", message: error instanceof Error ? error.message : String(error) };
  return JSON.parse(await tell(env, "thrown", { caller: { namespace, script, version }, ...exception }));
}

/** An exception cannot cross to the dispatcher's process as such; the namespace binding throws it again there. */
function thrown(env, error) {
  return Response.json({ name: error.name, message: error.message }, { status: 500, headers: { [`${env.MARK}-thrown`]: "1" } });
}

/** A copy whose headers can be changed. */
function copy(answer) {
  return new Response(answer.body, answer);
}

function base64(buffer) {
  return buffer === null ? "" : new Uint8Array(buffer).toBase64();
}
