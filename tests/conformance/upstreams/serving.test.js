// How `patchbay upstream serve` is reached, and that its faults happen on the wire.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { broken, failure, ServedUpstreams, serving } from './bench.js';

const HOST = 'api.notion.com';
const ME = '/v1/users/me';
const HEADERS = { authorization: 'Bearer example', 'notion-version': '2025-09-03' };

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

/** A call with a request line and `Host` of its own: status and body. */
async function call(path, headers) {
  const { hostname, port } = new URL(served.url);
  const call = request({ hostname, port, path, headers: { ...HEADERS, ...headers } }).end();
  const [answer] = await once(call, 'response');
  const body = await text(answer);
  const isJson = answer.headers['content-type']?.startsWith('application/json');
  return { status: answer.statusCode, body: isJson ? JSON.parse(body) : body };
}

test('an upstream is named by the path, by the `Host` and by the request line of a proxy', async () => {
  for (const { status, body } of [
    await call(`/${HOST}${ME}`),
    await call(ME, { host: HOST }),
    await call(`http://${HOST}${ME}`),
  ]) {
    assert.deepEqual([status, body.type], [200, 'bot']);
  }
});

test('what it serves is what every upstream is called by', async () => {
  const known = ['airtable', 'hubspot', 'notion', 'pagerduty', 'paypal', 'salesforce', 'slack', 'stripe', 'teams'];
  for (const id of known) {
    assert.ok(served.hosts[id].length > 0, id);
    for (const pattern of served.hosts[id]) {
      const { status } = await call('/', { host: pattern.replace('*', 'example') });
      assert.notEqual(status, 502, pattern);
    }
  }
});

test('what no upstream answers for, and what names none, is refused in words', async () => {
  const unknown = await call('/', { host: 'api.example.com' });
  assert.deepEqual([unknown.status, unknown.body.error], [502, 'Upstream not simulated']);
  const unnamed = await call(ME);
  assert.equal(unnamed.status, 404);
  assert.match(unnamed.body.message, /http:\/\/127\.0\.0\.1:\d+\/api\.notion\.com\/v1\/pages/);
});

test('a port that is taken and a fault that is none are refused with advice', async () => {
  const { port } = new URL(served.url);
  for (const [status, message, args] of [
    [3, /^error: Port \d+ cannot be used: .*\nhint: Choose another one with --port/, ['--port', port]],
    [2, /^error: `sing` is not a kind of fault\nhint: Use a status/, ['--port', '0', '--fault', 'notion:sing']],
    [2, /^error: `nobody` is not a simulated upstream\n/, ['--port', '0', '--fault', 'nobody:429']],
  ]) {
    const { code, stdout, stderr } = await failure(serving(...args));
    assert.match(stderr, message);
    assert.deepEqual([code, stdout], [status, '']);
  }
});

test('a page of another machine cannot call it', async () => {
  const { status } = await call(`/${HOST}${ME}`, { origin: 'https://pages.example.com' });
  assert.equal(status, 403);
  assert.equal((await call(`/${HOST}${ME}`, { origin: 'http://localhost:5173' })).status, 200);
});

test('every fault is what the client sees', async () => {
  const me = (upstreams, options) => upstreams.fetch(HOST, ME, { headers: HEADERS, ...options });
  await broken(['notion#1:reset', 'notion#2:truncated', 'notion#3:malformed', 'notion#4:empty'], async (upstreams) => {
    assert.equal((await failure(me(upstreams))).cause.code, 'ECONNRESET');
    const truncated = await me(upstreams);
    assert.equal(truncated.status, 200, 'its headers arrive');
    const promised = Number(truncated.headers.get('content-length'));
    let bytes = 0;
    const cut = await failure(
      (async () => {
        for await (const piece of truncated.body) bytes += piece.length;
      })(),
    );
    assert.ok(cut instanceof TypeError, String(cut));
    assert.equal(bytes, Math.floor(promised / 2), 'and half of its body');
    assert.ok((await failure((await me(upstreams)).json())) instanceof SyntaxError);
    assert.equal(await (await me(upstreams)).text(), '');
    assert.equal((await (await me(upstreams)).json()).type, 'bot', 'the fifth call is whole');
  });
  await broken(['notion#1:slow:ms=300', 'notion#2:html', 'notion#3:503', 'notion#4:timeout'], async (upstreams) => {
    const began = performance.now();
    assert.equal((await me(upstreams)).status, 200);
    assert.ok(performance.now() - began >= 300);
    assert.match((await me(upstreams)).headers.get('content-type'), /^text\/html/);
    const unavailable = await me(upstreams);
    assert.deepEqual([unavailable.status, (await unavailable.json()).code], [503, 'service_unavailable']);
    const late = await failure(me(upstreams, { signal: AbortSignal.timeout(300) }));
    assert.equal(late.name, 'TimeoutError');
  });
});

test('a connection that was reset takes none of the others along', async () => {
  await broken(['notion#3:reset'], async (upstreams) => {
    const calls = Array.from({ length: 6 }, () => upstreams.fetch(HOST, ME, { headers: HEADERS }));
    const outcomes = (await Promise.allSettled(calls)).map(({ status, value }) => value?.status ?? status);
    assert.deepEqual(outcomes.sort(), [200, 200, 200, 200, 200, 'rejected']);
  });
});
