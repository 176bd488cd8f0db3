// What the platform refuses, as a person at wrangler reads it; the version that was live before serves on (O8).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asked } from '../support/relay.js';
import { SERVED } from '../support/platform.js';
import { answering, Bench } from './bench.js';

let bench;
before(async () => {
  bench = await Bench.open();
});
after(() => bench?.close());

const uploads = (run) => run.calls.filter(({ method }) => method === 'PUT');

/** Deploys `acme-{adapter}` answering `live`, then the given files over it, which has to fail. */
async function refused(adapter, files, config = {}) {
  const name = `acme-${adapter}`;
  const good = await bench.project({ name }, { 'src/index.js': answering('live') });
  assert.equal((await bench.deploy(good, SERVED)).status, 0);
  const folder = await bench.project({ name, ...config }, files);
  const run = await bench.deploy(folder, SERVED);
  assert.equal(run.status, 1, run.said);
  assert.equal(uploads(run).length, 1, 'a refusal is not sent again');
  assert.equal(await (await bench.platform.dispatch(adapter)).text(), 'live');
  return { ...run, folder };
}

test("an exception at start-up is 10021, and wrangler finds the author's own line", async () => {
  const run = await refused(
    'throws',
    {
      'src/index.ts': `// A comment that the bundler drops.\ninterface Unused { gone: true }\n\nconst found = missing();\nexport default { fetch: () => new Response(found) };\n`,
    },
    { main: 'src/index.ts', upload_source_maps: true },
  );
  assert.match(run.errors, /Uncaught ReferenceError: missing is not defined/);
  assert.ok(run.errors.includes(`${join(run.folder, 'src/index.ts')}:4:15`), run.said);
  assert.match(run.errors, /\[code: 10021\]/);
});

test('a syntax error that was not bundled away is 10021 with its place', async () => {
  // The bundler does not look into regular expressions; the runtime does.
  const source = 'export default {\n  fetch() { return new Response("x") }\n};\nconst unclosed = /(/;\n';
  const run = await refused('syntax', { 'src/index.js': source }, { no_bundle: true });
  assert.match(run.errors, /Uncaught SyntaxError: Invalid regular expression: .*\n.*index\.js:4/);
  assert.match(run.errors, /\[code: 10021\]/);
});

test('a module that is imported and missing is named', async () => {
  const source = 'import { gone } from "./gone.js";\nexport default { fetch: () => new Response(gone) };\n';
  const run = await refused('importing', { 'src/index.js': source }, { no_bundle: true });
  assert.match(run.errors, /No such module "gone\.js"\.\n\s+imported from "index\.js"/);
  assert.match(run.errors, /\[code: 10021\]/);
});

test('a start-up that does not end is refused, and wrangler tells what start-up may cost', async () => {
  const run = await refused('endless', { 'src/index.js': 'for (;;);\nexport default { fetch() {} };\n' });
  assert.match(run.errors, /Your Worker failed validation because it exceeded startup limits/);
  assert.match(run.errors, /Script startup exceeded CPU time limit\. \[code: 10021\]/);
});

test('a Worker that handles nothing is 10068', async () => {
  const run = await refused('idle', { 'src/index.js': 'export default {};\n' });
  assert.match(run.errors, /no registered event handlers\. \[code: 10068\]/);
});

test('a Worker that is too large is 10027, and wrangler lists what makes it so', async () => {
  // Random bytes do not shrink, so that the limit of 10 MiB holds after compression as well.
  const run = await refused('large', {
    'src/index.js': 'import data from "./data.bin";\nexport default { fetch: () => new Response(data) };\n',
    'src/data.bin': randomBytes(11 << 20),
  });
  assert.match(run.errors, /Your Worker exceeded the size limit of 10 MiB\. .*/);
  assert.match(run.errors, /\[code: 10027\]/);
  assert.match(run.errors, /Here are the \d+ largest dependencies included in your script/);
  assert.match(run.errors, /data\.bin - \d+\.\d+ KiB/);
});

test('a binding of a type that cannot be served is refused by name', async () => {
  const run = await refused('model', { 'src/index.js': answering('x') }, { ai: { binding: 'MODEL' } });
  assert.match(run.errors, /'MODEL' has the type ai, which is not served .*\[code: 10021\]/);
});

test('two secrets that are required and missing are both named', async () => {
  const run = await refused(
    'lacking',
    { 'src/index.js': answering('x') },
    { secrets: { required: ['FIRST_KEY', 'SECOND_KEY'] } },
  );
  assert.match(run.errors, /The following required secrets have not been set: FIRST_KEY, SECOND_KEY/);
});

test('a wrong token deploys nothing and is asked about', async () => {
  const folder = await bench.project({ name: 'acme-stranger' });
  const run = await bench.deploy(folder, SERVED, [], { environment: { CLOUDFLARE_API_TOKEN: 'wrong' } });
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /Authentication error \[code: 10000\]/);
  assert.deepEqual(uploads(run), []);
});

// CONTRACT section 1.8: wrangler neither checks nor encodes a name.
for (const [name, encoded] of [
  ['a b', 'a%20b'],
  ['größe', 'gr%C3%B6%C3%9Fe'],
]) {
  test(`the name \`${name}\` arrives as it was written`, async () => {
    const run = await bench.deploy(await bench.project({ name: 'x' }), SERVED, ['--name', name]);
    assert.equal(run.status, 0, run.said);
    assert.ok(uploads(run)[0].path.includes(`/scripts/${encoded}?`), uploads(run)[0].path);
    assert.equal((await bench.platform.read(bench.platform.script(SERVED, name))).script.id, name);
  });
}

test('the name `a/b` is two segments of a path, to which there is no route', async () => {
  const run = await bench.deploy(await bench.project({ name: 'x' }), SERVED, ['--name', 'a/b']);
  assert.equal(run.status, 1, run.said);
  assert.match(
    run.errors,
    /Could not route to .*\/scripts\/a\/b, perhaps your object identifier is invalid\? \[code: 7003\]/,
  );
  assert.deepEqual(uploads(run), []);
});

test('the name `q?b#c` is cut by wrangler itself and is `q`', async () => {
  const run = await bench.deploy(await bench.project({ name: 'x' }), SERVED, ['--name', 'q?b#c']);
  assert.equal(run.status, 0, run.said);
  assert.deepEqual(asked(uploads(run)), [`PUT ${bench.platform.script(SERVED, 'q')}?b`]);
  assert.equal((await bench.platform.read(bench.platform.script(SERVED, 'q'))).script.id, 'q');
});

test('nothing left this machine', () => {
  assert.deepEqual(bench.nowhere.attempts, []);
});
