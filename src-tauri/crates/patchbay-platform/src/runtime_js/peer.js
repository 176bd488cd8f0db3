// Another script, as a binding of the type `service` or `dispatch_namespace`.
import { WorkerEntrypoint } from "cloudflare:workers";
import { forwarding } from "./forwarding.js";
import { reach, rethrow } from "./reach.js";
import { behalfOf } from "./scripts.js";

/** Its props say which binding it is, and whether that one names an entrypoint beside the default one. */
export class Peer extends WorkerEntrypoint {
  constructor(ctx, env) {
    super(ctx, env);
    return forwarding(this, (name, given) => reached(env, ctx, (script) => script[name](...given)));
  }

  async fetch(request) {
    const { binding, entrypoint } = this.ctx.props;
    if (entrypoint) return reached(this.env, this.ctx, (script) => script.fetch(request));
    const { outbound } = behalfOf(this.env, this.ctx.props);
    // What the adapter put into `cf` itself can at most choose among the tenant's own scripts.
    const cf = { patchbay: { binding, script: request.cf?.patchbay?.script, outbound } };
    const answer = await this.env.GATE.fetch(new Request(request, { cf }));
    await rethrow(this.env, answer);
    return answer;
  }
}

function reached(env, ctx, use) {
  const { binding } = ctx.props;
  // Counted for the copy that asks at this moment, which may serve others when the answer is there.
  const { outbound } = behalfOf(env, ctx.props);
  return reach(env, { binding, outbound }, use);
}
