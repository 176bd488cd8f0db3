// The unmodified wrangler, in a home and a project folder of its own, on the Node that it wants.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { Nowhere } from '../support/nowhere.js';
import { Platform } from '../support/platform.js';
import { Relay } from '../support/relay.js';

const require = createRequire(import.meta.url);
const { version: VERSION } = require('wrangler/package.json');
const WRANGLER = join(dirname(require.resolve('wrangler/package.json')), 'bin/wrangler.js');
// wrangler wants Node 22.12 or newer; the tests themselves run on whatever Node there is.
const NODE = require.resolve(`node-linux-${process.arch}/bin/node`);

/** Longest run of one command. A start-up that never ends is among the tests. */
const PATIENCE_MS = 60_000;

/** A Worker that answers with `text`. */
export function answering(text) {
  return `export default { fetch() { return new Response(${JSON.stringify(text)}); } };\n`;
}

/** A running platform, and wranglers on it. */
export class Bench {
  /** `options` are the platform's. */
  static async open(options) {
    const bench = new Bench();
    [bench.platform, bench.nowhere, bench.folder] = await Promise.all([
      Platform.start(options),
      Nowhere.open(),
      mkdtemp(join(tmpdir(), 'pb-wrangler-')),
    ]);
    bench.relay = await Relay.before(bench.platform.apiUrl);
    return bench;
  }

  /** A project folder with `files`, and `wrangler.json` from `config` unless that is null. */
  async project(config, files = {}) {
    const folder = await mkdtemp(join(this.folder, 'project-'));
    const all = { ...files };
    if (config) {
      all['wrangler.json'] = JSON.stringify({
        main: 'src/index.js',
        compatibility_date: '2026-06-01',
        ...config,
      });
      if (config.main === undefined && !config.assetsOnly) all['src/index.js'] ??= answering('hello');
    }
    for (const [name, content] of Object.entries(all)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    return folder;
  }

  /**
   * Runs `wrangler ARGS` in a project folder and gives its exit status, what it said, and the calls it made.
   * `environment` overrides what the platform's own account would be; `beforeCall` is the relay's, `input` goes to stdin.
   */
  async run(args, { folder, environment = {}, beforeCall, input } = {}) {
    const cwd = folder ?? (await this.project(null));
    const home = await mkdtemp(join(this.folder, 'home-'));
    // wrangler asks the npm registry for its newest version once a day and remembers the answer here.
    await mkdir(join(home, 'update-check'));
    const checked = JSON.stringify({ latest: VERSION, lastUpdate: Date.now() });
    await writeFile(join(home, 'update-check/wrangler-latest.json'), checked);

    const line = this.relay.line(beforeCall);
    const child = spawn(NODE, [WRANGLER, ...args], {
      cwd,
      timeout: PATIENCE_MS,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        LANG: 'C.UTF-8',
        HOME: home,
        TMPDIR: home,
        XDG_CONFIG_HOME: home,
        XDG_CACHE_HOME: home,
        NODE_COMPILE_CACHE: join(this.folder, 'compiled'),
        NO_COLOR: '1',
        WRANGLER_HIDE_BANNER: 'true',
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_SEND_ERROR_REPORTS: 'false',
        // Its local runtime, which profiles a slow start-up, would ask for the place of this machine.
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        ...this.nowhere.environment(),
        CLOUDFLARE_API_BASE_URL: line.url,
        CLOUDFLARE_API_TOKEN: this.platform.token,
        CLOUDFLARE_ACCOUNT_ID: this.platform.accountId,
        ...environment,
      },
    });
    if (input !== undefined) child.stdin.end(input);
    const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code)));
    const [status, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return {
      status,
      output: stripVTControlCharacters(output),
      errors: stripVTControlCharacters(errors),
      /** Everything it said, for messages of assertions. */
      said: `\n${stripVTControlCharacters(output)}\n${stripVTControlCharacters(errors)}`,
      calls: line.calls,
      home,
    };
  }

  /** Deploys a project into a dispatch namespace. */
  async deploy(folder, namespace, args = [], options = {}) {
    return this.run(['deploy', '--dispatch-namespace', namespace, ...args], { folder, ...options });
  }

  async close() {
    await Promise.all([this.relay?.close(), this.nowhere?.close(), this.platform?.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
