import { expect, it } from 'vitest';
import { CUSTOM_SECRET, customHeaders, customRequest } from '../../../testing/custom';
import { answerOf, collectLog } from '../../../testing/deliver';
import { type Fault, UNCLEAR, atCall, installFetch, silence } from '../../../testing/fetch';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  WEBHOOK_SECRET: CUSTOM_SECRET,
  TARGET_AUTHORIZATION: 'Bearer example-token',
  TARGET_URL: 'https://api.example.com/v1/events',
  MAPPING: { kind: '{type}', 'order.id': { type: 'text', value: '{order}', required: true } },
};
const logged = collectLog();
const install = (fault?: Fault) => installFetch(() => Response.json({ id: 'made' }, { status: 201 }), fault);

async function deliver(id: string, body: unknown, change: Partial<Env> = {}) {
  return answerOf(adapter, await customRequest(id, body), { ...env, ...change });
}

it('sends the mapped fields under the event’s id', async () => {
  const calls = install();
  const { status, body } = await deliver('order-1', { type: 'order.paid', order: 7, secret_note: 'not mapped' });
  expect([status, body]).toEqual([200, { status: 'delivered', event_id: 'order-1', target_status: 201 }]);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.body).toEqual({ kind: 'order.paid', order: { id: '7' } });
  expect(calls[0]?.headers.get('idempotency-key')).toBe('order-1');
  expect(logged).toEqual(['custom: order-1: delivered order-1']);
});

it('sends a repeated event under the same key', async () => {
  const calls = install(atCall(1, () => Response.json({}, { status: 500 })));
  expect((await deliver('order-2', { type: 'a', order: 1 })).status).toBe(503);
  expect((await deliver('order-2', { type: 'a', order: 1 })).status).toBe(200);
  expect(calls.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['order-2', 'order-2']);
});

it('refuses a forged request without calling the target', async () => {
  const calls = install();
  const forged = await customRequest('order-3', { type: 'forged' }, await customHeaders('{}'));
  expect((await answerOf(adapter, forged, env)).status).toBe(401);
  expect(calls).toEqual([]);
});

it('lets one of ten at once through', async () => {
  const slowly = () => new Promise<Response>((resolve) => setTimeout(() => resolve(Response.json({})), 200));
  const calls = install(atCall(1, slowly));
  const answers = await Promise.all(Array.from({ length: 10 }, () => deliver('order-4', { type: 'a', order: 1 })));
  expect(calls).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

it.each(UNCLEAR.filter(([name]) => name === 'a reset connection'))('asks to come back after %s', async (_, answer) => {
  install(atCall(1, answer));
  expect((await deliver('order-5', { type: 'a', order: 1 })).body.error).toBe('target_unavailable');
});

it('passes on how long to wait', async () => {
  install(() => Response.json({}, { status: 429, headers: { 'retry-after': '60' } }));
  const answer = await deliver('order-6', { type: 'a', order: 1 });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
});

it('answers before the sender stops waiting', { timeout: 10_000 }, async () => {
  install(silence);
  const started = Date.now();
  expect((await deliver('order-7', { type: 'a', order: 1 })).status).toBe(503);
  expect(Date.now() - started).toBeLessThan(9000);
});

it.each<[Partial<Env>, string]>([
  [{ WEBHOOK_SECRET: '' }, 'WEBHOOK_SECRET is not set'],
  [{ TARGET_URL: '' }, 'TARGET_URL is not set'],
  [{ TARGET_AUTHORIZATION: '' }, 'TARGET_AUTHORIZATION is not set'],
  [{ MAPPING: undefined as unknown as Env['MAPPING'] }, 'MAPPING is not set'],
  [{ MAPPING: { id: '{missing}' } }, 'reads {missing}, which this event does not have'],
])('says what is missing: %j', async (change, message) => {
  const calls = install();
  const { status, body } = await deliver('order-8', { type: 'a', order: 1 }, change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(JSON.stringify([body, logged])).not.toContain('example-token');
  expect(calls).toEqual([]);
});
