// Modules travel as JSON; bytes stand in it as base64.

export function decoded(code) {
  // A module may be named like a property that every object has.
  const modules = Object.create(null);
  for (const [name, module] of Object.entries(code.modules)) {
    const [[kind, content]] = Object.entries(module);
    modules[name] = { [kind]: kind === "data" || kind === "wasm" ? Uint8Array.fromBase64(content).buffer : content };
  }
  return { ...code, modules };
}
