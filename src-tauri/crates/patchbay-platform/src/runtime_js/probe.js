// Starts an uploaded script without running it, and says which handlers it has or why it does not start.

const PROBE = "__patchbay_probe.js";
const LISTENERS = "__patchbay_listeners.js";

export default {
  async fetch(request, env) {
    const { entry, ...code } = await request.json();
    const since = performance.now();
    try {
      const worker = env.LOADER.load({
        ...decoded(code),
        mainModule: PROBE,
        // Importing the entry runs its top level, so positions in errors are those of the uploaded modules.
        modules: { ...decoded(code).modules, [LISTENERS]: listeners(), [PROBE]: probe(entry) },
        globalOutbound: null,
      });
      const answer = await worker.getEntrypoint().fetch("http://probe/");
      const exported = await answer.json();
      // Never 0, which clients read as unknown.
      return Response.json({ ...exported, startup_ms: Math.max(1, Math.round(performance.now() - since)) });
    } catch (error) {
      return Response.json({ error: error instanceof Error ? error.message : String(error) });
    }
  },
};

function probe(entry) {
  return `
    import { listened } from ${JSON.stringify(`./${LISTENERS}`)};
    import * as exported from ${JSON.stringify(`./${entry}`)};
    export default {
      fetch() {
        const named = Object.keys(exported)
          .filter((name) => name !== "default")
          .map((name) => ({
            name,
            handlers: handlersOf(exported[name]) ?? [],
            class: typeof exported[name] === "function" && exported[name].prototype !== undefined,
          }));
        const handlers = handlersOf(exported.default) ?? (listened.size > 0 ? [...listened] : null);
        return Response.json({ handlers, named });
      },
    };
    function handlersOf(value) {
      if (value === undefined || value === null) return null;
      const names = new Set();
      let at = typeof value === "function" ? value.prototype : typeof value === "object" ? value : null;
      for (; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
        for (const name of Object.getOwnPropertyNames(at)) {
          if (name !== "constructor" && typeof Object.getOwnPropertyDescriptor(at, name).value === "function") names.add(name);
        }
      }
      return [...names];
    }
  `;
}

/** Notes which events a script in service-worker syntax listens to; it has no exports. */
function listeners() {
  return `
    const events = ["fetch", "scheduled", "queue", "email", "tail", "trace", "alarm"];
    export const listened = new Set();
    const add = globalThis.addEventListener;
    globalThis.addEventListener = function (type, ...rest) {
      if (events.includes(type)) listened.add(type);
      return add.call(globalThis, type, ...rest);
    };
  `;
}

function decoded(code) {
  // A module may be named like a property that every object has.
  const modules = Object.create(null);
  for (const [name, module] of Object.entries(code.modules)) {
    const [[kind, content]] = Object.entries(module);
    modules[name] = { [kind]: kind === "data" || kind === "wasm" ? Uint8Array.fromBase64(content).buffer : content };
  }
  return { ...code, modules };
}
