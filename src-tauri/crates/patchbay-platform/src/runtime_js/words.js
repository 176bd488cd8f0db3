// What is said in more than one module.

/** The words of Cloudflare's namespaces, as `namespace.js` says them when a script is not there from the start. */
export function notFound(script) {
  return `Worker not found: ${script}`;
}
