// `wrangler deploy --dispatch-namespace`: what it prints, what it asks, and what the platform then holds and serves.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { asked, form, metadata } from '../support/relay.js';
import { SERVED } from '../support/platform.js';
import { answering, Bench } from './bench.js';

/** Stands for a customer's secret; drawn per run, so that finding it anywhere proves a leak. */
const SECRET = `example-${crypto.randomUUID()}`;
/** Answers with what `env` holds. */
const ENVIRONMENT = 'export default { fetch: (request, env) => Response.json(env) };\n';

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

const script = (name, below) => bench.platform.script(SERVED, name, below);
const upload = (run) => run.calls.find(({ method }) => method === 'PUT');
const bindings = async (name) => sorted(await bench.platform.read(script(name, '/bindings')));
const environment = async (adapter) => (await bench.platform.dispatch(adapter)).json();

function sorted(bindings) {
  return bindings.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** A deployed Worker with the secret `API_KEY` and the variable `GREETING`. */
async function deployedWithSecret(adapter) {
  const folder = await bench.project(
    { name: `acme-${adapter}`, vars: { GREETING: 'hello' } },
    { 'src/index.js': ENVIRONMENT, 'secrets.json': JSON.stringify({ API_KEY: SECRET }) },
  );
  const run = await bench.deploy(folder, SERVED, ['--secrets-file', 'secrets.json']);
  assert.equal(run.status, 0, run.said);
  return run;
}

test('W10 a first deploy is live when wrangler ends', async () => {
  const folder = await bench.project({ name: 'acme-first' }, { 'src/index.js': answering('first') });
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 0, run.said);
  assert.equal(await (await bench.platform.dispatch('first')).text(), 'first');

  const held = (await bench.platform.read(script('acme-first'))).script;
  const { deployment_id: version } = JSON.parse(upload(run).answer).result;
  assert.match(version, /^[0-9a-f]{32}$/);
  assert.match(run.output, /^Uploaded acme-first \([\d.]+ sec\)$/m);
  assert.match(run.output, new RegExp(`^  Dispatch Namespace: ${SERVED}$`, 'm'));
  const printed = version.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  assert.match(run.output, new RegExp(`^Current Version ID: ${printed}$`, 'm'));
  assert.match(run.output, /^Worker Startup Time: \d+ ms$/m);

  assert.equal(run.calls[0].status, 404, 'wrangler asks first whether it is there');
  assert.equal(JSON.parse(run.calls[0].answer).errors[0].code, 10092);
  assert.equal(held.last_deployed_from, 'wrangler');
  assert.equal(held.compatibility_date, '2026-06-01');
  assert.deepEqual(held.handlers, ['fetch']);
});

test('W11 a redeploy with variables, a tag and a message replaces the version', async () => {
  const folder = await bench.project({ name: 'acme-again' }, { 'src/index.js': ENVIRONMENT });
  const first = await bench.deploy(folder, SERVED);
  const run = await bench.deploy(folder, SERVED, ['--var', 'REGION:eu', '--tag', 'v2', '--message', 'second version']);
  assert.equal(run.status, 0, run.said);
  assert.deepEqual(await environment('again'), { REGION: 'eu' });

  assert.deepEqual((await metadata(upload(run))).annotations, {
    'workers/message': 'second version',
    'workers/tag': 'v2',
  });
  const [before, now] = [first, run].map((one) => JSON.parse(upload(one).answer).result);
  assert.notEqual(now.deployment_id, before.deployment_id);
  assert.equal(now.created_on, before.created_on, 'it is the same script');
  assert.deepEqual(await bindings('acme-again'), [{ name: 'REGION', type: 'plain_text', text: 'eu' }]);
});

test('W12 a secrets file sets secrets, whose values never come back (O13)', async () => {
  const run = await deployedWithSecret('w12');
  assert.deepEqual(await bench.platform.read(script('acme-w12', '/secrets')), [
    { name: 'API_KEY', type: 'secret_text' },
  ]);
  assert.deepEqual(await bindings('acme-w12'), [
    { name: 'API_KEY', type: 'secret_text' },
    { name: 'GREETING', type: 'plain_text', text: 'hello' },
  ]);
  assert.deepEqual(await environment('w12'), { API_KEY: SECRET, GREETING: 'hello' }, 'the Worker itself has it');

  assert.ok(upload(run).body.includes(SECRET), 'it did go up');
  for (const call of run.calls) {
    assert.ok(!call.answer.includes(SECRET), `${call.method} ${call.path} does not answer with it`);
  }
  assert.ok(!run.said.includes(SECRET), 'wrangler has nothing to print');
});

test('a deploy with variables asks for the account-level Worker and goes on without it', async () => {
  const run = await deployedWithSecret('account');
  const there = `/accounts/${bench.platform.accountId}/workers/scripts/acme-account`;
  const answers = run.calls.filter(({ path }) => path.startsWith(there));
  assert.deepEqual(asked(answers), [`GET ${there}/secrets`, `GET ${there}/settings`]);
  for (const { status, answer } of answers) {
    assert.deepEqual([status, JSON.parse(answer).errors[0].code], [404, 10007]);
  }
});

