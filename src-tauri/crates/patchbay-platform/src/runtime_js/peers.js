// A dispatch namespace as a binding of an adapter: the scripts of its own tenant.

export default function (env) {
  return {
    get(script, _args, _options) {
      if (typeof script !== "string" || script === "") throw new TypeError("A script name must be a non-empty string");
      return {
        fetch: (input, init) =>
          env.PEER.fetch(new Request(new Request(input, init), { cf: { patchbay: { script } } })),
      };
    },
  };
}
