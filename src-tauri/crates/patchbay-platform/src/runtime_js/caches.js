// Runs in a script's isolate before the script's own modules. The runtime has no cache here. What `caches.open` gives
// keeps nothing, as Cloudflare's keeps nothing on workers.dev, so it is nobody else's either. `caches.default` stays as it
// is without a cache: each use of it throws, because Cloudflare disables it for the scripts of a dispatch namespace.

class Nothing {
  async match() {
    return undefined;
  }

  async put(request, response) {
    const { method } = new Request(request);
    // What Cloudflare's refuses, too.
    if (method !== "GET") throw new TypeError(`Cannot cache response to non-GET request: ${method}`);
    if (response.status === 206) throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
    if (response.headers.get("vary")?.includes("*")) throw new TypeError("Cannot cache response with 'Vary: *' header.");
    await response.arrayBuffer();
  }

  async delete() {
    return false;
  }
}

Object.defineProperty(Object.getPrototypeOf(caches), "open", {
  value: async function open(_name) {
    return new Nothing();
  },
  writable: true,
  configurable: true,
});
