// What leaves a script: the use of its caches and the news of its alarms go to the platform, everything else the usual way.
import { charge } from "./requests.js";
import { rang, rings } from "./ringing.js";
import { Outbound as Usual } from "./router.js";
import { behalfOf, isolateOf } from "./scripts.js";

/** Must be what `caches.js` says. */
const CACHE = "http://cache.patchbay.invalid/";
/** Must be what `alarms.js` says. */
const ALARM = "http://alarm.patchbay.invalid/";

export class Outbound extends Usual {
  fetch(request) {
    if (request.url === CACHE) return this.#cache(request);
    if (this.ctx.props.objects && request.url.startsWith(ALARM)) return this.#alarm(request);
    return super.fetch(request);
  }

  #cache(request) {
    const { caller, outbound, lane } = behalfOf(this.env, this.ctx.props);
    // As on Cloudflare, the use of a cache is a subrequest.
    charge(request.cf?.patchbay, isolateOf({ ...caller, outbound, lane }));
    const { namespace, script } = caller;
    const query = new URLSearchParams({ namespace, script });
    return this.env.PARENT.fetch(new Request(`http://parent/cache?${query}`, request));
  }

  /** A handler of an alarm begins, or is over. */
  #alarm(request) {
    if (request.method === "POST") return new Response(String(rings()));
    rang(Number(request.url.slice(ALARM.length)));
    return new Response(null, { status: 204 });
  }
}
