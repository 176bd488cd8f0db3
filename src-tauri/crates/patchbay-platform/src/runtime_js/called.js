// The called script's side of what no HTTP request can carry. It is reached from the processes of other scripts, over a
// socket of the platform's private folder; what it is told comes from the platform.
import { WorkerEntrypoint } from "cloudflare:workers";
import { forwarding } from "./forwarding.js";
import { answered, begin, end } from "./requests.js";
import { isolateOf, withScript } from "./scripts.js";

/** Where the Durable Objects live, and what their calls are counted for: they end with their answers. */
const OBJECTS = "durable-objects";

/** An entrypoint of the script, or one of its Durable Objects, as the props say. */
export class Called extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    return forwarding(this, (name, given) => serve(env, ctx, (target) => target[name](...given)));
  }

  fetch(request) {
    return serve(this.env, this.ctx, (target) => target.fetch(new Request(request, { cf: {} })));
  }
}

async function serve(env, ctx, use) {
  const { facts, object } = ctx.props;
  // A process that another has followed.
  if (facts.tenant !== env.TENANT) throw new Error("The script moved to another process");
  const id = await begin(env, object ? OBJECTS : isolateOf(facts), facts);
  try {
    if (!object) return await withScript(env, ctx, facts, id, use);
    return await use(env.RUNTIMES.current().getActor(OBJECTS, facts.class, object));
  } catch (error) {
    throw await redacted(env, facts, error);
  } finally {
    if (object) end(id);
    else answered(id);
  }
}

/** The exception without the values of the script's secrets. The caller, too, may show it to somebody. */
async function redacted(env, { namespace, script, version }, error) {
  const said = error instanceof Error ? { name: error.name, message: error.message } : { name: "Error", message: String(error) };
  const body = JSON.stringify({ caller: { namespace, script, version }, ...said });
  const { name, message } = await (await env.PARENT.fetch("http://parent/thrown", { method: "POST", body })).json();
  const kinds = { TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };
  return Object.hasOwn(kinds, name) ? new kinds[name](message) : Object.assign(new Error(message), { name });
}
