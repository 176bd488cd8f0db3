// The replay workbench over the bridge: runs, faults, drafts, comparisons, load, resilience, and what is kept of them.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test as nodeTest } from 'node:test';
import { Portal } from './portal.js';

const ADAPTER = 'data/patchbay/demo-workspace/tenants/customer-a/adapters/slack-to-notion';

let portal;

before(async () => {
  portal = await Portal.open();
  await portal.createDemo();
  await portal.openAdapter();
  const { good, text } = await portal.publish();
  assert.ok(good, text);
  await portal.get('tab-replay').click();
});

after(async () => {
  await portal?.close();
});

/** A test that leaves a picture when it fails. */
function test(name, body) {
  nodeTest(name, async () => {
    try {
      await body();
    } catch (error) {
      await portal.picture(`failure-${name.replace(/\W+/g, '-').slice(0, 60)}`);
      throw error;
    }
  });
}

const run = () => portal.page.locator('[data-testid=run][data-done=true]');
const trace = () => portal.get('trace');

/** Replays what is chosen and waits for the end of the run. */
async function replay() {
  await portal.get('replay-run').click();
  await portal.page.locator('[data-testid=run][data-done=false]').waitFor({ state: 'detached' });
  await run().waitFor();
}

/** Sets one fault and nothing else. */
async function breakUpstream({ upstream, kind }) {
  await portal.get('breaks').locator('summary').first().click();
  await portal.get('fault-upstream').selectOption(upstream);
  await portal.get('fault-kind').selectOption(kind);
  await portal.get('fault-add').click();
}

test('a request is shown as a tree that the keyboard folds, as headers and as it was sent', async () => {
  await portal.replay('message');
  await portal.get('tab-request').click();
  const tree = portal.get('trace-request').getByTestId('json');
  const rows = tree.getByRole('treeitem');
  const before = await rows.count();
  await rows.first().focus();
  await portal.page.keyboard.press('ArrowLeft');
  assert.equal(await rows.count(), 1, 'the whole document is folded');
  await portal.page.keyboard.press('ArrowRight');
  await portal.page.keyboard.press('End');
  assert.equal(await rows.count(), before);
  assert.ok(await rows.last().evaluate((row) => row === document.activeElement));
  await portal.get('tab-headers').click();
  await portal.get('headers').getByText('x-slack-signature', { exact: false }).first().waitFor();
  await portal.get('tab-raw').click();
  const raw = await portal.get('trace-request').getByTestId('body').innerText();
  assert.equal(JSON.parse(raw).type, 'event_callback');
});

test('a step of the waterfall shows what happened there', async () => {
  await portal.get('tab-trace').click();
  const rows = portal.get('waterfall').getByRole('treeitem');
  await rows.first().focus();
  await portal.page.keyboard.press('End');
  await portal.get('span-detail').getByText('https://api.notion.com/v1/pages', { exact: false }).first().waitFor();
  assert.equal(await portal.get('waterfall').locator('[aria-selected=true]').getAttribute('data-kind'), 'outbound');
});

test('all samples are replayed in one run, and each of its deliveries can be looked at', async () => {
  await portal.get('sample').selectOption(':all');
  const samples = await portal.get('sample').locator('optgroup').first().locator('option').count();
  await replay();
  const rows = portal.get('run-deliveries').getByRole('button');
  assert.equal(await rows.count(), samples);
  const shown = await trace().getAttribute('data-delivery');
  await rows.last().click();
  await portal.page.locator(`[data-testid=trace]:not([data-delivery="${shown}"])`).waitFor();
});

test('a 429 of the upstream is seen in the trace, with the call that follows it', async () => {
  await portal.get('sample').selectOption('message');
  await breakUpstream({ upstream: 'notion', kind: '429' });
  assert.equal(await portal.get('faults').innerText(), 'notion:429:retry-after=1');
  await portal.get('faults').getByRole('button').click();
  await portal.get('fault-calls').selectOption('number');
  await portal.get('fault-add').click();
  assert.equal(await portal.get('faults').innerText(), 'notion#1:429:retry-after=1');
  await replay();
  await portal.get('tab-outbound').click();
  const statuses = portal.get('trace-outbound').locator('summary strong');
  await statuses.first().waitFor();
  const [first, second] = await statuses.allInnerTexts();
  assert.deepEqual([first, second], ['429', '200'], 'the adapter waits as long as it is told to and tries again');
  assert.equal(await trace().getAttribute('data-status'), '200');
  await portal.get('faults').getByRole('button').click();
  await portal.get('breaks').locator('summary').first().click();
  await portal.get('tab-trace').click();
});

