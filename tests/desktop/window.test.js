// The real window on a display of its own, driven as a person would: from the first run to a green replay.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { childrenOf, isAlive, Machine } from './machine.js';
import { KEYS } from './webdriver.js';

const OUTPUT = join(import.meta.dirname, 'output');
const ADAPTER = '[data-testid=adapter-customer-a-slack-to-notion]';
const SUMMARY = '[data-testid=problem-summary]';

/** Made of parts, so that no scanner takes it for a real one. */
const TOKEN = ['ntn', 'exampleexampleexampleexample'].join('_');

let machine;
let window;

before(async () => {
  await mkdir(OUTPUT, { recursive: true });
  machine = await Machine.start();
  window = await machine.open();
});

after(() => machine?.stop());

let earlierFailure = false;

/** One step of the way. The steps build on each other, so none is tried after one that failed. */
function step(name, body) {
  test(name, async () => {
    assert.ok(!earlierFailure, 'an earlier step failed');
    try {
      await body();
    } catch (error) {
      earlierFailure = true;
      await picture('failure').catch(() => {});
      throw error;
    }
  });
}

async function picture(name) {
  await writeFile(join(OUTPUT, `${name}.png`), await window.screenshot());
}

function testId(name) {
  return `[data-testid=${name}]`;
}

/** Waits until the check has run on what is in the editor and found so many errors. */
async function untilErrors(expected) {
  await window.until(`the check finds ${expected} errors`, async () => {
    const checked = await window.attribute(SUMMARY, 'data-checked');
    const errors = Number(await window.attribute(SUMMARY, 'data-errors'));
    return checked === 'true' && (expected === 'some' ? errors > 0 : errors === expected);
  });
}

async function publish() {
  await window.click(testId('tab-publish'));
  await window.click(testId('publish-start'));
  await window.find(testId('publish-outcome'));
  return window.attribute(testId('publish-outcome'), 'data-good');
}

step('the first run offers the demo workspace, and one click makes it', async () => {
  await window.find(testId('first-run'));
  await picture('first-run');
  await window.click(testId('create-demo'));
  await window.find(testId('home'));
  assert.equal(await window.text(testId('status-target')), 'LOCAL');
  await picture('home');
});

step('an adapter opens in the editor without problems', async () => {
  await window.click(ADAPTER);
  await window.find('.monaco-editor .view-line');
  await untilErrors(0);
  assert.equal(await window.text(testId('status-region')), 'EU');
});

step('an error that is typed gets a marker, and a publish stops at it', async () => {
  await window.click('.monaco-editor .view-line');
  await window.press([KEYS.control, KEYS.home], 'const broken = ;', KEYS.enter);
  await untilErrors('some');
  await window.find('.monaco-editor .squiggly-error');
  await window.find('[data-testid=problems] [data-severity=error]');
  await picture('error');
  assert.equal(await publish(), 'false');
  assert.equal(await window.attribute('[data-testid=publish] [data-testid=error]', 'data-code'), 'lint.errors');
});

step('the error goes away with its cause, and the file is saved', async () => {
  await window.click('.monaco-editor .view-line');
  await window.press([KEYS.control, KEYS.home], [KEYS.shift, KEYS.down], KEYS.delete);
  await untilErrors(0);
  await window.press([KEYS.control, 's']);
  await window.until(
    'the file is saved',
    async () => (await window.attribute(testId('authoring'), 'data-unsaved')) === '0',
  );
});

step('a secret goes in and does not come back', async () => {
  await window.click(testId('tab-bindings'));
  const binding = '[data-testid=binding-NOTION_TOKEN]';
  await window.type(`${binding} [data-testid=secret-value]`, TOKEN + KEYS.enter);
  await window.until('the secret is set', () =>
    window.run('() => document.querySelector("[data-testid=secret-done]").textContent === "NOTION_TOKEN is set"'),
  );
  assert.equal(await window.text(`${binding} [data-testid=binding-state]`), 'Set');
  const page = await window.run(
    '() => document.documentElement.outerHTML + [...document.querySelectorAll("input")].map((input) => input.value)',
  );
  assert.ok(!page.includes(TOKEN), 'the value stays nowhere in the page');
  await picture('bindings');
});

step('a publish goes live step by step', async () => {
  assert.equal(await publish(), 'true');
  const states = await window.run(
    '() => [...document.querySelectorAll("[data-step]")].map((step) => step.dataset.state)',
  );
  assert.deepEqual(states, Array(7).fill('done'));
  await picture('publish');
});

step('a replay goes through the dispatcher and shows its trace', async () => {
  await window.click(testId('tab-replay'));
  await window.click(`${testId('sample')} option[value=message]`);
  await window.click(testId('replay-run'));
  await window.find(testId('trace'));
  await picture('replay');
  assert.equal(await window.attribute(testId('trace'), 'data-status'), '200');
  assert.equal(await window.attribute(testId('trace'), 'data-as-expected'), 'true');
  await window.find('[data-testid=waterfall] [data-kind=outbound]');
  const page = await window.run('() => document.body.innerText');
  assert.ok(!page.includes(TOKEN), 'the token that the adapter sent is not in its trace');
});

step('closing the window ends every process it started', async () => {
  await window.click(testId('go-platform'));
  await window.find('[data-testid=platform] dl');
  const pid = await window.run('() => [...document.querySelectorAll("[data-testid=platform] dd")].at(-1).textContent');
  const runtimes = (await childrenOf(pid)).filter(({ name }) => name.includes('worker'));
  assert.ok(runtimes.length >= 2, 'the dispatcher and the tenant run in processes of their own');
  // The window goes away while it answers, so the answer may not arrive.
  await window
    .run('() => { window.__TAURI_INTERNALS__.invoke("plugin:window|destroy", { label: "main" }) }')
    .catch(() => {});
  for (const process of [{ pid }, ...runtimes]) {
    await window.until(`process ${process.pid} has ended`, async () => !(await isAlive(process.pid)));
  }
});
