import { afterEach, describe, expect, it, vi } from 'vitest';
import { hex, hmac } from '../testing/hmac';
import { STRIPE_SECRET, stripeEvent, stripeHeaders, stripeRequest } from '../testing/stripe';
import { DeliveryError, misconfigured } from './errors';
import { stripeEvents, verify } from './stripe';

const NOW = 1760000000;
const now = (at = NOW) => void vi.useFakeTimers({ now: at * 1000, toFake: ['Date'] });
afterEach(() => void vi.useRealTimers());

const bytesOf = (body: string) => new TextEncoder().encode(body);

function check(body: string, headers: Record<string, string> | Headers, secret = STRIPE_SECRET): Promise<void> {
  return verify(bytesOf(body), new Headers(headers), secret);
}

describe('verify', () => {
  // From the comments of stripe-node's `src/crypto/CryptoProvider.ts`.
  it.each([
    ['', 'f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd'],
    ['\u{1f600}', '837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43'],
  ])('computes what Stripe’s library does over %j', async (text, digest) => {
    expect(hex(await hmac('SHA-256', 'test_secret', text))).toBe(digest);
  });

  const pretty = JSON.stringify(
    {
      id: 'evt_example_001',
      object: 'event',
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_example_001', amount: 4999, description: 'Grüße 🎉' } },
    },
    null,
    2,
  );
  const digest = 'f40411372770169a9644549beb9a3231e9af198a29a6fe6b8214c90e5ab344aa';

  it('accepts the generated vector, over the bytes as they came', async () => {
    now();
    await check(pretty, { 'stripe-signature': `t=${NOW},v1=${digest}` });
    const again = JSON.stringify(JSON.parse(pretty));
    await expect(check(again, { 'stripe-signature': `t=${NOW},v1=${digest}` })).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ['ts-300: an age of 300 s', 300],
    ['an hour ahead, as Stripe’s library does', -3600],
  ])('accepts %s', async (_, age) => {
    now();
    await check('{}', await stripeHeaders('{}', NOW - age));
  });

  const other = '0'.repeat(64);
  it.each<[string, (right: string) => string]>([
    ['the second of two, while the secret is rolled', (right) => `t=${NOW},v1=${other},v1=${right},v0=${other}`],
    ['hdr-dup: two headers, which are joined with a space', (right) => `t=${NOW},v1=${other}, t=${NOW},v1=${right}`],
    ['schemes that it does not know', (right) => `v9=x,t=${NOW},=,v1=${right},v2`],
  ])('accepts %s', async (_, header) => {
    now();
    const right = (await stripeHeaders('{}', NOW))['stripe-signature'].split('v1=')[1] ?? '';
    await check('{}', { 'stripe-signature': header(right) });
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['hdr-missing: no header', () => Promise.resolve({})],
    ['an empty header', () => Promise.resolve({ 'stripe-signature': '' })],
    ['ts-301: an age of 301 s', () => stripeHeaders('{}', NOW - 301)],
    ['ts-ms: milliseconds', () => stripeHeaders('{}', NOW * 1000)],
    ...['abc', '-1', '', '1e9', `000${NOW}`, `${NOW}.5`].map(
      (time): [string, () => Promise<Record<string, string>>] => [
        `ts-nan: the time ${time}`,
        () => stripeHeaders('{}', time),
      ],
    ),
    ['another secret', () => stripeHeaders('{}', NOW, 'whsec_other')],
    ['sig-prefix: the secret without whsec_', () => stripeHeaders('{}', NOW, 'example')],
    ['another body', () => stripeHeaders('{ }', NOW)],
    ['sig-downgrade: v0 alone', () => changed(NOW, (header) => header.replace('v1=', 'v0='))],
    ['sig-upper-hex: an upper-case digest', () => changed(NOW, (header) => header.replace(/v1=.*/, upperCase))],
    ['a short digest', () => changed(NOW, (header) => header.slice(0, -2))],
    ['another time than the signed one', () => changed(NOW - 1, (header) => header.replace(`${NOW - 1}`, `${NOW}`))],
    [
      'sig-10k: the right one after 10000 others',
      () => changed(NOW, (header) => header.replace('v1=', `${`v1=${other},`.repeat(10_000)}v1=`)),
    ],
  ])('refuses %s', async (_, headers) => {
    now();
    await expect(check('{}', await headers())).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
  });

  it.each([
    ['', 'STRIPE_WEBHOOK_SECRET is not set'],
    [`${STRIPE_SECRET}\n`, 'STRIPE_WEBHOOK_SECRET begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the secret %j', async (secret, message) => {
    now();
    await expect(check('{}', await stripeHeaders('{}', NOW), secret)).rejects.toMatchObject({ status: 500, message });
  });
});

async function changed(time: number, change: (header: string) => string): Promise<Record<string, string>> {
  return { 'stripe-signature': change((await stripeHeaders('{}', time))['stripe-signature']) };
}

const upperCase = (text: string) => text.replace(/[a-f]/g, (letter) => letter.toUpperCase());

describe('stripeEvents', () => {
  const read = async (body: unknown) => stripeEvents(STRIPE_SECRET).read(await stripeRequest(body));

  it('tells an event by its id, and keeps what it does not know', async () => {
    const event = { ...stripeEvent('evt_1', 'charge.refunded', { id: 'ch_1' }), new_field: 7 };
    expect(await read(event)).toEqual({
      kind: 'events',
      events: [{ id: 'evt_1', document: event, about: 'evt_1 charge.refunded' }],
    });
  });

  it.each([
    [{ object: 'v2.core.event', id: 'evt_1', type: 'a' }, 'a thin event; choose snapshot events for this destination'],
    [{ object: 'charge', id: 'ch_1' }, 'not an event: charge'],
    [{ object: 'event', id: 'evt_1', type: 'a', created: 1 }, 'not an event: event'],
    [{}, 'not an event: no object type'],
    [{ object: { toString: 1 } }, 'not an event: no object type'],
  ])('ignores %j', async (body, reason) => {
    expect(await read(body)).toEqual({ kind: 'ignored', reason });
  });

  it.each(['', 'null', '42', '[]', '<html>', '{"a":NaN}'])(
    'empty, scalar-root, not-json: refuses %j after verifying',
    async (body) => {
      const request = (headers: Record<string, string>) =>
        stripeEvents(STRIPE_SECRET).read(new Request('https://x.example/', { method: 'POST', body, headers }));
      await expect(request(await stripeHeaders(body))).rejects.toMatchObject({ status: 400, code: 'invalid_body' });
      await expect(request({})).rejects.toMatchObject({ status: 401 });
    },
  );

  it('lets Stripe send again after every refusal, because nothing else keeps the event', () => {
    const again = stripeEvents('x').refused(new DeliveryError(503, 'slack_unavailable', 'Later', 'again', 7));
    expect([again.status, again.headers.get('retry-after')]).toEqual([503, '7']);
    expect(stripeEvents('x').refused(misconfigured('Correct it')).status).toBe(500);
  });
});
