// Version 7 of the npm package cannot upload as its own documentation says (cloudflare/cloudflare-typescript#2799):
// it labels a multipart body as JavaScript. Cloudflare takes that for a script and refuses it; so does the platform.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Cloudflare, { toFile } from 'cloudflare-7';
import { SERVED } from '../support/platform.js';
import { Bench } from './bench.js';

const MODULE = { type: 'application/javascript+module' };

let bench;
let scripts;
before(async () => {
  bench = await Bench.open();
  const client = new Cloudflare({ apiToken: bench.platform.token, baseURL: bench.line.url });
  scripts = client.workersForPlatforms.dispatch.namespaces.scripts;
});
after(() => bench?.close());

/** What both forms of the upload have in common. */
async function parameters(source) {
  return {
    ...bench.account,
    dispatch_namespace: SERVED,
    files: [await toFile(Buffer.from(source), 'worker.mjs', MODULE)],
  };
}

test('the documented upload is refused as Cloudflare refuses it', async () => {
  const metadata = { main_module: 'worker.mjs', compatibility_date: '2026-06-01' };
  const upload = scripts.update('acme-seven', { ...(await parameters('export default {};')), metadata });
  await assert.rejects(upload, (error) => {
    assert.ok(error instanceof Cloudflare.BadRequestError, String(error));
    const [{ code, message }] = error.errors;
    assert.equal(code, 10021);
    assert.match(
      message,
      /^Uncaught SyntaxError: Invalid left-hand side expression in prefix operation\n  at worker\.js:1/,
    );
    return true;
  });
  assert.equal(bench.line.calls.at(-1).headers['content-type'], 'application/javascript');
});

test('the upload works with the metadata as a file and no content type', async () => {
  const metadata = JSON.stringify({ main_module: 'worker.mjs', compatibility_date: '2026-06-01' });
  const uploaded = await scripts.update(
    'acme-seven',
    {
      ...(await parameters('export default { fetch: () => new Response("seven") };')),
      metadata: await toFile(Buffer.from(metadata), 'metadata.json', { type: 'application/json' }),
    },
    { headers: { 'Content-Type': null } },
  );
  assert.equal(uploaded.id, 'acme-seven');
  assert.equal(await (await bench.platform.dispatch('seven')).text(), 'seven');
});

test('version 7 sets a secret and reads it back without its value', async () => {
  const namespace = await bench.platform.createNamespace('seven');
  await bench.upload(namespace, 'notes', { 'worker.js': 'export default { fetch: () => new Response() };' });
  const place = { ...bench.account, dispatch_namespace: namespace };
  await scripts.secrets.update('notes', { ...place, name: 'API_KEY', type: 'secret_text', text: 'example' });
  const found = await scripts.secrets.get('API_KEY', { ...place, script_name: 'notes' });
  assert.deepEqual(found, { name: 'API_KEY', type: 'secret_text' });
});
