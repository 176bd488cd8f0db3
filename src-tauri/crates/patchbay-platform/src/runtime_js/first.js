// Runs in a script's isolate before the script's own modules: knows which request a call belongs to, and says so to the
// outbound entrypoint, which counts. A script that takes this away has its calls counted against all its requests.
import { AsyncLocalStorage } from "node:async_hooks";

const current = new AsyncLocalStorage();
const send = globalThis.fetch;

globalThis.fetch = function fetch(input, init) {
  const id = current.getStore();
  if (id === undefined) return send(input, init);
  try {
    return send(new Request(input, init), { cf: { patchbay: id } });
  } catch (error) {
    return Promise.reject(error);
  }
};

const listen = globalThis.addEventListener;
const counting = new WeakMap();

/** A script in service-worker syntax listens; its events hide the same. */
globalThis.addEventListener = function addEventListener(type, listener, options) {
  if (type !== "fetch" || typeof listener !== "function") return listen.call(globalThis, type, listener, options);
  const counted = (event) => {
    const id = counting.get(event) ?? event.request.cf?.patchbay;
    if (id === undefined) return listener.call(globalThis, event);
    if (!counting.has(event)) {
      counting.set(event, id);
      Object.defineProperty(event, "request", { value: uncovered(event.request), enumerable: true });
    }
    return current.run(id, () => listener.call(globalThis, event));
  };
  return listen.call(globalThis, type, counted, options);
};

/** The script's default export, whose `fetch` gets its request without what is not for it. */
export function counted(script) {
  if (typeof script === "function") {
    if (typeof script.prototype?.fetch !== "function") return script;
    const Counted = class extends script {
      fetch(request) {
        return run(request, (own) => super.fetch(own));
      }
    };
    return Object.defineProperty(Counted, "name", { value: script.name });
  }
  if (typeof script?.fetch !== "function") return script;
  const fetch = (request, env, ctx) => run(request, (own) => script.fetch(own, env, ctx));
  return Object.create(script, { fetch: { value: fetch, enumerable: true } });
}

function run(request, serve) {
  const id = request.cf?.patchbay;
  return id === undefined ? serve(request) : current.run(id, serve, uncovered(request));
}

/**
 * The request as the script may see it: only trusted scripts see `cf`. A copy would cost as much as a whole small
 * script; what a script finds in a copy of its own is the number of its request, which gains it nothing.
 */
function uncovered(request) {
  const { cf } = request.cf;
  // Its signal has to be handed on by name.
  if (cf) return new Request(request, { cf, signal: request.signal });
  return Object.defineProperty(request, "cf", { value: {}, enumerable: true, configurable: true, writable: true });
}
