// What a Worker can be made of: several modules, a Durable Object, service-worker syntax, static assets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { form, metadata } from '../support/relay.js';
import { SERVED } from '../support/platform.js';
import { answering, Bench } from './bench.js';

/** `add(i32, i32)`: a WebAssembly module of one function. */
const ADD = Buffer.from('0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b', 'hex');

/** Six modules of five kinds, and a Durable Object that counts. */
const SIX_MODULES = {
  'src/index.js': `
    import { DurableObject } from 'cloudflare:workers';
    import { greet } from './lib/greet.js';
    import { deeper } from './lib/deep/er.mjs';
    import note from './note.txt';
    import data from './data.bin';
    import add from './add.wasm';
    export class Counter extends DurableObject {
      async next() {
        const count = ((await this.ctx.storage.get('count')) ?? 0) + 1;
        await this.ctx.storage.put('count', count);
        return count;
      }
    }
    export default {
      async fetch(request, env) {
        const sum = (await WebAssembly.instantiate(add)).exports.add(40, 2);
        const count = await env.COUNTER.get(env.COUNTER.idFromName('one')).next();
        return Response.json({ greeting: greet(), deeper, note, bytes: [...new Uint8Array(data)], sum, count });
      },
    };`,
  'src/lib/greet.js': `export const greet = () => 'hello';`,
  'src/lib/deep/er.mjs': `export const deeper = 'deep';`,
  'src/note.txt': 'a note',
  'src/data.bin': Buffer.from([0, 255, 10]),
  'src/add.wasm': ADD,
};
const SIX_MODULES_CONFIG = {
  name: 'acme-six',
  find_additional_modules: true,
  no_bundle: true,
  rules: [{ type: 'ESModule', globs: ['**/*.js', '**/*.mjs'], fallthrough: true }],
  durable_objects: { bindings: [{ name: 'COUNTER', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

const script = (name, below) => bench.platform.script(SERVED, name, below);
const upload = (run) => run.calls.find(({ method }) => method === 'PUT');
const uploadsOfAssets = (run) => run.calls.filter(({ path }) => path.includes('/workers/assets/upload'));
const counted = async () => (await (await bench.platform.dispatch('six')).json()).count;

test('W15 six modules and a Durable Object run as they were written', async () => {
  const folder = await bench.project(SIX_MODULES_CONFIG, SIX_MODULES);
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 0, run.said);

  const parts = await form(upload(run));
  const modules = [...parts.keys()].filter((name) => name !== 'metadata');
  assert.deepEqual(modules.sort(), ['add.wasm', 'data.bin', 'index.js', 'lib/deep/er.mjs', 'lib/greet.js', 'note.txt']);
  assert.deepEqual((await metadata(upload(run))).migrations, {
    new_tag: 'v1',
    steps: [{ new_sqlite_classes: ['Counter'] }],
  });

  assert.deepEqual(await (await bench.platform.dispatch('six')).json(), {
    greeting: 'hello',
    deeper: 'deep',
    note: 'a note',
    bytes: [0, 255, 10],
    sum: 42,
    count: 1,
  });
  assert.equal((await bench.platform.read(script('acme-six'))).script.migration_tag, 'v1');
});

test('W16 the same deploy again sends no migration, and the object still has what it stored', async () => {
  const before = await counted();
  const run = await bench.deploy(await bench.project(SIX_MODULES_CONFIG, SIX_MODULES), SERVED);
  assert.equal(run.status, 0, run.said);
  assert.equal((await metadata(upload(run))).migrations, undefined);
  assert.equal(await counted(), before + 1);
  assert.equal((await bench.platform.read(script('acme-six'))).script.migration_tag, 'v1');
});

test('W17 a Worker in service-worker syntax runs, with its variables as globals', async () => {
  const source = `
    const name = 'service worker';
    addEventListener('fetch', (event) => {
      event.respondWith(new Response([GREETING, name, event.request.method].join()));
    });`;
  const folder = await bench.project({ name: 'acme-w17', vars: { GREETING: 'hello' } }, { 'src/index.js': source });
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 0, run.said);
  assert.equal((await metadata(upload(run))).body_part, 'index.js');
  assert.equal(await (await bench.platform.dispatch('w17')).text(), 'hello,service worker,GET');
  assert.equal((await bench.platform.read(script('acme-w17'))).script.has_modules, false);
});

test('W18 a Worker with assets uploads them in a session and answers with both', async () => {
  const config = { name: 'acme-w18', assets: { directory: 'public', binding: 'ASSETS' } };
  const files = {
    'public/index.html': '<h1>front</h1>',
    'public/about/index.html': '<h1>about</h1>',
    'src/index.js': `export default {
      async fetch(request, env) {
        const page = await env.ASSETS.fetch(new URL('/about/', request.url));
        return new Response('worker saw ' + (await page.text()));
      },
    };`,
  };
  const run = await bench.deploy(await bench.project(config, files), SERVED);
  assert.equal(run.status, 0, run.said);
  assert.match(run.output, /Success! Uploaded 2 files/);
  const [last, ...earlier] = uploadsOfAssets(run).toReversed();
  assert.equal(last.status, 201, 'the last one completes the session');
  assert.ok(
    earlier.every(({ status }) => status === 202),
    'the ones before leave it open',
  );
  const { jwt } = JSON.parse(last.answer).result;
  assert.equal((await metadata(upload(run))).assets.jwt, jwt);

  const page = await bench.platform.dispatch('w18', '/');
  assert.equal(await page.text(), '<h1>front</h1>');
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.equal(await (await bench.platform.dispatch('w18', '/no-file')).text(), 'worker saw <h1>about</h1>');
  assert.equal((await bench.platform.read(script('acme-w18'))).script.has_assets, true);

  const again = await bench.deploy(await bench.project(config, files), SERVED);
  assert.equal(again.status, 0, again.said);
  assert.match(again.output, /No updated asset files to upload/);
  assert.deepEqual(uploadsOfAssets(again), [], 'what the namespace has is not sent again');
  assert.equal(await (await bench.platform.dispatch('w18', '/')).text(), '<h1>front</h1>');
});

test('W19 assets need no Worker', async () => {
  const folder = await bench.project(null, {
    'wrangler.json': JSON.stringify({
      name: 'acme-w19',
      compatibility_date: '2026-06-01',
      assets: { directory: 'public', not_found_handling: '404-page' },
    }),
    'public/index.html': '<h1>static</h1>',
    'public/404.html': '<h1>nothing here</h1>',
  });
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 0, run.said);
  const { main_module, assets } = await metadata(upload(run));
  assert.equal(main_module, undefined);
  assert.equal(assets.config.not_found_handling, '404-page');

  assert.equal(await (await bench.platform.dispatch('w19', '/')).text(), '<h1>static</h1>');
  const missing = await bench.platform.dispatch('w19', '/no-file');
  assert.deepEqual([missing.status, await missing.text()], [404, '<h1>nothing here</h1>']);
});

test('a module deploy replaces a service worker', async () => {
  const old = await bench.project(
    { name: 'acme-moved' },
    { 'src/index.js': `addEventListener('fetch', (event) => event.respondWith(new Response('old')));` },
  );
  assert.equal((await bench.deploy(old, SERVED)).status, 0);
  assert.equal(await (await bench.platform.dispatch('moved')).text(), 'old');
  const run = await bench.deploy(
    await bench.project({ name: 'acme-moved' }, { 'src/index.js': answering('new') }),
    SERVED,
  );
  assert.equal(run.status, 0, run.said);
  assert.equal(await (await bench.platform.dispatch('moved')).text(), 'new');
});

test('nothing left this machine', () => {
  assert.deepEqual(bench.nowhere.attempts, []);
});
