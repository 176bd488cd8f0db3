// What people come for, from the first run on, over the bridge.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test as nodeTest } from 'node:test';
import { Portal } from './portal.js';

/** Made of parts, so that no scanner takes it for a real one. */
const TOKEN = ['ntn', 'exampleexampleexampleexample'].join('_');
const ADAPTER = 'demo-workspace/tenants/customer-a/adapters/slack-to-notion';

let portal;

before(async () => {
  portal = await Portal.open();
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

function adapterFile(path) {
  return join(portal.home, 'data/patchbay', ADAPTER, path);
}

test('a new user makes the demo workspace in one click', async () => {
  await portal.get('first-run').waitFor();
  await portal.createDemo();
  await portal.get('tenant-customer-a').waitFor();
  await portal.get('tenant-customer-b').waitFor();
  assert.equal(await portal.get('status-target').innerText(), 'LOCAL');
});

test('a folder without a workspace is refused with what to do', async () => {
  await portal.page.getByRole('button', { name: 'Open another workspace' }).click();
  await portal.page.getByLabel('Workspace folder').fill(portal.home);
  await portal.page.getByRole('button', { name: 'Open', exact: true }).click();
  assert.equal(await portal.get('error').getAttribute('data-code'), 'workspace.not_found');
  await portal.page.keyboard.press('Escape');
});

test('the template opens in the editor without a problem', async () => {
  await portal.openAdapter();
  assert.equal(await portal.get('status-region').innerText(), 'EU');
});

test('an error in the code is marked and stops a publish', async () => {
  await portal.typeAtStart('const broken = ;\n');
  await portal.untilChecked('some');
  await portal.page.locator('.squiggly-error').first().waitFor();
  const { good, code } = await portal.publish();
  assert.deepEqual({ good, code }, { good: false, code: 'lint.errors' });
});

test('a problem leads to its place, and taking it out is noticed', async () => {
  await portal.get('problems').locator('[data-severity=error]').first().click();
  await portal.page.keyboard.press('ControlOrMeta+Home');
  await portal.page.keyboard.press('Shift+ArrowDown');
  await portal.page.keyboard.press('Delete');
  await portal.untilChecked(0);
  await portal.page.keyboard.press('ControlOrMeta+s');
  await portal.page.locator('[data-testid=authoring][data-unsaved="0"]').waitFor();
  assert.ok(!(await readFile(adapterFile('src/adapter.ts'), 'utf8')).includes('broken'));
});

/** Makes a mistake that only types can show, sees it and nothing else, and takes it out again. */
async function expectTypesOnly() {
  await portal.typeAtStart('const wrong: number = new Headers();\n');
  await portal.get('problems').getByText("Type 'Headers' is not assignable to type 'number'.").waitFor();
  assert.equal(await portal.get('problem-summary').getAttribute('data-errors'), '1', 'every import is known');
  await portal.page.keyboard.press('ControlOrMeta+Home');
  await portal.page.keyboard.press('Shift+ArrowDown');
  await portal.page.keyboard.press('Delete');
  await portal.untilChecked(0);
}

test('the editor knows the types of the Workers runtime', expectTypesOnly);

test('a second adapter from the template opens with its own files, the first one comes back as it was', async () => {
  await portal.get('go-home').click();
  await portal.get('new-customer-a').click();
  await portal.page.getByRole('radio').first().waitFor();
  await portal.get('adapter-id').fill('second');
  await portal.get('adapter-create').click();
  await portal.get('adapter-customer-a-second').waitFor();
  await portal.page.locator('.monaco-editor .view-line').first().waitFor();

  await expectTypesOnly();
  await portal.openAdapter();
  await expectTypesOnly();
});

test('a required secret that is missing stops a publish by name, and setting it helps', async () => {
  await portal.get('tab-bindings').click();
  const binding = portal.get('binding-NOTION_TOKEN');
  await binding.getByTestId('secret-delete').click();
  await binding.getByTestId('secret-delete-confirm').click();
  await portal.page.locator('[data-testid=binding-NOTION_TOKEN][data-set=false]').waitFor();
  const refused = await portal.publish();
  assert.deepEqual([refused.good, refused.code], [false, 'binding.missing']);
  await portal.setSecret('NOTION_TOKEN', TOKEN);
  assert.equal(await binding.getByTestId('binding-state').innerText(), 'Set');
  assert.equal(await binding.getByTestId('secret-value').inputValue(), '');
});

test('a publish goes live step by step', async () => {
  const { good, text } = await portal.publish();
  assert.ok(good, text);
  const states = await portal.page
    .locator('[data-step]')
    .evaluateAll((steps) => steps.map((step) => step.dataset.state));
  assert.deepEqual(states, Array(7).fill('done'));
  await portal.page.locator('[data-testid=versions] [data-number="1"][data-live=true]').waitFor();
});

test('a replay goes green, its trace shows the call to Notion and no secret', async () => {
  assert.deepEqual(await portal.replay('message'), { status: 200, asExpected: 'true' });
  await portal.page.locator('[data-testid=waterfall] [data-kind=outbound]').first().waitFor();
  await portal.get('tab-outbound').click();
  await portal.get('trace-outbound').getByText('api.notion.com').first().waitFor();
  for (const details of await portal.get('trace-outbound').locator('details:not([open]) summary').all())
    await details.click();
  const page = await portal.page.content();
  assert.ok(!page.includes(TOKEN), 'the token is not in the page');
  await portal.get('history').getByRole('button').first().waitFor();
});

test('a version that throws does not stay live, and its delivery says where it threw', async () => {
  const file = adapterFile('src/adapter.ts');
  const good = await readFile(file, 'utf8');
  await writeFile(file, 'export default {\n  fetch() {\n    throw new TypeError("on purpose");\n  },\n};\n');
  const published = await portal.publish();
  assert.deepEqual([published.good, published.code], [false, 'publish.smoke_failed'], published.text);
  await writeFile(file, good);
  assert.deepEqual(await portal.replay('message'), { status: 200, asExpected: 'true' });

  await portal.get('history').getByRole('button').filter({ hasText: '500' }).first().click();
  await portal.page.locator('[data-testid=trace][data-status="500"][data-as-expected=false]').waitFor();
  await portal.get('differences').waitFor();
  // The source map leads from the bundle back to the line that throws.
  await portal.get('exceptions').getByRole('button', { name: 'src/adapter.ts:3' }).first().waitFor();
});

test('a rollback makes an older version live again', async () => {
  const { good, text } = await portal.publish();
  assert.ok(good, text);
  await portal.page.locator('[data-testid=versions] [data-number="1"][data-live=false]').waitFor();
  await portal.get('rollback-1').click();
  await portal.get('rollback-1-confirm').click();
  await portal.get('rolled-back').waitFor();
  assert.deepEqual(await portal.replay('message'), { status: 200, asExpected: 'true' });
});

test('an error of lint is allowed with a reason, which stays with the version', async () => {
  const reason = 'nobody calls it, it is kept to compare';
  const file = adapterFile('src/adapter.ts');
  const good = await readFile(file, 'utf8');
  await writeFile(file, `${good}\nexport const calculate = (sum: string) => eval(sum);\n`);
  const refused = await portal.publish();
  assert.deepEqual([refused.good, refused.code], [false, 'lint.errors']);
  await portal.get('publish-allow').click();
  const isMissing = await portal.get('reason-no-eval').evaluate((input) => input.validity.valueMissing);
  assert.ok(isMissing, 'nothing is published without a reason');
  await portal.look('allowances');
  await portal.get('reason-no-eval').fill(reason);
  await portal.get('publish-allow').click();
  await portal.page.locator('[data-testid=publish-outcome][data-good=true]').waitFor();
  await portal.get('versions').getByText(reason).waitFor();
  await writeFile(file, good);
});

test('a file that changed on disk asks which text to keep', async () => {
  await portal.get('go-home').click();
  await portal.openAdapter();
  const file = adapterFile('README.md');
  await portal.get('tab-README.md').click();
  await portal.typeAtStart('mine');
  await writeFile(file, 'theirs\n');
  await portal.page.keyboard.press('ControlOrMeta+s');
  await portal.get('conflict').waitFor();
  await portal.get('take-theirs').click();
  await portal.page.locator('.view-line', { hasText: 'theirs' }).waitFor();
  assert.equal(await readFile(file, 'utf8'), 'theirs\n');
});

test('webhooks and code are shown as text, whatever they hold', async () => {
  const samples = join(portal.home, 'data/patchbay', ADAPTER, 'samples');
  const sample = JSON.parse(await readFile(join(samples, 'message.json'), 'utf8'));
  const markup = '<img src=x onerror="window.ranCode = true"><script>window.ranCode = true</script>';
  sample.description = markup;
  await mkdir(samples, { recursive: true });
  await writeFile(join(samples, 'markup.json'), JSON.stringify(sample));
  await portal.get('go-home').click();
  await portal.openAdapter();
  await portal.replay('markup');
  await portal.get('replay').getByText(markup).waitFor();
  assert.equal(await portal.page.evaluate(() => window.ranCode), undefined);
});

test('existing code is imported, and what it needs is read from it', async () => {
  const file = join(portal.home, 'mine.js');
  await writeFile(
    file,
    'export default { async fetch(request, env) { return { ok: await fetch("https://api.example.com/", { headers: { authorization: env.API_TOKEN } }).then((r) => r.ok) }; } };\n',
  );
  await portal.get('go-home').click();
  await portal.get('import-customer-a').click();
  await portal.get('import-path').fill(file);
  await portal.get('import-id').fill('mine');
  await portal.get('import-start').click();
  await portal.get('imported').getByText('API_TOKEN').waitFor();
  await portal.get('import-open').click();
  await portal.get('adapter-customer-a-mine').waitFor();
  await portal.get('tab-bindings').click();
  await portal.get('binding-API_TOKEN').waitFor();
});

test('a tenant that would own another one’s scripts is refused, a good one is added', async () => {
  await portal.get('go-home').click();
  await portal.get('add-tenant').click();
  await portal.get('tenant-id').fill('customer');
  await portal.get('tenant-add').click();
  assert.equal(await portal.get('error').getAttribute('data-code'), 'tenant.owns_another');
  await portal.get('tenant-id').fill('acme');
  await portal.get('tenant-add').click();
  await portal.get('tenant-acme').waitFor();
});

test('the route tester says which rule takes a request', async () => {
  await portal.get('go-routes').click();
  await portal.get('route-headers').fill('x-customer-id: customer-a\nx-script-id: slack-to-notion');
  await portal.get('route-test').click();
  await portal.page.locator('[data-testid=decision][data-matched=true]').waitFor();
  await portal.get('decision').getByText('customer-a-slack-to-notion').first().waitFor();
});

test('nothing went wrong behind the page', () => {
  assert.deepEqual(portal.complaints, []);
});
