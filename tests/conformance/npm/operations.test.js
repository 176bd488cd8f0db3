// Every operation of `workersForPlatforms.dispatch.namespaces` that the npm package `cloudflare` has.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SERVED } from '../support/platform.js';
import { all, Bench, ENVIRONMENT } from './bench.js';

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

const tested = [];

/** A test of one operation, named by its path below `namespaces`. It gets a namespace of its own. */
function operation(path, fact, check) {
  tested.push(path);
  test(`namespaces.${path} ${fact}`, async () => {
    const namespace = `npm-${path.replaceAll('.', '-').toLowerCase()}`;
    if (path !== 'create') await bench.platform.createNamespace(namespace);
    await check(namespace, bench.namespaces);
  });
}

/** Names of every method that calls the API, found in the package itself. */
function operationsOf(resource, prefix = '') {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter((name) => name !== 'constructor');
  const below = Object.entries(resource).filter(([name]) => !name.startsWith('_'));
  return [
    ...methods.map((name) => prefix + name),
    ...below.flatMap(([name, child]) => operationsOf(child, `${prefix}${name}.`)),
  ];
}

/** Raw read of what the platform holds below a script. */
const held = (namespace, below) => bench.platform.read(bench.platform.script(namespace, 'notes', below));
const published = (namespace, metadata) => bench.upload(namespace, 'notes', { 'worker.js': ENVIRONMENT }, metadata);
const secret = (name, text) => ({ name, text, type: 'secret_text' });

operation('create', 'makes a namespace', async (name, namespaces) => {
  const created = await namespaces.create({ ...bench.account, name });
  assert.deepEqual(created, await bench.platform.read(`${bench.platform.namespaces}/${name}`));
  assert.deepEqual([created.namespace_name, created.script_count], [name, 0]);
});

operation('list', 'pages through every namespace', async (name, namespaces) => {
  const listed = await all(namespaces.list(bench.account));
  assert.deepEqual(listed, await bench.platform.read(bench.platform.namespaces));
  assert.ok(listed.some((entry) => entry.namespace_name === name));
});

operation('get', 'reads a namespace', async (name, namespaces) => {
  await published(name);
  const entry = await namespaces.get(name, bench.account);
  assert.deepEqual([entry.namespace_name, entry.script_count, entry.trusted_workers], [name, 1, false]);
});

operation('delete', 'removes a namespace with its scripts', async (name, namespaces) => {
  await published(name);
  assert.equal(await namespaces.delete(name, bench.account), null);
  const gone = await bench.platform.call('GET', `${bench.platform.namespaces}/${name}`);
  assert.deepEqual([gone.status, gone.errors[0].code], [404, 100119]);
});

operation('scripts.update', 'uploads modules that are live at once', async () => {
  const modules = {
    'main.js': `import { greet } from './lib/greet.js'; import note from './note.txt'; import data from './data.bin';
      export default { fetch: () => Response.json({ greeting: greet(), note, bytes: [...new Uint8Array(data)] }) };`,
    'lib/greet.js': `export const greet = () => 'hello';`,
    'note.txt': 'a note',
    'data.bin': Buffer.from([0, 255]),
  };
  const uploaded = await bench.upload(SERVED, 'acme-modules', modules, { tags: ['team-a'] });
  assert.deepEqual(await (await bench.platform.dispatch('modules')).json(), {
    greeting: 'hello',
    note: 'a note',
    bytes: [0, 255],
  });
  assert.deepEqual([uploaded.id, uploaded.entry_point, uploaded.has_modules], ['acme-modules', 'main.js', true]);
  assert.ok(uploaded.startup_time_ms >= 0);
  assert.deepEqual(uploaded.tags, ['team-a']);
});

operation('scripts.get', 'reads a script', async (namespace, { scripts }) => {
  const uploaded = await published(namespace);
  const found = await scripts.get(namespace, 'notes', bench.account);
  assert.deepEqual([found.dispatch_namespace, found.script.id], [namespace, 'notes']);
  assert.equal(found.script.etag, uploaded.etag);
  assert.equal(found.modified_on, uploaded.modified_on);
});

operation('scripts.delete', 'removes a script', async (namespace, { scripts }) => {
  await published(namespace);
  assert.equal(await scripts.delete(namespace, 'notes', { ...bench.account, force: true }), null);
  const gone = await bench.platform.call('GET', bench.platform.script(namespace, 'notes'));
  assert.equal(gone.errors[0].code, 10092);
});

