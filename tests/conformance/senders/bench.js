// The running program with one adapter a provider and every sample of the catalogue in it: what it signs goes to the
// provider's own library, and what the library signs goes back to it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer, text } from 'node:stream/consumers';
import { endOf, Home, PROGRAMS, UI } from '../../support/home.js';

const PATCHBAY = join(PROGRAMS, 'patchbay');
/** The samples that come with the program. */
export const CATALOGUE = join(import.meta.dirname, '../../../src-tauri/crates/patchbay-webhooks/samples');
const TENANT = 'acme';
const SECRET = 'SIGNING_SECRET';

/** Where the webhooks go: providers that sign the URL sign this one. */
export const ENDPOINT = 'https://hooks.example.com';

const base64 = (text) => Buffer.from(text).toString('base64');

/** The signing secret of each provider's adapter, in the form in which the provider hands it out. */
export const SECRETS = {
  slack: 'example-slack-signing-secret',
  teams: base64('example-teams-security-token-32b'),
  stripe: 'whsec_example-stripe-endpoint',
  paypal: 'EXAMPLE0WEBHOOK0ID',
  github: 'example-github-webhook-secret',
  pagerduty: 'example-pagerduty-webhook-secret',
  hubspot: 'example-hubspot-client-secret',
  'standard-webhooks': `whsec_${base64('example-secret-not-real!')}`,
};

/** The names of a provider's samples. */
export function samplesOf(provider) {
  const files = readdirSync(join(CATALOGUE, provider));
  return files.map((name) => name.replace(/\.json$/, '')).sort();
}

export class Senders {
  #home;
  #workspace;

  /**
   * `adapters` are by name: a signing secret, whose adapter has the name of its provider, or `{ provider, secret, settings }`
   * with the table `[provider_settings]`.
   */
  static async open(adapters = SECRETS) {
    const senders = new Senders();
    senders.#home = await Home.create();
    const given = ([name, of]) => ({ name, ...(typeof of === 'string' ? { provider: name, secret: of } : of) });
    try {
      await senders.#start(Object.entries(adapters).map(given));
    } catch (error) {
      await senders.close();
      throw error;
    }
    return senders;
  }

  async #start(adapters) {
    this.#workspace = ['--workspace', join(this.#home.folder, 'workspace')];
    const { code } = await this.run(['tenant', 'add', TENANT, '--region', 'eu']);
    assert.equal(code, 0, 'the tenant was added');
    for (const adapter of adapters) await this.#addAdapter(adapter);
    const bridge = this.#home.start(PATCHBAY, ['bridge', '--json', '--ui', UI, ...this.#workspace]);
    const lines = createInterface({ input: bridge.stdout });
    const [line] = await Promise.race([once(lines, 'line'), endOf(bridge, 'patchbay bridge')]);
    this.url = JSON.parse(line).url;
    const page = await (await fetch(this.url)).text();
    this.token = /name="patchbay-bridge-token" content="([0-9a-f]+)"/.exec(page)[1];
    for (const { name, secret } of adapters) {
      await this.call('secret_set', { tenant: TENANT, adapter: name, name: SECRET, value: secret });
    }
  }

  async #addAdapter({ name, provider, settings = {} }) {
    const folder = join(this.#workspace[1], 'tenants', TENANT, 'adapters', name);
    await mkdir(join(folder, 'samples'), { recursive: true });
    await mkdir(join(folder, 'src'));
    await writeFile(
      join(folder, 'adapter.toml'),
      [
        `provider = "${provider}"`,
        `signing_secret = "${SECRET}"`,
        'compatibility_date = "2026-11-01"',
        '[provider_settings]',
        ...Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
        `[[bindings]]\nname = "${SECRET}"\nkind = "secret_text"\n`,
      ].join('\n'),
    );
    await writeFile(join(folder, 'src/adapter.ts'), 'export default { fetch: () => new Response() };\n');
    for (const file of await readdir(join(CATALOGUE, provider))) {
      // The settings in a sample of the catalogue are for whoever makes an adapter for it.
      const { provider_settings: _, ...sample } = JSON.parse(await readFile(join(CATALOGUE, provider, file), 'utf8'));
      await writeFile(join(folder, 'samples', file), JSON.stringify(sample));
    }
  }

  /** Runs the command line in the workspace, with `input` on its stdin: exit code, stdout, and stderr as text. */
  async run(args, input) {
    const program = this.#home.start(PATCHBAY, [...args, ...this.#workspace], {}, 'pipe', input ? 'pipe' : 'ignore');
    if (input) program.stdin.end(input);
    const [output, errors, [code]] = await Promise.all([
      buffer(program.stdout),
      text(program.stderr),
      once(program, 'exit'),
    ]);
    return { code, output, errors };
  }

  /** One command of the window. */
  async call(command, request) {
    const answer = await fetch(`${this.url}rpc/${command}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}` },
      body: JSON.stringify(request),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${command}: ${JSON.stringify(body.error)}`);
    return body;
  }

  /** A sample as the provider would send it now. */
  async sign(adapter, sample) {
    const place = { tenant: TENANT, adapter, environment: 'production', url: ENDPOINT };
    const { request, ...facts } = await this.call('sample_sign', { ...place, sample });
    return { sample, request: Request.read(request), ...facts };
  }

  /** These samples, signed now. */
  async signAll(adapter, samples) {
    const signed = [];
    for (const sample of samples) signed.push(await this.sign(adapter, sample));
    return signed;
  }

  /** Whether we take a request for one of the adapter's provider. */
  async accepts(adapter, request) {
    const place = { tenant: TENANT, adapter, environment: 'production' };
    return (await this.call('sample_verify', { ...place, request: request.write() })).accepted;
  }

  close() {
    return this.#home.remove();
  }
}

/** A webhook request; names of headers are in lower case. */
export class Request {
  constructor({ method = 'POST', url = `${ENDPOINT}/`, headers, body }) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = Buffer.from(body);
  }

  static read({ method, url, headers, body_base64 }) {
    const named = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
    return new Request({ method, url, headers: named, body: Buffer.from(body_base64, 'base64') });
  }

  write() {
    const { method, url, headers, body } = this;
    return { method, url, headers: Object.entries(headers), body_base64: body.toString('base64') };
  }

  get text() {
    return this.body.toString('utf8');
  }

  /** The same with another body. */
  withBody(body) {
    return new Request({ ...this, body });
  }

  /** The same with one byte of the body changed, somewhere in its middle. */
  tampered() {
    const body = Buffer.from(this.body);
    const at = Math.floor(body.length / 2);
    body[at] = body[at] === 0x31 ? 0x32 : 0x31;
    return this.withBody(body);
  }
}
