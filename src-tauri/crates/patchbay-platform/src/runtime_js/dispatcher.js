// The main module of a dispatcher's process: the operator's own dispatcher behind the inbox, and beside it an entrypoint
// through which only the platform reaches what the namespace bindings of the same isolate know.
import { WorkerEntrypoint } from "cloudflare:workers";
import dispatcher from "OPERATORS_MODULE";
import { kept } from "./__patchbay_inbox.js";

export * from "OPERATORS_MODULE";
export default kept(dispatcher);

const CONTROL = Symbol.for("patchbay.control");

export class PatchbayControl extends WorkerEntrypoint {
  forget(scripts, routing) {
    this.#control()?.forget(scripts);
    this.env.ROUTING[CONTROL].forget(routing);
  }

  fence(slot) {
    return this.#control()?.fence(slot) ?? 0;
  }

  /** Any namespace binding: what they know is one thing for the whole isolate. */
  #control() {
    const name = this.env.PATCHBAY_NAMESPACE;
    return name && this.env[name][CONTROL];
  }
}
