// Dispatch namespaces and identity, as wrangler asks for them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asked } from '../support/relay.js';
import { answering, Bench } from './bench.js';

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

const namespace = (...args) => bench.run(['dispatch-namespace', ...args]);

/** Names of the namespaces that the platform holds. */
async function held() {
  return (await bench.platform.read(bench.platform.namespaces)).map((entry) => entry.namespace_name);
}

test('W01 a namespace is created and printed with its id', async () => {
  const run = await namespace('create', 'w01');
  assert.equal(run.status, 0, run.said);
  const { namespace_id } = await bench.platform.read(`${bench.platform.namespaces}/w01`);
  assert.match(run.output, new RegExp(`^Created dispatch namespace "w01" with ID "${namespace_id}"$`, 'm'));
});

test('W02 a namespace that exists is refused once, with 100120', async () => {
  await bench.platform.createNamespace('w02');
  const run = await namespace('create', 'w02');
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /namespace .*already exists.* \[code: 100120\]/);
  assert.deepEqual(asked(run.calls), [`POST ${bench.platform.namespaces}`], 'a refusal is not asked for again');
});

test('W03 every namespace is listed', async () => {
  await bench.platform.createNamespace('w03');
  const run = await namespace('list');
  assert.equal(run.status, 0, run.said);
  const listed = [...run.output.matchAll(/namespace_name: '([^']*)'/g)].map(([, name]) => name);
  assert.deepEqual(listed.sort(), (await held()).sort());
  assert.ok(listed.includes('w03'), run.said);
});

test('W04 a namespace is printed as the API has it', async () => {
  await bench.platform.createNamespace('w04');
  const run = await namespace('get', 'w04');
  assert.equal(run.status, 0, run.said);
  const entry = await bench.platform.read(`${bench.platform.namespaces}/w04`);
  assert.equal(entry.namespace_name, 'w04');
  assert.equal(entry.trusted_workers, false, 'namespaces are untrusted by default');
  for (const [name, value] of Object.entries(entry)) {
    const printed = typeof value === 'string' ? `'${value}'` : String(value);
    assert.ok(run.output.includes(`${name}: ${printed}`), `${name} is printed\n${run.said}`);
  }
});

test('W05 a missing namespace is 100119', async () => {
  const run = await namespace('get', 'w05');
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /The specified dispatch namespace does not exist on this account\. \[code: 100119\]/);
});

test('W06 a name that could not stand in a URL is refused before it exists', async () => {
  const before = await held();
  const run = await namespace('create', 'w06/other');
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /namespace.*\[code: 10\d{3}\]/);
  assert.deepEqual(await held(), before);
});

test('W07 a renamed namespace keeps its id and its scripts, and the old name is gone (O5)', async () => {
  await bench.platform.createNamespace('w07');
  const folder = await bench.project({ name: 'kept' });
  assert.equal((await bench.deploy(folder, 'w07')).status, 0);
  const { namespace_id } = await bench.platform.read(`${bench.platform.namespaces}/w07`);

  const run = await namespace('rename', 'w07', 'w07-renamed');
  assert.equal(run.status, 0, run.said);
  assert.match(run.output, /^Renamed dispatch namespace "w07" to "w07-renamed"$/m);

  const renamed = await bench.platform.read(`${bench.platform.namespaces}/w07-renamed`);
  assert.equal(renamed.namespace_id, namespace_id);
  assert.equal(renamed.script_count, 1);
  const { script } = await bench.platform.read(bench.platform.script('w07-renamed', 'kept'));
  assert.equal(script.id, 'kept');
  const gone = await bench.platform.call('GET', `${bench.platform.namespaces}/w07`);
  assert.equal(gone.errors[0].code, 100119);
});

test('a namespace is not renamed over another one', async () => {
  await bench.platform.createNamespace('here');
  await bench.platform.createNamespace('there');
  const run = await namespace('rename', 'here', 'there');
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /\[code: 100120\]/);
  assert.ok((await held()).includes('here'));
});

test('W08 a deleted namespace is gone with its scripts (O6)', async () => {
  await bench.platform.createNamespace('w08');
  const folder = await bench.project({ name: 'gone' }, { 'src/index.js': answering('gone') });
  assert.equal((await bench.deploy(folder, 'w08')).status, 0);

  const run = await namespace('delete', 'w08');
  assert.equal(run.status, 0, run.said);
  assert.match(run.output, /^Deleted dispatch namespace "w08"$/m);
  assert.ok(!(await held()).includes('w08'));

  await bench.platform.createNamespace('w08');
  const again = await bench.platform.call('GET', bench.platform.script('w08', 'gone'));
  assert.equal(again.errors[0].code, 10092, 'a new namespace of the same name is empty');
});

test('W41 whoami names the account of the platform', async () => {
  const run = await bench.run(['whoami']);
  assert.equal(run.status, 0, run.said);
  assert.match(run.output, /You are logged in with an User API Token, associated with the email patchbay@localhost/);
  assert.match(run.output, new RegExp(`Patchbay on this machine .* ${bench.platform.accountId}`));
});

test('the account is found when nobody names it', async () => {
  const run = await bench.run(['dispatch-namespace', 'list'], { environment: { CLOUDFLARE_ACCOUNT_ID: undefined } });
  assert.equal(run.status, 0, run.said);
  assert.deepEqual(asked(run.calls), [
    'GET /accounts?page=1',
    'GET /memberships?page=1',
    `GET ${bench.platform.namespaces}`,
  ]);
});

test('the token is also taken as a key with an e-mail address', async () => {
  const run = await bench.run(['dispatch-namespace', 'list'], {
    environment: {
      CLOUDFLARE_API_TOKEN: undefined,
      CLOUDFLARE_API_KEY: bench.platform.token,
      CLOUDFLARE_EMAIL: 'engineer@example.com',
    },
  });
  assert.equal(run.status, 0, run.said);
  assert.equal(run.calls[0].headers.authorization, undefined, 'wrangler sends no bearer token here');
});

test('a wrong token is an authentication error that helps to find it', async () => {
  const run = await bench.run(['dispatch-namespace', 'list'], { environment: { CLOUDFLARE_API_TOKEN: 'wrong' } });
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /Authentication error \[code: 10000\]/);
  assert.match(run.output, /It looks like you are authenticating Wrangler via a custom API token/);
  assert.ok(!run.said.includes(bench.platform.token), 'nothing gives the right one away');
});

test('nothing left this machine', () => {
  assert.deepEqual(bench.nowhere.attempts, []);
});
