// Runs in a script's isolate before the script's own modules: the Cache API, kept by the platform. The runtime has none for
// scripts that are loaded. What is said here goes by `fetch()`, which leads to `caching.js` and no further; that one knows
// whose caches are meant, so a script that says the same itself reaches its own.

const send = globalThis.fetch;
/** Must be what `caching.js` looks for. */
const CACHE = "http://cache.patchbay.invalid/";
const HEADER = "x-patchbay-cache";
/** Answers with these have no body. */
const EMPTY = [204, 205, 304];

class Kept {
  #name;

  constructor(name) {
    this.#name = name;
  }

  async put(key, response) {
    const { method, url } = new Request(key);
    if (!(response instanceof Response)) throw new TypeError("The second argument of put() must be a Response.");
    const { status, headers, body } = response;
    // What Cloudflare's refuses, too.
    if (method !== "GET") throw new TypeError(`Cannot cache response to non-GET request: ${method}`);
    if (status === 206) throw new TypeError("Cannot cache response to a range request (206 Partial Content).");
    if (headers.get("vary")?.includes("*")) throw new TypeError("Cannot cache response with 'Vary: *' header.");
    await this.#use({ do: "put", url, head: { status, headers: [...headers] } }, body);
  }

  async match(key, { ignoreMethod = false } = {}) {
    const { method, url, headers } = new Request(key);
    if (method !== "GET" && !ignoreMethod) return undefined;
    const asked = ["if-none-match", "if-modified-since", "range"].filter((name) => headers.has(name));
    const wanted = Object.fromEntries(asked.map((name) => [name, headers.get(name)]));
    const found = await this.#use({ do: "match", url, wanted });
    const head = found.headers.get(HEADER);
    if (head === null) return undefined;
    const kept = JSON.parse(head);
    return new Response(EMPTY.includes(kept.status) ? null : found.body, kept);
  }

  async delete(key, { ignoreMethod = false } = {}) {
    const { method, url } = new Request(key);
    if (method !== "GET" && !ignoreMethod) return false;
    return (await this.#use({ do: "delete", url })).status === 204;
  }

  async #use(what, body) {
    const used = { ...what, cache: this.#name };
    const headers = { [HEADER]: ascii(JSON.stringify(used)) };
    const answer = await send(CACHE, { method: "POST", headers, body });
    // 404 and 413 are answers: nothing there, and not kept. Cloudflare tells scripts neither.
    if (answer.ok || answer.status === 404 || answer.status === 413) return answer;
    throw new Error(await answer.text());
  }
}

/** JSON whose letters a header may have. */
function ascii(json) {
  return json.replace(/[^\x20-\x7e]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

Object.setPrototypeOf(Kept.prototype, Cache.prototype);
const shared = new Kept(undefined);
const open = async (name) => new Kept(String(name));
Object.defineProperties(caches, {
  open: { value: open, writable: true, configurable: true },
  default: { value: shared, enumerable: true, configurable: true },
});
