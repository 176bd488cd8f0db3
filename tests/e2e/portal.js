// The interface in a browser over `patchbay bridge`: the same commands as in the window, without the window.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endOf, Home, PROGRAMS, UI } from '../support/home.js';
import { launched, OUTPUT, seriousIn } from './browser.js';

export class Portal {
  #home;
  #browser;

  static async open({ theme = 'light', workspace } = {}) {
    await mkdir(OUTPUT, { recursive: true });
    const portal = new Portal();
    portal.#home = await Home.create();
    portal.home = portal.#home.folder;
    const args = ['bridge', '--json', '--ui', UI, ...(workspace ? ['--workspace', workspace] : [])];
    const bridge = portal.#home.start(join(PROGRAMS, 'patchbay'), args);
    const lines = createInterface({ input: bridge.stdout });
    const [line] = await Promise.race([once(lines, 'line'), endOf(bridge, 'patchbay bridge')]);
    portal.url = JSON.parse(line).url;

    portal.#browser = await launched();
    portal.page = await portal.#browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: theme });
    portal.page.setDefaultTimeout(15_000);
    /** Everything that went wrong in the page without a test noticing, content policy violations among it. */
    portal.complaints = [];
    portal.page.on('pageerror', (error) => portal.complaints.push(String(error)));
    portal.page.on('console', (message) => {
      // The browser itself reports every refused command; the page shows those.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        portal.complaints.push(message.text());
      }
    });
    await portal.page.goto(portal.url);
    return portal;
  }

  /** Finds by `data-testid`. */
  get(name) {
    return this.page.getByTestId(name);
  }

  async close() {
    await this.#browser?.close();
    await this.#home.remove();
  }

  async picture(name) {
    await this.page.screenshot({ path: join(OUTPUT, `${name}.png`) });
  }

  /** Takes a picture of the screen and lets axe look at it. Monaco's insides are Monaco's. */
  async look(name) {
    await this.picture(name);
    const grave = await seriousIn(this.page, [['.monaco-editor']]);
    assert.deepEqual(grave, [], `axe finds nothing serious on ${name}`);
  }

  async createDemo() {
    await this.get('create-demo').click();
    await this.get('home').waitFor();
  }

  async openAdapter(tenant = 'customer-a', adapter = 'slack-to-notion') {
    await this.get(`adapter-${tenant}-${adapter}`).click();
    await this.page.locator('.monaco-editor .view-line').first().waitFor();
    await this.untilChecked();
  }

  /** Waits for the check of what is in the editor; `errors` is a number or a condition. */
  async untilChecked(errors = 0) {
    const expected = typeof errors === 'number' ? `[data-errors="${errors}"]` : ':not([data-errors="0"])';
    await this.page.locator(`[data-testid=problem-summary][data-checked=true]${expected}`).waitFor();
  }

  /** Types at the very start of the file on the screen. */
  async typeAtStart(text) {
    await this.page.locator('.monaco-editor .view-line').first().click();
    await this.page.keyboard.press('ControlOrMeta+Home');
    await this.page.keyboard.type(text);
  }

  async setSecret(name, value) {
    await this.get('tab-bindings').click();
    const binding = this.get(`binding-${name}`);
    await binding.getByTestId('secret-value').fill(value);
    await binding.getByTestId('secret-set').click();
    await this.page.getByText(`${name} is set`).waitFor({ state: 'attached' });
  }

  /** Publishes and gives the outcome: whether it is good, and the code of the error if it is not. */
  async publish() {
    await this.get('tab-publish').click();
    await this.get('publish-start').click();
    const outcome = this.get('publish-outcome');
    await outcome.waitFor();
    const error = this.get('publish').getByTestId('error');
    return {
      good: (await outcome.getAttribute('data-good')) === 'true',
      code: (await error.count()) > 0 ? await error.getAttribute('data-code') : null,
      text: await outcome.innerText(),
    };
  }

  async replay(sample) {
    await this.get('tab-replay').click();
    await this.get('sample').selectOption(sample);
    // The trace before it stays on the screen until there is a new one.
    const trace = this.page.locator('[data-testid=trace]');
    const before = (await trace.count()) > 0 ? await trace.getAttribute('data-delivery') : '';
    await this.get('replay-run').click();
    await this.page.locator(`[data-testid=trace]:not([data-delivery="${before}"])`).waitFor();
    return {
      status: Number(await this.get('trace').getAttribute('data-status')),
      asExpected: await this.get('trace').getAttribute('data-as-expected'),
    };
  }
}
