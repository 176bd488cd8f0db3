// What an upload keeps and what it refuses, as the npm client sees it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { SERVED } from '../support/platform.js';
import { Bench, ENVIRONMENT } from './bench.js';

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

const answer = async (adapter) => (await bench.platform.dispatch(adapter)).json();

/** The error of a call that has to fail, and how often it was sent. */
async function failure(call) {
  const sent = bench.line.calls.length;
  const error = await call().then(
    () => assert.fail('the call did not fail'),
    (error) => error,
  );
  return { error, sent: bench.line.calls.length - sent };
}

// CONTRACT section 5: what stays of the version before, by the types in `keep_bindings`.
for (const [what, keep, stays] of [
  ['absent', undefined, { SECRET: 'example-secret' }],
  ['empty', [], {}],
  ['the secret types', ['secret_text', 'secret_key'], { SECRET: 'example-secret' }],
  ['the variable types', ['plain_text', 'json'], { VARIABLE: 'v', CONF: { a: 1 } }],
]) {
  test(`with \`keep_bindings\` ${what} an upload keeps ${JSON.stringify(Object.keys(stays))} (O2)`, async () => {
    const adapter = `keep-${what.replaceAll(' ', '-')}`;
    const bindings = [
      { name: 'SECRET', type: 'secret_text', text: 'example-secret' },
      { name: 'VARIABLE', type: 'plain_text', text: 'v' },
      { name: 'CONF', type: 'json', json: { a: 1 } },
    ];
    await bench.upload(SERVED, `acme-${adapter}`, { 'worker.js': ENVIRONMENT }, { bindings });
    assert.equal(Object.keys(await answer(adapter)).length, 3);
    const metadata = { bindings: [{ name: 'NEW', type: 'plain_text', text: 'n' }], keep_bindings: keep };
    await bench.upload(SERVED, `acme-${adapter}`, { 'worker.js': ENVIRONMENT }, metadata);
    assert.deepEqual(await answer(adapter), { NEW: 'n', ...stays });
  });
}

test('an upload that does not start is refused with its place, and the old version serves on (O8)', async () => {
  await bench.upload(SERVED, 'acme-stays', { 'worker.js': ENVIRONMENT });
  const broken = { 'worker.js': 'export default { fetch() {} };\n\n  missing();\n' };
  const { error, sent } = await failure(() => bench.upload(SERVED, 'acme-stays', broken));
  assert.ok(error instanceof Cloudflare.BadRequestError, String(error));
  assert.deepEqual(error.errors, [
    { code: 10021, message: 'Uncaught ReferenceError: missing is not defined\n  at worker.js:3:3\n' },
  ]);
  assert.equal(sent, 1);
  assert.deepEqual(await answer('stays'), {});
});

test('a missing script is a `NotFoundError` with the code of its operation', async () => {
  const { scripts } = bench.namespaces;
  const operations = [
    [10092, () => scripts.get(SERVED, 'missing', bench.account)],
    [10007, () => scripts.delete(SERVED, 'missing', bench.account)],
    [10007, () => scripts.settings.get(SERVED, 'missing', bench.account)],
    [10007, () => scripts.content.get(SERVED, 'missing', bench.account)],
    [10007, () => scripts.secrets.list(SERVED, 'missing', bench.account)],
    [10007, () => scripts.tags.list(SERVED, 'missing', bench.account)],
    [100119, () => scripts.get('missing', 'missing', bench.account)],
    [100119, () => bench.namespaces.get('missing', bench.account)],
  ];
  for (const [code, operation] of operations) {
    const { error, sent } = await failure(operation);
    assert.ok(error instanceof Cloudflare.NotFoundError, String(error));
    assert.deepEqual([error.errors[0].code, sent], [code, 1], String(operation));
  }
});

test('a namespace that exists is a `BadRequestError`, which nobody sends again', async () => {
  const { error, sent } = await failure(() => bench.namespaces.create({ ...bench.account, name: SERVED }));
  assert.ok(error instanceof Cloudflare.BadRequestError, String(error));
  assert.deepEqual([error.errors[0].code, sent], [100120, 1]);
});

test('a missing secret is a `NotFoundError` with 10056', async () => {
  await bench.upload(SERVED, 'acme-bare', { 'worker.js': ENVIRONMENT });
  const { secrets } = bench.namespaces.scripts;
  for (const operation of [secrets.get, secrets.delete]) {
    const { error } = await failure(() => operation.call(secrets, SERVED, 'acme-bare', 'NONE', bench.account));
    assert.ok(error instanceof Cloudflare.NotFoundError, String(error));
    assert.equal(error.errors[0].code, 10056);
  }
});

test('a wrong token is a `PermissionDeniedError` with 10000', async () => {
  const stranger = bench.connect(bench.line.url, { apiToken: 'wrong' });
  const namespaces = stranger.workersForPlatforms.dispatch.namespaces;
  const { error, sent } = await failure(() => namespaces.get(SERVED, bench.account));
  assert.ok(error instanceof Cloudflare.PermissionDeniedError, String(error));
  assert.deepEqual([error.errors[0].code, sent], [10000, 1]);
});

test('a secret comes back in no answer, error or log (O13)', async () => {
  const value = `example-${crypto.randomUUID()}`;
  const name = 'acme-hidden';
  const { scripts } = bench.namespaces;
  const before = bench.line.calls.length;
  const secret = { name: 'API_KEY', type: 'secret_text', text: value };
  await bench.upload(SERVED, name, { 'worker.js': ENVIRONMENT }, { bindings: [secret] });
  await scripts.secrets.update(SERVED, name, { ...bench.account, ...secret });
  await scripts.secrets.bulkUpdate(SERVED, name, { ...bench.account, secrets: { API_KEY: secret } });
  for (const read of ['secrets.list', 'bindings.get', 'settings.get', 'content.get']) {
    const [resource, method] = read.split('.');
    const result = await scripts[resource][method](SERVED, name, bench.account);
    if (result instanceof Object && 'arrayBuffer' in result) await result.arrayBuffer();
  }
  // A start that quotes the secret in its exception, and bodies that cannot be understood.
  const quoting = {
    'worker.js': 'import { env } from "cloudflare:workers";\nthrow new Error("got " + env.API_KEY);\n',
  };
  const { error } = await failure(() => bench.upload(SERVED, name, quoting));
  assert.equal(error.errors[0].code, 10021);
  await failure(() => scripts.secrets.update(SERVED, name, { ...bench.account, ...secret, type: 'no_such_type' }));
  await failure(() => scripts.secrets.bulkUpdate(SERVED, name, { ...bench.account, secrets: { API_KEY: value } }));

  const calls = bench.line.calls.slice(before);
  assert.ok(
    calls.some(({ body }) => body.includes(value)),
    'it did go up',
  );
  for (const { method, path, answer } of calls) {
    assert.ok(!answer.includes(value), `${method} ${path} does not answer with it`);
  }
  assert.ok(!String(error).includes(value));
  assert.ok(!(await readFile(bench.platform.logFile, 'utf8')).includes(value));
});
