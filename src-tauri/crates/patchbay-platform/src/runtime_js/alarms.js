// Runs where the Durable Objects of a script live: says when a handler of an alarm runs, which no request does, so that
// the process is not let go meanwhile. What is said goes by `fetch()` to `caching.js`, and no further.

const send = globalThis.fetch;
/** Must be what `caching.js` looks for. */
const ALARM = "http://alarm.patchbay.invalid/";

/** The class, with an `alarm` that is told of. */
export function told(Class) {
  if (typeof Class?.prototype?.alarm !== "function") return Class;
  const Told = class extends Class {
    async alarm(info) {
      const id = await (await send(ALARM, { method: "POST" })).text();
      try {
        return await super.alarm(info);
      } finally {
        await send(ALARM + id, { method: "DELETE" });
      }
    }
  };
  return Object.defineProperty(Told, "name", { value: Class.name });
}
