import { expect, it, vi } from 'vitest';
import { collectLog } from '../testing/deliver';
import { UNCLEAR, atCall, installFetch, silence } from '../testing/fetch';
import { type Upstream, call, retryAfterSeconds, send } from './calls';

collectLog();
const URL = 'https://api.example.com/v1/things';

function upstream(withinMs = 2000, change: Partial<Upstream> = {}): Upstream {
  return {
    name: 'Example API',
    headers: { authorization: 'Bearer example-token' },
    answerBy: Date.now() + withinMs,
    said: (body) => String((body as { error?: string } | null)?.error ?? ''),
    advice: (status) => `Correct what gives ${status}`,
    ...change,
  };
}

const read = { method: 'POST', url: URL, body: { a: 1 }, repeatable: true } as const;
const write = { ...read, repeatable: false } as const;
const ok = () => Response.json({ id: 7 });
const failed = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ error: 'it_broke' }, { status, headers });

it('redirect-host: sends JSON with the authorization and follows no redirect', async () => {
  const calls = installFetch(ok);
  expect(await call(upstream(), { ...write, headers: { 'idempotency-key': 'Ev1' } })).toEqual({ id: 7 });
  const [sent] = calls;
  expect(sent?.body).toEqual({ a: 1 });
  expect(Object.fromEntries(sent?.headers ?? [])).toEqual({
    authorization: 'Bearer example-token',
    'content-type': 'application/json',
    'idempotency-key': 'Ev1',
  });
  expect(vi.mocked(fetch).mock.calls[0]?.[1]?.redirect).toBe('manual');
});

it('sends no body and no content type when there is none', async () => {
  installFetch(ok);
  await call(upstream(), { method: 'GET', url: URL, repeatable: true });
  const [, init] = vi.mocked(fetch).mock.calls[0] ?? [];
  expect([init?.body, new Headers(init?.headers).has('content-type')]).toEqual([undefined, false]);
});

it.each([
  [429, true, 2],
  [429, false, 2],
  [529, false, 2],
  [500, true, 2],
  [503, true, 2],
])('after %i it repeats a call whose repeatable is %s', async (status, repeatable, count) => {
  const calls = installFetch(
    ok,
    atCall(1, () => failed(status, { 'retry-after': '0' })),
  );
  expect(await call(upstream(), { ...read, repeatable })).toEqual({ id: 7 });
  expect(calls).toHaveLength(count);
});

it.each([500, 502, 503, 504])('after %i it does not repeat a write, which may have been done', async (status) => {
  const calls = installFetch(
    ok,
    atCall(1, () => failed(status, { 'retry-after': '3' })),
  );
  await expect(call(upstream(), write)).rejects.toMatchObject({
    status: 503,
    code: 'example_api_unavailable',
    message: `Example API answered ${status} it_broke`,
    retry: 'again',
    retryAfterSeconds: 3,
  });
  expect(calls).toHaveLength(1);
});

it('gives up when waiting would take longer than the sender waits', async () => {
  const calls = installFetch(() => failed(429, { 'retry-after': '5' }));
  await expect(call(upstream(), read)).rejects.toMatchObject({ retry: 'again', retryAfterSeconds: 5 });
  expect(calls).toHaveLength(1);
});

it('waits after 429 as the upstream documents it, where the answer does not say how long', async () => {
  const documented = { backOffSeconds: 30 };
  const calls = installFetch(ok, (_, number) => failed(429, number === 2 ? { 'retry-after': '7' } : {}));
  for (const retryAfterSeconds of [30, 7]) {
    await expect(call(upstream(2000, documented), read)).rejects.toMatchObject({ status: 503, retryAfterSeconds });
  }
  expect(calls).toHaveLength(2);
});

it('stops after three attempts', async () => {
  const calls = installFetch(() => failed(429, { 'retry-after': '0' }));
  await expect(call(upstream(), read)).rejects.toMatchObject({ retry: 'again' });
  expect(calls).toHaveLength(3);
});

it.each([307, 400, 401, 403, 404, 422])('after %i it says what to correct', async (status) => {
  const calls = installFetch(() => failed(status));
  await expect(call(upstream(), read)).rejects.toMatchObject({
    status: 500,
    code: 'misconfigured',
    message: `Example API answered ${status} it_broke. Correct what gives ${status}`,
    retry: 'never',
  });
  expect(calls).toHaveLength(1);
});

it('knows refusals that go away by themselves', async () => {
  installFetch(() => failed(400));
  const locked = upstream(300, { passes: (status, said) => status === 400 && said === 'it_broke' });
  await expect(call(locked, write)).rejects.toMatchObject({ status: 503, retry: 'again', retryAfterSeconds: 1 });
});

it('shows what the outbound worker refused', async () => {
  const body = { error: 'Outbound call refused', message: 'Host "api.example.com" is not on the egress list' };
  installFetch(() => Response.json(body, { status: 403, headers: { 'x-patchbay-refused': 'egress' } }));
  await expect(call(upstream(), read)).rejects.toMatchObject({
    message: 'The call to Example API was refused: Host "api.example.com" is not on the egress list',
    retry: 'never',
  });
});

it.each(UNCLEAR)('after %s it asks the sender to come back, and does not repeat a write', async (_, answer) => {
  const calls = installFetch(ok, atCall(1, answer));
  await expect(call(upstream(), write)).rejects.toMatchObject({ status: 503, retry: 'again' });
  expect(calls).toHaveLength(1);
});

it('does not wait longer than the sender', async () => {
  installFetch(ok, atCall(1, silence));
  await expect(call(upstream(50), read)).rejects.toMatchObject({
    message: 'Example API did not answer in time',
    retry: 'again',
  });
});

it('sends nothing when the time is over', async () => {
  const calls = installFetch(ok);
  await expect(call(upstream(0), read)).rejects.toMatchObject({ message: 'Example API did not answer in time' });
  expect(calls).toEqual([]);
});

it('takes an answer without a body where none is read', async () => {
  installFetch(() => new Response(null, { status: 204 }));
  expect((await send(upstream(), write)).status).toBe(204);
});

it.each([
  [null, undefined],
  ['0', 0],
  ['7', 7],
  ['-1', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['9999999', 9999999],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
])('Retry-After %s means %s', (header, seconds) => {
  expect(retryAfterSeconds(header)).toBe(seconds);
});