operation('scripts.content.update', 'replaces the code and nothing else (O3)', async (namespace, { scripts }) => {
  const bindings = [{ name: 'REGION', type: 'plain_text', text: 'eu' }, secret('API_KEY', 'example-key')];
  await bench.upload(SERVED, 'acme-content', { 'worker.js': ENVIRONMENT }, { bindings, tags: ['kept'] });
  const source = 'export default { fetch: (request, env) => Response.json({ replaced: env.API_KEY + env.REGION }) };';
  const script = await scripts.content.update(SERVED, 'acme-content', {
    ...bench.account,
    metadata: { main_module: 'other.js' },
    files: [new File([source], 'other.js', { type: 'application/javascript+module' })],
  });
  assert.deepEqual([script.id, script.entry_point], ['acme-content', 'other.js']);
  assert.deepEqual(await (await bench.platform.dispatch('content')).json(), { replaced: 'example-keyeu' });
  const path = (below) => bench.platform.script(SERVED, 'acme-content', below);
  assert.deepEqual(await bench.platform.read(path('/tags')), ['kept']);
  const { compatibility_date } = (await bench.platform.read(path())).script;
  assert.equal(compatibility_date, '2026-06-01');
});

operation('scripts.content.get', 'gives every module back as a `Response`', async (namespace, { scripts }) => {
  const modules = { 'worker.js': ENVIRONMENT, 'lib/data.bin': Buffer.from([0, 13, 10, 255]) };
  await bench.upload(namespace, 'notes', modules);
  const response = await scripts.content.get(namespace, 'notes', bench.account);
  assert.equal(response.headers.get('cf-entrypoint'), 'worker.js');
  const parts = await new Response(await response.arrayBuffer(), {
    headers: { 'content-type': response.headers.get('content-type') },
  }).formData();
  assert.deepEqual([...parts.keys()], ['worker.js', 'lib/data.bin']);
  for (const [name, content] of Object.entries(modules)) {
    const part = parts.get(name);
    const bytes = typeof part === 'string' ? Buffer.from(part) : Buffer.from(await part.arrayBuffer());
    assert.deepEqual(bytes, Buffer.from(content), `${name} comes back byte for byte`);
  }
});

operation('scripts.settings.get', 'reads what was uploaded', async (namespace, { scripts }) => {
  const bindings = [{ name: 'CONF', type: 'json', json: { a: [1, null] } }];
  const metadata = { bindings, tags: ['a'], compatibility_flags: ['nodejs_compat'], limits: { cpu_ms: 50 } };
  await published(namespace, metadata);
  const settings = await scripts.settings.get(namespace, 'notes', bench.account);
  assert.deepEqual(settings.bindings, bindings);
  assert.deepEqual(settings.tags, ['a']);
  assert.deepEqual(settings.compatibility_flags, ['nodejs_compat']);
  assert.equal(settings.compatibility_date, '2026-06-01');
  assert.equal(settings.limits.cpu_ms, 50);
});

operation('scripts.settings.edit', 'changes what it names and keeps the rest', async (namespace, { scripts }) => {
  await published(namespace, { bindings: [secret('API_KEY', 'example-key')], tags: ['a'] });
  const bindings = [
    { name: 'REGION', type: 'plain_text', text: 'us' },
    { name: 'API_KEY', type: 'inherit' },
  ];
  const edited = await scripts.settings.edit(namespace, 'notes', { ...bench.account, settings: { bindings } });
  const after = [
    { name: 'REGION', type: 'plain_text', text: 'us' },
    { name: 'API_KEY', type: 'secret_text' },
  ];
  assert.deepEqual(edited.bindings, after);
  assert.deepEqual(await held(namespace, '/bindings'), after);
  assert.deepEqual(edited.tags, ['a']);
  assert.equal((await held(namespace)).script.compatibility_date, '2026-06-01');
});

operation(
  'scripts.bindings.get',
  'pages through the bindings, secrets without a value',
  async (namespace, { scripts }) => {
    const bindings = [{ name: 'REGION', type: 'plain_text', text: 'eu' }, secret('API_KEY', 'example-key')];
    await published(namespace, { bindings });
    assert.deepEqual(await all(scripts.bindings.get(namespace, 'notes', bench.account)), [
      bindings[0],
      { name: 'API_KEY', type: 'secret_text' },
    ]);
  },
);

operation('scripts.secrets.update', 'sets a text and a key, live without an upload', async (namespace, { scripts }) => {
  const source = `export default { async fetch(request, env) {
    const signature = await crypto.subtle.sign('HMAC', env.SIGNING_KEY, new TextEncoder().encode('body'));
    return Response.json({ text: env.API_KEY, signature: [...new Uint8Array(signature)] });
  } };`;
  await bench.upload(SERVED, 'acme-secrets', { 'worker.js': source });
  const text = await scripts.secrets.update(SERVED, 'acme-secrets', {
    ...bench.account,
    ...secret('API_KEY', 'value-1'),
  });
  assert.deepEqual(text, { name: 'API_KEY', type: 'secret_text' });

  const key = Buffer.from('example key of any length');
  const described = { algorithm: { name: 'HMAC', hash: 'SHA-256' }, format: 'raw', usages: ['sign'] };
  const saved = await scripts.secrets.update(SERVED, 'acme-secrets', {
    ...bench.account,
    ...described,
    name: 'SIGNING_KEY',
    type: 'secret_key',
    key_base64: key.toString('base64'),
  });
  assert.deepEqual(
    saved,
    { name: 'SIGNING_KEY', type: 'secret_key', ...described },
    'a key comes back without its bytes',
  );

  assert.deepEqual(await (await bench.platform.dispatch('secrets')).json(), {
    text: 'value-1',
    signature: [...createHmac('sha256', key).update('body').digest()],
  });
});