test('an adapter is tried as a draft, beside the live version that stays as it is', async () => {
  const file = join(portal.home, ADAPTER, 'src/adapter.ts');
  const good = await readFile(file, 'utf8');
  await writeFile(file, 'export default {\n  fetch() {\n    throw new RangeError("only in the draft");\n  },\n};\n');
  await portal.get('against').selectOption('draft');
  await replay();
  await portal.page.locator('[data-testid=trace][data-status="500"]').waitFor();
  await portal.get('exceptions').getByText('only in the draft').first().waitFor();
  await portal.get('exceptions').getByRole('button', { name: 'src/adapter.ts:3' }).first().click();
  await portal.page.locator('.monaco-editor .focused, .monaco-editor.focused').first().waitFor();
  await writeFile(file, good);
  await portal.get('against').selectOption('live');
  await replay();
  await portal.page.locator('[data-testid=trace][data-status="200"]').waitFor();
});

test('a sender that repeats itself is played, and each delivery says what its sender did', async () => {
  await portal.get('breaks').locator('summary').first().click();
  await portal.get('sender-duplicate').check();
  await replay();
  const rows = portal.get('run-deliveries').getByRole('button');
  assert.equal(await rows.count(), 2);
  await rows.filter({ hasText: 'duplicate' }).first().waitFor();
  await portal.get('sender-duplicate').uncheck();
  await portal.get('breaks').locator('summary').first().click();
});

test('the draft is compared with what is live, change by change and side by side', async () => {
  const file = join(portal.home, ADAPTER, 'src/adapter.ts');
  const good = await readFile(file, 'utf8');
  await writeFile(file, 'export default {\n  fetch() {\n    return { answered: "by the draft" };\n  },\n};\n');
  await portal.get('tab-compare').click();
  await portal.get('compare-webhooks').selectOption('samples');
  await portal.get('compare-start').click();
  await portal.page.locator('[data-testid=comparison][data-differs=true]').waitFor();
  await portal.get('changes').first().getByText('answer', { exact: false }).first().waitFor();
  await portal.get('diff').locator('.modified .view-line', { hasText: 'by the draft' }).first().waitFor();
  await writeFile(file, good);
  await portal.get('compare-start').click();
  await portal.page.locator('[data-testid=comparison][data-differs=false]').waitFor();
});

test('what is expected of a sample is written after a look at the change', async () => {
  const file = join(portal.home, ADAPTER, 'expect/message.json');
  const good = await readFile(file, 'utf8');
  await writeFile(file, good.replace('200', '201'));
  await portal.get('tab-run').click();
  await portal.replay('message');
  assert.equal(await trace().getAttribute('data-as-expected'), 'false');
  await portal.get('expect').click();
  await portal.get('expectation-diff').getByText('-', { exact: false }).first().waitFor();
  assert.ok((await readFile(file, 'utf8')).includes('201'), 'nothing is written before somebody says so');
  await portal.get('expectation-write').click();
  await portal.get('expectation-written').waitFor();
  assert.equal((await portal.replay('message')).asExpected, 'true');
  await writeFile(file, good);
});

test('a run is saved as a report, without the token', async () => {
  await portal.get('sample').selectOption(':all');
  await replay();
  await portal.get('export-run').click();
  const file = join(portal.home, 'report.html');
  await portal.get('export-file').fill('/no/such/folder/report.html');
  await portal.get('export-save').click();
  assert.equal(await portal.get('error').getAttribute('data-code'), 'replay.export');
  await portal.get('export-file').fill(file);
  await portal.get('export-save').click();
  assert.ok((await portal.get('export-saved').innerText()).includes(file));
  const report = await readFile(file, 'utf8');
  assert.ok(report.startsWith('<!') && report.includes('slack-to-notion'));
  // The demo's token is drawn anew each time; this is how it begins.
  assert.ok(!/ntn_[0-9A-Za-z]/.test(report));
  await portal.page.keyboard.press('Escape');
  await portal.get('sample').selectOption('message');
  await portal.get('tab-compare').click();
});

test('two runs are compared', async () => {
  await portal.get('compare-what').selectOption(':runs');
  await portal.get('compare-start').click();
  await portal.get('comparison').waitFor();
});

