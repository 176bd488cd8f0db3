// A running platform with the official npm client on it, and the calls that this client makes.
import Cloudflare, { toFile } from 'cloudflare';
import { Platform } from '../support/platform.js';
import { Relay } from '../support/relay.js';

/** A Worker that answers with what `env` holds. */
export const ENVIRONMENT = 'export default { fetch: (request, env) => Response.json(env) };\n';

export class Bench {
  /** `options` are the platform's. */
  static async open(options) {
    const bench = new Bench();
    bench.platform = await Platform.start(options);
    bench.relay = await Relay.before(bench.platform.apiUrl);
    bench.line = bench.relay.line();
    bench.client = bench.connect(bench.line.url);
    /** What the operations are called on. */
    bench.namespaces = bench.client.workersForPlatforms.dispatch.namespaces;
    /** The parameter that every operation takes. */
    bench.account = { account_id: bench.platform.accountId };
    return bench;
  }

  connect(baseURL, options = {}) {
    return new Cloudflare({ apiToken: this.platform.token, baseURL, ...options });
  }

  /** Uploads ES modules, given as `{ name: content }`, whose first one is the entry. */
  async upload(namespace, script, modules, metadata = {}, client = this.client) {
    const files = Object.entries(modules).map(([name, content]) =>
      toFile(Buffer.from(content), name, { type: moduleType(name) }),
    );
    return client.workersForPlatforms.dispatch.namespaces.scripts.update(namespace, script, {
      ...this.account,
      metadata: { main_module: Object.keys(modules)[0], compatibility_date: '2026-06-01', ...metadata },
      files: await Promise.all(files),
    });
  }

  async close() {
    await this.relay?.close();
    await this.platform?.close();
  }
}

function moduleType(name) {
  if (name.endsWith('.txt')) return 'text/plain';
  if (name.endsWith('.bin')) return 'application/octet-stream';
  return 'application/javascript+module';
}

/** Everything of a paged answer. */
export async function all(pages) {
  const entries = [];
  for await (const entry of pages) entries.push(entry);
  return entries;
}
