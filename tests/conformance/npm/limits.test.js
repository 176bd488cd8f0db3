// The limit of requests, as the npm client meets it (O12).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { SERVED } from '../support/platform.js';
import { Bench } from './bench.js';

let bench;
before(async () => {
  bench = await Bench.open({ apiRequests: '20/4' });
});
after(() => bench?.close());

test('every answer says what is left', async () => {
  const { response } = await bench.namespaces.get(SERVED, bench.account).withResponse();
  assert.match(response.headers.get('ratelimit'), /^"default";r=\d+;t=[0-4]$/);
  assert.equal(response.headers.get('ratelimit-policy'), '"default";q=20;w=4');
});

test('a call over the limit is sent again after `Retry-After` and succeeds', async () => {
  await bench.platform.exhaust(2);
  const sent = bench.line.calls.length;
  const began = performance.now();
  assert.equal((await bench.namespaces.get(SERVED, bench.account)).namespace_name, SERVED);
  const calls = bench.line.calls.slice(sent);
  assert.deepEqual(
    calls.map(({ status }) => status),
    [429, 200],
  );
  const seconds = Number(calls[0].answerHeaders['retry-after']);
  assert.ok(performance.now() - began >= seconds * 1000, `it waited the ${seconds} seconds`);
});

test('a client that does not wait gets a `RateLimitError` with 971', async () => {
  await bench.platform.exhaust(2);
  const call = bench.namespaces.get(SERVED, bench.account, { maxRetries: 0 });
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof Cloudflare.RateLimitError, String(error));
    assert.deepEqual(error.errors, [{ code: 971, message: 'Please wait and consider throttling your request speed' }]);
    return true;
  });
});