test('the editor still finds text after comparisons', async () => {
  await portal.page.locator('[data-testid=editor] .view-line').first().click();
  await portal.page.keyboard.press('ControlOrMeta+f');
  await portal.page.locator('[data-testid=editor] .find-widget.visible').waitFor();
  await portal.page.keyboard.press('Escape');
});

test('a load run draws its figures, and the next one stands beside it', async () => {
  await portal.get('tab-load').click();
  // It calls no upstream, whose limits would make themselves felt.
  await portal.get('load-sample').selectOption('url-verification');
  await portal.get('load-count').fill('200');
  await portal.get('load-concurrency').fill('4');
  await portal.get('load-start').click();
  await portal.page.locator('[data-testid=load-result][data-sent="200"][data-failed="0"]').waitFor();
  await portal.get('load').getByRole('img', { name: 'Histogram' }).locator('canvas').waitFor();
  await portal.get('load-start').click();
  await portal.get('load-result').getByRole('columnheader', { name: 'Last run' }).waitFor();
});

test('a load run that is stopped says what it came to', async () => {
  await portal.get('load-count').fill('1000000');
  await portal.get('load-start').click();
  await portal.page.locator('[data-testid=load-progress]:not([data-ended="0"])').waitFor();
  await portal.get('load-cancel').click();
  await portal.page.locator('[data-testid=load-result][data-partial=true]').waitFor();
});

test('a resilience report tells what is lost and what is there twice', async () => {
  await portal.get('tab-resilience').click();
  await portal.get('resilience-message').check();
  await portal.get('resilience-start').click();
  const report = portal.get('resilience-report');
  await report.waitFor({ timeout: 120_000 });
  assert.ok(Number(await report.getAttribute('data-trials')) > 10, 'every call is broken in several ways');
  await portal.get('trials').locator('tbody button').first().click();
  await trace().waitFor();
});

test('deliveries are found by status, words and event, and lead back to their adapter', async () => {
  await portal.get('all-deliveries').click();
  const list = portal.get('deliveries').getByRole('listbox');
  await list.getByRole('option').first().waitFor();
  assert.equal(await portal.get('history-tenant').inputValue(), 'customer-a', 'it is about the adapter on the screen');
  const all = Number(await list.getAttribute('data-rows'));
  await portal.get('history-status').selectOption('5xx');
  await portal.page.waitForFunction(
    (count) => Number(document.querySelector('[role=listbox]')?.dataset.rows) < count,
    all,
  );
  await portal.get('history-text').fill('only in the draft');
  await portal.page.waitForFunction(() => document.querySelector('[role=listbox]')?.dataset.rows === '1');
  await list.getByRole('option').first().click();
  await portal.page.locator('[data-testid=trace][data-status="500"]').waitFor();
  await portal.get('exceptions').getByRole('button', { name: 'src/adapter.ts:3' }).first().click();
  await portal.page.locator('[data-testid=editor] .view-line').first().waitFor();

  await portal.get('go-deliveries').click();
  await portal.get('history-reset').click();
  await portal.get('history-text').fill('finished');
  await portal.page.locator('[data-testid=history-count][data-searching=false]').waitFor();
  await list.getByRole('option').first().click();
  await portal.get('tab-request').click();
  await portal.get('trace-request').getByText('finished').first().waitFor();
  const event = await portal
    .get('trace-request')
    .getByText(/"Ev[\w-]+"/)
    .first()
    .innerText();
  await portal.get('history-reset').click();
  await portal.get('history-event').fill(event.replaceAll('"', ''));
  await portal.page.waitForFunction(
    (wanted) => {
      const rows = [...document.querySelectorAll('[role=listbox] [data-delivery]')];
      return rows.length > 0 && rows.every((row) => row.dataset.event === wanted);
    },
    event.replaceAll('"', ''),
  );
  await portal.get('history-text').fill('nothing-has-these-words');
  await portal.get('deliveries').getByText('No delivery meets these conditions.').waitFor();
  await portal.get('history-reset').click();
});

test('a delivery of the history is replayed on its adapter’s screen', async () => {
  const list = portal.get('deliveries').getByRole('listbox');
  await list.getByRole('option').first().click();
  await trace().waitFor();
  await portal.get('replay-again').click();
  await run().waitFor();
  await portal.get('replay').getByText('delivery ', { exact: false }).first().waitFor();
  await portal.get('go-deliveries').click();
});