test('a redeploy without the secrets file keeps the secrets and drops the variables (O2)', async () => {
  await deployedWithSecret('redeployed');
  const folder = await bench.project({ name: 'acme-redeployed' }, { 'src/index.js': ENVIRONMENT });
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 0, run.said);
  assert.deepEqual((await metadata(upload(run))).keep_bindings, ['secret_text', 'secret_key']);
  assert.deepEqual(await environment('redeployed'), { API_KEY: SECRET });
});

test('W13 --keep-vars keeps the variables too (O2)', async () => {
  await deployedWithSecret('w13');
  const folder = await bench.project({ name: 'acme-w13' }, { 'src/index.js': ENVIRONMENT });
  const run = await bench.deploy(folder, SERVED, ['--keep-vars']);
  assert.equal(run.status, 0, run.said);
  assert.deepEqual((await metadata(upload(run))).keep_bindings, ['plain_text', 'json', 'secret_text', 'secret_key']);
  assert.deepEqual(await environment('w13'), { API_KEY: SECRET, GREETING: 'hello' });
});

test('W14 a minified Worker runs, and its source map is taken', async () => {
  const source =
    'export default { fetch(request) { const greeting = [request.method, "minified"]; return new Response(greeting.join()); } };\n';
  const folder = await bench.project({ name: 'acme-w14', upload_source_maps: true }, { 'src/index.js': source });
  const run = await bench.deploy(folder, SERVED, ['--minify']);
  assert.equal(run.status, 0, run.said);
  assert.equal(await (await bench.platform.dispatch('w14')).text(), 'GET,minified');

  const parts = await form(upload(run));
  assert.doesNotMatch(await parts.get('index.js').text(), /greeting/, 'what went up is minified');
  assert.equal(parts.get('index.js.map').type, 'application/source-map');
});

test('W20 a required secret that is set is inherited', async () => {
  await deployedWithSecret('w20');
  const config = { name: 'acme-w20', secrets: { required: ['API_KEY'] } };
  const folder = await bench.project(config, { 'src/index.js': ENVIRONMENT });
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 0, run.said);
  assert.deepEqual((await metadata(upload(run))).bindings, [{ name: 'API_KEY', type: 'inherit' }]);
  assert.deepEqual(await bindings('acme-w20'), [{ name: 'API_KEY', type: 'secret_text' }]);
  assert.deepEqual(await environment('w20'), { API_KEY: SECRET });
});

test('W21 a required secret on a new Worker is missed before anything goes up', async () => {
  const config = { name: 'acme-w21', secrets: { required: ['API_KEY'] } };
  const run = await bench.deploy(await bench.project(config), SERVED);
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /The following required secrets have not been set: API_KEY/);
  assert.equal(upload(run), undefined);
});

test('a required secret that an existing Worker lacks is 10057, which wrangler understands', async () => {
  const folder = await bench.project({ name: 'acme-lacking' }, { 'src/index.js': answering('before') });
  assert.equal((await bench.deploy(folder, SERVED)).status, 0);
  const config = { name: 'acme-lacking', secrets: { required: ['API_KEY'] } };
  const run = await bench.deploy(await bench.project(config, { 'src/index.js': answering('after') }), SERVED);
  assert.equal(run.status, 1, run.said);
  assert.equal(JSON.parse(upload(run).answer).errors[0].code, 10057);
  assert.match(run.errors, /The following required secrets have not been set: API_KEY/);
  assert.equal(await (await bench.platform.dispatch('lacking')).text(), 'before', 'the old version serves on');
});

test('W22 a deploy into a missing namespace is 100119', async () => {
  const run = await bench.deploy(await bench.project({ name: 'acme-w22' }), 'missing');
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /The specified dispatch namespace does not exist on this account\. \[code: 100119\]/);
  assert.equal(upload(run), undefined, 'the first question settles it');
});

test('W23 a name keeps its upper case and its dots', async () => {
  const run = await bench.deploy(await bench.project({ name: 'x' }), SERVED, ['--name', 'Tenant.With_UPPER']);
  assert.equal(run.status, 0, run.said);
  assert.equal((await bench.platform.read(script('Tenant.With_UPPER'))).script.id, 'Tenant.With_UPPER');
  assert.match(run.output, /^Uploaded Tenant\.With_UPPER /m);
});

test('W24 a dry run asks nothing', async () => {
  const run = await bench.deploy(await bench.project({ name: 'acme-w24' }), SERVED, ['--dry-run']);
  assert.equal(run.status, 0, run.said);
  assert.match(run.output, /^--dry-run: exiting now\.$/m);
  assert.deepEqual(asked(run.calls), []);
});

test('no secret stands in the log of the platform (O13)', async () => {
  await deployedWithSecret('logged');
  const log = await readFile(bench.platform.logFile, 'utf8');
  assert.ok(log.length > 0, 'it does log');
  assert.ok(!log.includes(SECRET));
  assert.ok(!log.includes(bench.platform.token));
});

test('nothing left this machine', () => {
  assert.deepEqual(bench.nowhere.attempts, []);
});
