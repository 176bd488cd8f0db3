// What leaves a script: the use of its caches goes to the platform, everything else the usual way.
import { charge } from "./requests.js";
import { Outbound as Usual } from "./router.js";
import { behalfOf, isolateOf } from "./scripts.js";

/** Must be what `caches.js` says. */
const CACHE = "http://cache.patchbay.invalid/";

export class Outbound extends Usual {
  fetch(request) {
    if (request.url !== CACHE) return super.fetch(request);
    const { caller, outbound, lane } = behalfOf(this.env, this.ctx.props);
    // As on Cloudflare, the use of a cache is a subrequest.
    charge(request.cf?.patchbay, isolateOf({ ...caller, outbound, lane }));
    const { namespace, script } = caller;
    const query = new URLSearchParams({ namespace, script });
    return this.env.PARENT.fetch(new Request(`http://parent/cache?${query}`, request));
  }
}
