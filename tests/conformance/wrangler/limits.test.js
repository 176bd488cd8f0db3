// The limit of requests, as wrangler meets it in the middle of a deploy (O12).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SERVED } from '../support/platform.js';
import { answering, Bench } from './bench.js';

let short;
let long;
before(async () => {
  [short, long] = await Promise.all([Bench.open({ apiRequests: '20/4' }), Bench.open({ apiRequests: '20' })]);
});
after(() => Promise.all([short?.close(), long?.close()]));

/** Deploys `acme-limited` while the requests of the API are used up just before the upload. */
async function deployedOverLimit(bench, seconds) {
  const folder = await bench.project({ name: 'acme-limited' }, { 'src/index.js': answering('limited') });
  let exhausted = false;
  const beforeCall = async ({ method }) => {
    if (method !== 'PUT' || exhausted) return;
    exhausted = true;
    await bench.platform.exhaust(seconds);
  };
  const run = await bench.deploy(folder, SERVED, [], { beforeCall });
  return { ...run, uploads: run.calls.filter(({ method }) => method === 'PUT') };
}

test('wrangler waits as long as `Retry-After` says and then deploys', async () => {
  const run = await deployedOverLimit(short, 2);
  assert.equal(run.status, 0, run.said);
  assert.match(run.output, /Received a "Retry-After" header from the Cloudflare API\. Waiting [2-4] second\(s\)/);
  assert.deepEqual(
    run.uploads.map(({ status }) => status),
    [429, 200],
  );
  assert.equal(await (await short.platform.dispatch('limited')).text(), 'limited');
});

test('wrangler gives up at once when it would have to wait for minutes, and says why', async () => {
  const run = await deployedOverLimit(long, 200);
  assert.equal(run.status, 1, run.said);
  assert.match(run.errors, /Please wait and consider throttling your request speed \[code: 971\]/);
  assert.equal(run.uploads.length, 1);
  const seconds = Number(run.uploads[0].answerHeaders['retry-after']);
  assert.ok(seconds >= 200 && seconds <= 300, `${seconds} seconds`);
});

test('nothing left this machine', () => {
  assert.deepEqual([...short.nowhere.attempts, ...long.nowhere.attempts], []);
});
