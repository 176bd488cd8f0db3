// Methods whose names are not known before they are called.

/** `own`, with `call(name, given)` in the place of every method that it does not have itself. */
export function forwarding(own, call) {
  return new Proxy(own, {
    get(_own, name) {
      if (typeof name === "symbol" || name in own) return Reflect.get(own, name, own);
      return (...given) => call(name, given);
    },
  });
}
