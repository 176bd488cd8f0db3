// A home of the test's own: folders, session bus and an unlocked keyring. Nothing of the person who runs the tests is
// touched.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Folder with the programs under test. */
export const PROGRAMS = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug');

/** The built user interface. */
export const UI = join(ROOT, 'ui/dist');

// The program becomes a child of the bus, so that bus and keyring end with it.
const ON_A_BUS = `printf %s example-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"`;

const VERBOSE = Boolean(process.env.PATCHBAY_TEST_VERBOSE);

/** Every home that is not removed yet. */
const homes = new Set();

// What a home starts has process groups of its own, which a signal to the tests does not reach.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const home of homes) home.abandon();
    process.exit(1);
  });
}

export class Home {
  #children = [];

  constructor(folder) {
    this.folder = folder;
  }

  static async create() {
    // Directly under the temp folder: sockets live in it, and their paths may have 107 bytes only.
    const home = new Home(await mkdtemp(join(tmpdir(), 'pb-home-')));
    homes.add(home);
    await mkdir(join(home.folder, 'run'), { mode: 0o700 });
    return home;
  }

  /**
   * Starts a program on a bus of its own. `stdout` and errors of the program are for the caller; `stderr` may go to a
   * file, and `stdin` be a pipe.
   */
  start(program, args, environment = {}, stderr = VERBOSE ? 'inherit' : 'ignore', stdin = 'ignore') {
    const child = spawn('dbus-run-session', ['--', 'bash', '-c', ON_A_BUS, 'on-a-bus', program, ...args], {
      // A process group of its own, so that bus, program and everything below can be ended together.
      detached: true,
      stdio: [stdin, 'pipe', stderr],
      env: { ...this.#environment(), ...environment },
    });
    this.#children.push(child);
    return child;
  }

  async remove() {
    for (const child of this.#running()) {
      const ended = once(child, 'exit');
      process.kill(-child.pid);
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    homes.delete(this);
  }

  /** Ends everything without waiting for it. */
  abandon() {
    for (const child of this.#running()) process.kill(-child.pid);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  #running() {
    return this.#children.filter(
      ({ exitCode, signalCode, pid }) => exitCode === null && signalCode === null && pid !== undefined,
    );
  }

  #environment() {
    const folder = (name) => join(this.folder, name);
    return {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      HOME: this.folder,
      XDG_DATA_HOME: folder('data'),
      XDG_CONFIG_HOME: folder('config'),
      XDG_CACHE_HOME: folder('cache'),
      XDG_RUNTIME_DIR: folder('run'),
      ...(process.env.PATCHBAY_WORKERD ? { PATCHBAY_WORKERD: process.env.PATCHBAY_WORKERD } : {}),
    };
  }
}

/** Rejects when a program ends although it should run on. */
export async function endOf(child, name) {
  const [reason] = await Promise.race([once(child, 'error'), once(child, 'exit')]);
  const why = reason instanceof Error ? reason.message : `it ended with ${reason}`;
  throw new Error(
    `${name} did not start: ${why}. Run \`make setup-tests\`; PATCHBAY_TEST_VERBOSE=1 shows what it said.`,
  );
}
