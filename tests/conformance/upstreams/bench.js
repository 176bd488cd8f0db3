// `patchbay upstream serve` and ways for a client to reach it: nothing but its base URL is changed, or, where a client
// knows one host only, the socket below it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent as HttpsAgent } from 'node:https';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { endOf, PROGRAMS } from '../../support/home.js';

const PATCHBAY = join(PROGRAMS, 'patchbay');

/** Runs `patchbay upstream serve` with options that it has to refuse. */
export const serving = (...options) => promisify(execFile)(PATCHBAY, ['upstream', 'serve', ...options]);

/** Running servers: what a test did not stop ends with the tests. */
const running = new Set();
process.once('exit', () => running.forEach((program) => program.kill()));

export class ServedUpstreams {
  #program;
  #folder;

  /** Each server has a state of its own. Faults are written as for `patchbay upstream serve --fault`. */
  static start(...faults) {
    return ServedUpstreams.startWith(...faults.flatMap((fault) => ['--fault', fault]));
  }

  /** With these options of the command. */
  static async startWith(...options) {
    const served = new ServedUpstreams();
    served.#folder = await mkdtemp(join(tmpdir(), 'pb-upstreams-'));
    served.#program = spawn(PATCHBAY, ['upstream', 'serve', '--json', '--port', '0', ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: served.#folder,
      env: { PATH: process.env.PATH, HOME: served.#folder },
    });
    running.add(served.#program);
    const lines = createInterface({ input: served.#program.stdout });
    const [line] = await Promise.race([once(lines, 'line'), endOf(served.#program, 'patchbay upstream serve')]);
    const { url, hosts } = JSON.parse(line);
    served.url = url;
    served.hosts = hosts;
    return served;
  }

  /** The base URL that stands for `https://host`. */
  base(host) {
    return `${this.url}/${host}`;
  }

  /** For clients that take no path in their base URL: every connection comes here, the `Host` stays as it is. */
  agent() {
    return here(new Agent({ keepAlive: false }), this.url);
  }

  /** The same for clients that insist on `https:`. There is no TLS on the way: the bytes are those of HTTP. */
  httpsAgent() {
    return here(new HttpsAgent({ keepAlive: false }), this.url);
  }

  /** A plain call. */
  fetch(host, path, init) {
    return fetch(this.base(host) + path, init);
  }

  async stop() {
    const ended = once(this.#program, 'exit');
    this.#program.kill();
    await ended;
    running.delete(this.#program);
    await rm(this.#folder, { recursive: true });
  }
}

function here(agent, url) {
  const port = Number(new URL(url).port);
  agent.createConnection = () => connect(port, '127.0.0.1');
  return agent;
}

/** Runs `use` with a server that has these faults, and stops it. */
export async function broken(faults, use) {
  const served = await ServedUpstreams.start(...faults);
  try {
    return await use(served);
  } finally {
    await served.stop();
  }
}

/** What a call that has to fail fails with. */
export async function failure(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call had to fail and did not');
}
