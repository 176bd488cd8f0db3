// Durable Objects of other scripts. The namespace in `env` is the runtime's own, and so are its ids; an object of it has
// no state and hands each call on to the one object with its id, which lives in the process of its script.
import { DurableObject } from "cloudflare:workers";
import { forwarding } from "./forwarding.js";
import { reach } from "./reach.js";

export default {};

/** The class of the objects that a binding reaches. */
export function foreign(binding) {
  return class extends DurableObject {
    constructor(ctx, env) {
      super(ctx, env);
      const object = ctx.id.toString();
      return forwarding(this, (name, given) => reach(env, { binding, object }, (script) => script[name](...given)));
    }

    fetch(request) {
      return reach(this.env, { binding, object: this.ctx.id.toString() }, (script) => script.fetch(request));
    }
  };
}