test('the list is a list for the keyboard', async () => {
  const list = portal.get('deliveries').getByRole('listbox');
  await list.focus();
  await portal.page.keyboard.press('Home');
  await portal.page.keyboard.press('ArrowDown');
  await portal.page.keyboard.press('Enter');
  const second = list.locator('[aria-posinset="2"]');
  assert.equal(await second.getAttribute('aria-selected'), 'true');
  const id = await second.locator('[data-delivery]').getAttribute('data-delivery');
  await portal.page.locator(`[data-testid=trace][data-delivery="${id}"]`).waitFor();
});

test('a webhook from outside appears in the open list', async () => {
  await portal.get('go-platform').click();
  const dispatcher = await portal.get('platform').locator('dd', { hasText: 'http://127.0.0.1' }).last().innerText();
  await portal.get('go-deliveries').click();
  const response = await fetch(dispatcher, {
    method: 'POST',
    headers: { 'x-customer-id': 'customer-a', 'x-script-id': 'slack-to-notion', 'content-type': 'application/json' },
    body: JSON.stringify({ hello: 'from outside' }),
  });
  await response.arrayBuffer();
  await portal.get('deliveries').locator('[data-origin=inbox]').first().waitFor();
});

// What the history itself takes for a million deliveries is measured where it is; here its pages are made up.
test('a hundred thousand deliveries scroll as lightly as five hundred', async () => {
  const all = 100_000;
  await portal.page.route('**/rpc/history_search', async (route) => {
    const { before, limit } = route.request().postDataJSON();
    const from = before === undefined ? 0 : Number(before);
    const deliveries = Array.from({ length: Math.min(limit, all - from) }, (_, index) => madeUp(from + index + 1));
    await route.fulfill({ json: { deliveries, next: from + limit < all ? String(from + limit) : null } });
  });
  await portal.get('go-home').click();
  await portal.get('go-deliveries').click();
  const list = portal.get('deliveries').getByRole('listbox');
  await list.getByRole('option').first().waitFor();
  const few = await list.evaluate(jumps);
  await list.evaluate(async (box, whole) => {
    while (Number(box.dataset.rows) < whole) {
      box.scrollTop = box.scrollHeight;
      await new Promise(requestAnimationFrame);
    }
  }, all);
  const many = await list.evaluate(jumps);
  console.log(`a jump takes ${few.median.toFixed(1)} ms in 500 rows, ${many.median.toFixed(1)} ms in 100,000`);
  assert.ok(many.most < 100, `${many.most} rows are on the page`);
  // Both were measured on the machine as it was: what is compared is the work, not how busy the machine is.
  assert.ok(many.median < 3 * few.median, `${many.median} ms for 100,000 rows, ${few.median} ms for 500`);
  await portal.page.unroute('**/rpc/history_search');
});

/** Jumps about in the list: the median of the milliseconds that a jump takes, and how many rows are on the page. */
async function jumps(box) {
  const work = [];
  let most = 0;
  for (let step = 0; step < 200; step++) {
    await new Promise(requestAnimationFrame);
    const begun = performance.now();
    // Nowhere near the end, where more rows would be asked for.
    box.scrollTop = ((step * 7919) % 700) * (box.scrollHeight / 1000);
    box.dispatchEvent(new Event('scroll'));
    await Promise.resolve();
    // Reading a height makes the browser lay out what has changed.
    void box.offsetHeight;
    work.push(performance.now() - begun);
    most = Math.max(most, box.querySelectorAll('[role=option]').length);
  }
  return { median: work.toSorted((one, other) => one - other)[100], most };
}

function madeUp(number) {
  return {
    delivery: String(number),
    tenant: 'customer-a',
    adapter: 'slack-to-notion',
    run: null,
    sample: `sample-${number}`,
    origin: 'sample',
    against: 'live',
    provider: 'slack',
    event: null,
    sender: null,
    environment: 'production',
    region: 'eu',
    started_at: '2026-11-21T12:00:00Z',
    answered: true,
    status: 200,
    outcome: 'ok',
    duration_ms: number,
    as_expected: true,
    outbound_calls: 2,
    request_bytes: 1,
    answer_bytes: 1,
    has_contents: true,
  };
}

test('nothing went wrong behind the page', () => {
  assert.deepEqual(portal.complaints, []);
});
