// A small WebDriver client (https://www.w3.org/TR/webdriver2/): only what the window tests need, over plain HTTP.
import { setTimeout as delay } from 'node:timers/promises';

/** Name of the field that carries an element's id (section 12.1). */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Keys that have no character of their own (section 17.4.2). */
export const KEYS = {
  enter: '\uE007',
  control: '\uE009',
  shift: '\uE008',
  home: '\uE011',
  down: '\uE015',
  delete: '\uE017',
};

/** How long a condition may take to hold, in milliseconds. */
const PATIENCE = 30_000;

export class Session {
  #root;

  constructor(root) {
    this.#root = root;
  }

  /** Starts the program and returns once its page is there. A program that ends at start would keep the driver waiting. */
  static async start(driver, options) {
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    const answer = await request('POST', `${driver}/session`, { capabilities }, 60_000);
    return new Session(`${driver}/session/${answer.sessionId}`);
  }

  end() {
    return request('DELETE', this.#root);
  }

  /** Runs a function in the page; what it returns has to be JSON. */
  run(script, ...args) {
    return this.#post('/execute/sync', { script: `return (${script})(...arguments)`, args });
  }

  async screenshot() {
    // WebKit takes the picture with the next frame it paints, and a page at rest paints none.
    await this.run(`() => {
      const speck = document.body.appendChild(document.createElement('i'));
      speck.id = 'paints-frames';
      speck.style.cssText = 'position: fixed; right: 0; bottom: 0; width: 1px; height: 1px';
      let frame = 0;
      speck.dataset.timer = setInterval(() => { speck.style.background = frame++ % 2 ? 'canvas' : 'buttonface'; }, 30);
    }`);
    const picture = await request('GET', `${this.#root}/screenshot`);
    await this.run(`() => {
      const speck = document.getElementById('paints-frames');
      clearInterval(Number(speck.dataset.timer));
      speck.remove();
    }`);
    return Buffer.from(picture, 'base64');
  }

  /** Waits until the page has an element that is on the screen. */
  find(selector) {
    return this.until(`${selector} is there`, async () => {
      const found = await this.#post('/elements', { using: 'css selector', value: selector }).catch(noneWhileRedrawn);
      for (const element of found) {
        const id = element[ELEMENT];
        if (await request('GET', `${this.#root}/element/${id}/displayed`).catch(() => false)) return id;
      }
      return null;
    });
  }

  async click(selector) {
    // Between finding and clicking the page may draw the element anew.
    await this.until(`${selector} can be clicked`, async () => {
      const id = await this.find(selector);
      return this.#post(`/element/${id}/click`, {}).then(
        () => true,
        () => false,
      );
    });
  }

  async type(selector, text) {
    const id = await this.find(selector);
    await this.#post(`/element/${id}/value`, { text });
  }

  /** The text of the first element. */
  text(selector) {
    return this.until(`${selector} has text`, () =>
      this.run('(selector) => document.querySelector(selector)?.innerText', selector),
    );
  }

  /** An attribute of the first element, whether it can be seen or not. */
  attribute(selector, name) {
    return this.run('(selector, name) => document.querySelector(selector)?.getAttribute(name) ?? null', selector, name);
  }

  /** Presses keys where the focus is; a list is one chord, all but its last key held down. */
  async press(...strokes) {
    const actions = strokes.flatMap((stroke) => {
      const chord = Array.isArray(stroke) ? stroke : [...stroke];
      if (!Array.isArray(stroke)) return chord.flatMap((key) => [down(key), up(key)]);
      return [...chord.map(down), ...chord.toReversed().map(up)];
    });
    await this.#post('/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** Polls until something holds; says what did not when time is up. */
  async until(what, condition) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const held = await condition();
      if (held) return held;
      if (Date.now() > end) throw new Error(`Waited ${PATIENCE / 1000} s until ${what}`);
      await delay(50);
    }
  }

  #post(path, body) {
    return request('POST', this.#root + path, body);
  }
}

// An element that the page replaces while the driver looks at it makes the driver refuse the whole search.
function noneWhileRedrawn(error) {
  if (error.code === 'stale element reference') return [];
  throw error;
}

function down(value) {
  return { type: 'keyDown', value };
}

function up(value) {
  return { type: 'keyUp', value };
}

async function request(method, url, body, timeout = 20_000) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(timeout),
  });
  const { value } = await response.json();
  if (!response.ok) {
    throw Object.assign(new Error(`${method} ${url}: ${value.error}: ${value.message}`), { code: value.error });
  }
  return value;
}