operation('scripts.secrets.list', 'pages through names and types only', async (namespace, { scripts }) => {
  const bindings = [
    secret('ONE', 'example-1'),
    secret('TWO', 'example-2'),
    { name: 'X', type: 'plain_text', text: 'x' },
  ];
  await published(namespace, { bindings });
  assert.deepEqual(await all(scripts.secrets.list(namespace, 'notes', bench.account)), [
    { name: 'ONE', type: 'secret_text' },
    { name: 'TWO', type: 'secret_text' },
  ]);
});

operation('scripts.secrets.get', 'reads one, also by an encoded name', async (namespace, { scripts }) => {
  await published(namespace, { bindings: [secret('API_KEY', 'example'), secret('a/b', 'example')] });
  const plain = await scripts.secrets.get(namespace, 'notes', 'API_KEY', bench.account);
  assert.deepEqual(plain, { name: 'API_KEY', type: 'secret_text' });
  const encoded = await scripts.secrets.get(namespace, 'notes', 'a%2Fb', { ...bench.account, url_encoded: true });
  assert.deepEqual(encoded, { name: 'a/b', type: 'secret_text' });
});

operation('scripts.secrets.delete', 'removes one and keeps the others', async (namespace, { scripts }) => {
  await published(namespace, { bindings: [secret('ONE', 'example'), secret('TWO', 'example')] });
  assert.equal(await scripts.secrets.delete(namespace, 'notes', 'ONE', bench.account), null);
  assert.deepEqual(await held(namespace, '/secrets'), [{ name: 'TWO', type: 'secret_text' }]);
});

operation('scripts.secrets.bulkUpdate', 'adds, changes and removes at once', async (namespace, { scripts }) => {
  const script = 'acme-bulk';
  const bindings = [secret('CHANGED', 'before'), secret('REMOVED', 'before'), secret('KEPT', 'before')];
  await bench.upload(SERVED, script, { 'worker.js': ENVIRONMENT }, { bindings });
  const answer = await scripts.secrets.bulkUpdate(SERVED, script, {
    ...bench.account,
    secrets: { CHANGED: secret('CHANGED', 'after'), REMOVED: null, ADDED: secret('ADDED', 'after') },
  });
  assert.deepEqual(answer.CHANGED, { name: 'CHANGED', type: 'secret_text' });
  assert.deepEqual(answer.ADDED, { name: 'ADDED', type: 'secret_text' });
  assert.equal(answer.REMOVED, undefined);
  assert.deepEqual(await (await bench.platform.dispatch('bulk')).json(), {
    CHANGED: 'after',
    KEPT: 'before',
    ADDED: 'after',
  });
});

operation('scripts.tags.update', 'replaces the tags', async (namespace, { scripts }) => {
  await published(namespace, { tags: ['old'] });
  const updated = await all(scripts.tags.update(namespace, 'notes', { ...bench.account, body: ['team-a', 'public'] }));
  assert.deepEqual(updated, ['team-a', 'public']);
  assert.deepEqual(await held(namespace, '/tags'), ['team-a', 'public']);
});

operation('scripts.tags.list', 'pages through the tags', async (namespace, { scripts }) => {
  await published(namespace, { tags: ['team-a', 'public'] });
  assert.deepEqual(await all(scripts.tags.list(namespace, 'notes', bench.account)), ['team-a', 'public']);
});

operation('scripts.tags.delete', 'removes one tag', async (namespace, { scripts }) => {
  await published(namespace, { tags: ['team-a', 'public'] });
  assert.equal(await scripts.tags.delete(namespace, 'notes', 'team-a', bench.account), null);
  assert.deepEqual(await held(namespace, '/tags'), ['public']);
});

operation(
  'scripts.assetUpload.create',
  'opens a session that asks for the new files',
  async (namespace, { scripts }) => {
    const content = '<h1>page</h1>';
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
    const session = await scripts.assetUpload.create(namespace, 'notes', {
      ...bench.account,
      manifest: { '/index.html': { hash, size: content.length } },
    });
    assert.deepEqual(session.buckets, [[hash]]);
    assert.match(session.jwt, /^[^.]+\.[^.]+\.[^.]+$/);
  },
);

test('every operation of the package is tested', () => {
  assert.deepEqual(tested.toSorted(), operationsOf(bench.namespaces).toSorted());
  assert.equal(tested.length, 21);
});
