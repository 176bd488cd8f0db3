// patchbay-runtime: lets an adapter return a plain object or an array, which becomes a JSON response.
// Everything else an adapter exports passes through untouched, and no error is caught, so stacks stay the author's.
import * as adapter from "./adapter.js";

export * from "./adapter.js";

const HANDLERS = ["scheduled", "queue", "email", "tail", "trace", "tailStream", "alarm", "test"];

function describe(value) {
  if (value === null) return "null";
  if (typeof value === "object") return `a ${value.constructor?.name ?? "object without a prototype"}`;
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function respond(value) {
  if (value instanceof Response) return value;
  if (Array.isArray(value) || isPlain(value)) return Response.json(value);
  throw new TypeError(
    `The adapter's fetch() returned ${describe(value)}. It must return a Response, a plain object or an array.`,
  );
}

function wrapObject(handler) {
  const wrapped = {};
  // Each handler is called on the adapter's own object, so that `this` is what the author wrote.
  for (const name of new Set([...HANDLERS, ...Object.keys(handler)])) {
    if (typeof handler[name] === "function") wrapped[name] = (...parameters) => handler[name](...parameters);
  }
  if (typeof handler.fetch === "function") {
    wrapped.fetch = async (request, env, context) => respond(await handler.fetch(request, env, context));
  }
  return wrapped;
}

function wrapClass(Handler) {
  if (typeof Handler.prototype?.fetch !== "function") return Handler;
  const Wrapped = class extends Handler {
    async fetch(...parameters) {
      return respond(await super.fetch(...parameters));
    }
  };
  Object.defineProperty(Wrapped, "name", { value: Handler.name });
  return Wrapped;
}

function wrap(handler) {
  if (typeof handler === "function" && handler.prototype !== undefined) return wrapClass(handler);
  if (typeof handler === "object" && handler !== null) return wrapObject(handler);
  throw new TypeError(
    `The adapter's default export is ${describe(handler)}. Write: export default { async fetch(request, env) { … } }`,
  );
}

export default wrap(adapter.default);
