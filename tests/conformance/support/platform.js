// `patchbay start --json` in a home of its own, and raw calls on its API: what a client did is read back past the client.
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endOf, Home, PROGRAMS } from '../../support/home.js';

const PATCHBAY = join(PROGRAMS, 'patchbay');

/** The namespace that the dispatcher of production serves tenants in `eu` from. */
export const SERVED = 'workspace-production-eu';
/** The tenant of every script that a test calls through the dispatcher. */
export const TENANT = 'acme';

export class Platform {
  #home;

  /** `apiRequests` is the option `--api-requests` of `patchbay start`. */
  static async start({ apiRequests } = {}) {
    const platform = new Platform();
    platform.#home = await Home.create();
    try {
      const workspace = ['--workspace', join(platform.#home.folder, 'workspace')];
      await platform.#finished(['tenant', 'add', TENANT, '--region', 'eu', ...workspace]);
      const limit = apiRequests ? ['--api-requests', apiRequests] : [];
      await platform.#start([...workspace, 'start', '--json', '--api-port', '0', '--dispatcher-port', '0', ...limit]);
    } catch (error) {
      await platform.close();
      throw error;
    }
    return platform;
  }

  async #finished(args) {
    const program = this.#home.start(PATCHBAY, args);
    const [code] = await once(program, 'exit');
    if (code !== 0) {
      const what = `patchbay ${args.join(' ')} ended with ${code}`;
      throw new Error(`${what}; PATCHBAY_TEST_VERBOSE=1 shows what it said`);
    }
  }

  async #start(args) {
    this.logFile = join(this.#home.folder, 'log');
    // Everything is logged, so that a test can tell what is not.
    const log = process.env.PATCHBAY_TEST_VERBOSE ? 'inherit' : openSync(this.logFile, 'w', 0o600);
    const program = this.#home.start(PATCHBAY, args, { PATCHBAY_LOG: 'debug' }, log);
    const lines = createInterface({ input: program.stdout });
    const [line] = await Promise.race([once(lines, 'line'), endOf(program, 'patchbay start')]);
    const ready = JSON.parse(line);
    /** Address of the v4 API, as `CLOUDFLARE_API_BASE_URL` wants it. */
    this.apiUrl = ready.api_url;
    this.dispatcherUrl = ready.dispatcher_url;
    this.accountId = ready.account_id;
    this.tokenFile = ready.token_file;
    this.token = (await readFile(ready.token_file, 'utf8')).trim();
    /** Path of the dispatch namespaces below the address. */
    this.namespaces = `/accounts/${ready.account_id}/workers/dispatch/namespaces`;
  }

  /** A raw call below `apiUrl`: its status, headers and decoded envelope. */
  async call(method, path, body) {
    const answer = await fetch(this.apiUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(typeof body === 'string' ? { 'content-type': 'application/json' } : {}),
      },
      body,
    });
    return { status: answer.status, headers: answer.headers, ...(await answer.json()) };
  }

  /** The `result` of a raw read that has to succeed. */
  async read(path) {
    const { status, result, errors } = await this.call('GET', path);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(errors)}`);
    return result;
  }

  /** Uses up the requests of the API until at least `seconds` of the present window are left. */
  async exhaust(seconds) {
    for (;;) {
      const { status, headers } = await this.call('GET', '/user');
      if (status === 429 && Number(headers.get('retry-after')) >= seconds) return;
    }
  }

  async createNamespace(name) {
    const { status, errors } = await this.call('POST', this.namespaces, JSON.stringify({ name }));
    if (status !== 200) throw new Error(`creating ${name} answered ${status}: ${JSON.stringify(errors)}`);
    return name;
  }

  /** Path of a script, and below it. */
  script(namespace, name, below = '') {
    return `${this.namespaces}/${encodeURIComponent(namespace)}/scripts/${encodeURIComponent(name)}${below}`;
  }

  /** Calls an adapter of the tenant through the dispatcher of production. */
  dispatch(adapter, path = '/', init = {}) {
    const headers = { 'x-customer-id': TENANT, 'x-script-id': adapter, ...init.headers };
    return fetch(this.dispatcherUrl + path, { ...init, headers });
  }

  async close() {
    await this.#home.remove();
  }
}
