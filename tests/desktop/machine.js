// A machine for one window: home, X server, WebDriver.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endOf, Home, PROGRAMS } from '../support/home.js';
import { Session } from './webdriver.js';

/** How long a server may take to answer for the first time, in milliseconds. */
const STARTUP = 15_000;

export class Machine {
  #home;
  #display;
  #address;
  #session = null;

  static async start() {
    const machine = new Machine();
    machine.#home = await Home.create();
    await machine.#startDriver(await machine.#startDisplay());
    return machine;
  }

  /** Starts the desktop program and gives its window. */
  async open(...args) {
    this.#session = await Session.start(this.#address, { binary: join(PROGRAMS, 'patchbay-desktop'), args });
    return this.#session;
  }

  /** Ends everything that was started. The session first: a driver that is killed leaves its program running. */
  async stop() {
    await this.#session?.end().catch(() => {});
    await this.#home.remove();
    this.#display?.kill();
  }

  async #startDisplay() {
    // The server chooses a free number and writes it to the descriptor once it accepts connections.
    this.#display = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const number = await Promise.race([once(this.#display.stdio[3], 'data'), endOf(this.#display, 'Xvfb')]);
    return `:${String(number).trim()}`;
  }

  async #startDriver(display) {
    const port = await freePort();
    this.#address = `http://127.0.0.1:${port}`;
    const driver = this.#home.start('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
      DISPLAY: display,
      GDK_BACKEND: 'x11',
      // What Tauri's own driver sets: the webview lets itself be driven.
      TAURI_AUTOMATION: 'true',
      TAURI_WEBVIEW_AUTOMATION: 'true',
    });
    const failed = endOf(driver, 'WebKitWebDriver').catch((error) => error);
    const end = Date.now() + STARTUP;
    for (;;) {
      const ready = await Promise.race([failed, fetch(`${this.#address}/status`).catch(() => null)]);
      if (ready instanceof Error) throw ready;
      if (ready?.ok) return;
      if (Date.now() > end) throw new Error('WebKitWebDriver did not answer');
      await delay(50);
    }
  }
}

/** Processes whose parent is `parent`, by name. */
export async function childrenOf(parent) {
  const children = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
    if (status.match(/^PPid:\s+(\d+)$/m)?.[1] === String(parent)) {
      children.push({ pid: Number(entry), name: status.match(/^Name:\s+(.*)$/m)?.[1] ?? '' });
    }
  }
  return children;
}

/** Whether a process is there and not just waiting to be buried. */
export async function isAlive(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  return status !== null && !/^State:\s+Z/m.test(status);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
