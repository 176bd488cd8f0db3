import { describe, expect, it, vi } from 'vitest';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { installNotion, notionError } from '../../../testing/notion';
import { STRIPE_SECRET, stripeEvent, stripeHeaders, stripeRequest } from '../../../testing/stripe';
import { gzipped, inPieces } from '../../../testing/transport';
import adapter from './adapter';
import type { Env } from './env';
import { entryOf } from './ledger';

const env: Env = {
  STRIPE_WEBHOOK_SECRET: STRIPE_SECRET,
  NOTION_TOKEN: 'example-notion-token',
  NOTION_DATA_SOURCE_ID: '11111111-2222-4333-8444-555555555555',
  MAPPING: {
    Title: '{entry.what} · {entry.customer | default:"unknown customer"}',
    Amount: { type: 'number', value: '{entry.amount | money:entry.currency | number}', required: false },
    Description: '{data.object.description | default:""}',
    'Stripe event': '{id}',
  },
};
const API = 'https://api.notion.com/v1';
const PAID = { id: 'pi_1', amount_received: 12050, currency: 'eur', receipt_email: 'bo@example.com', description: 'x' };

const logged = collectLog();
const notionTable = (fault?: Parameters<typeof installNotion>[0]) => installNotion(fault, 'Stripe event');
const payment = (id: string, change: object = {}) =>
  stripeEvent(id, 'payment_intent.succeeded', { ...PAID, ...change });

async function deliver(body: unknown, change: Partial<Env> = {}) {
  return answerOf(adapter, await stripeRequest(body), { ...env, ...change });
}

it('makes a page out of a payment', async () => {
  const { calls, pages } = notionTable();
  const { status, body } = await deliver(payment('evt_made'));
  expect(status).toBe(200);
  expect(body).toEqual({ status: 'created', page_id: pages[0]?.id, page_url: `https://notion.so/${pages[0]?.id}` });
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `POST ${API}/data_sources/${env.NOTION_DATA_SOURCE_ID}/query`,
    `POST ${API}/pages`,
  ]);
  for (const { headers } of calls) expect(headers.get('authorization')).toBe('Bearer example-notion-token');
  expect(calls[0]?.body.filter).toEqual({ property: 'Stripe event', rich_text: { equals: 'evt_made' } });
  expect(calls[1]?.body.properties).toEqual({
    title: { title: [{ text: { content: 'Payment · bo@example.com' } }] },
    Amount: { number: 120.5 },
    Description: { rich_text: [{ text: { content: 'x' } }] },
    'Stripe event': { rich_text: [{ text: { content: 'evt_made' } }] },
  });
});

it('writes one log line, without amount, address or secret', async () => {
  notionTable();
  await deliver(payment('evt_log'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^stripe: evt_log payment_intent\.succeeded: created [0-9a-f-]{36}$/);
});

it('hdr-missing: refuses a forged request without calling Notion', async () => {
  const { calls } = notionTable();
  const { url, headers } = await stripeRequest(payment('evt_forged'));
  for (const forged of [{ body: '{}' }, { headers, body: '{}' }]) {
    const answer = await answerOf(adapter, new Request(url, { method: 'POST', ...forged }), env);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_signature']);
  }
  expect(calls).toEqual([]);
});

it('ping, new-fields: answers what the ledger does not know without calling Notion', async () => {
  const { calls } = notionTable();
  const ignored = { status: 'ignored', reason: 'no kind of entry in src/ledger.ts' };
  for (const type of ['customer.updated', 'toString', '__proto__', 'something.new']) {
    expect((await deliver(stripeEvent('evt_other', type, { id: 'x' }))).body).toEqual(ignored);
  }
  expect((await deliver({ id: 'evt_thin', object: 'v2.core.event', type: 'a' })).body.status).toBe('ignored');
  expect(calls).toEqual([]);
});

describe('entryOf', () => {
  const entry = (type: string, object: Record<string, unknown>, previous_attributes?: object) =>
    entryOf({ ...stripeEvent('evt', type, object), data: { object, previous_attributes } });
  const item = (unit_amount: unknown, quantity?: number) => ({ price: { unit_amount }, quantity });

  it.each<[string, Record<string, unknown>, object | undefined, object]>([
    ['payment_intent.succeeded', PAID, undefined, { what: 'Payment', amount: 12050, customer: 'bo@example.com' }],
    ['charge.refunded', { amount_refunded: 3500, currency: 'eur' }, { amount_refunded: 2000 }, { amount: 1500 }],
    ['charge.refunded', { amount_refunded: 3500, currency: 'eur' }, undefined, { what: 'Refund', amount: 3500 }],
    ['charge.dispute.created', { amount: 4999, currency: 'eur' }, undefined, { what: 'Dispute', amount: 4999 }],
    ['invoice.payment_failed', { amount_due: 0, currency: 'eur', customer_email: 'a@b.c' }, undefined, { amount: 0 }],
    [
      'customer.subscription.created',
      { items: { data: [item(900, 2), item(100)] }, currency: 'usd', customer: 'cus_1' },
      undefined,
      { what: 'New subscription', amount: 1900, currency: 'usd', customer: 'cus_1' },
    ],
  ])('%s %j after %j', (type, object, previous, expected) => {
    expect(entry(type, object, previous)).toMatchObject(expected);
  });

  it.each<[string, Record<string, unknown>]>([
    ['customer.subscription.deleted', { items: { data: [item(900, 2), item(null)] }, currency: 'usd' }],
    ['customer.subscription.deleted', { items: null, currency: 7 }],
    ['charge.refunded', { amount_refunded: 'x', currency: 'eur' }],
    ['charge.dispute.created', { amount: 2 ** 53, currency: 'eur' }],
    ['charge.dispute.created', { amount: 1.5, currency: 'eur' }],
    ['charge.dispute.created', { amount: 100 }],
  ])('writes down no amount that it does not know: %s %j', (type, object) => {
    expect(Object.keys(entry(type, object) ?? {})).toEqual(['what', 'customer']);
  });
});

describe('one page per event', () => {
  it('dup-seq: when it comes twice', async () => {
    const { pages } = notionTable();
    await deliver(payment('evt_twice'));
    expect((await deliver(payment('evt_twice'))).body).toMatchObject({ status: 'duplicate', page_id: pages[0]?.id });
    expect(pages).toHaveLength(1);
  });

  it('dup-par, retry-overlap: when it comes ten times at once, and the rest is asked to come back', async () => {
    const { pages } = notionTable();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(payment('evt_parallel'))));
    expect(pages).toHaveLength(1);
    expect(answers.filter(({ body }) => body.status === 'created')).toHaveLength(1);
    for (const { body, headers, status } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body.error, headers.get('retry-after')]).toEqual([503, 'in_progress', '1']);
    }
    expect((await deliver(payment('evt_parallel'))).body.status).toBe('duplicate');
  });

  it('5xx-applied: when Notion wrote it but answered 500', async () => {
    const { pages } = notionTable((_, number) => {
      if (number !== 2) return undefined;
      pages.push({ id: 'written-all-the-same', event: 'evt_ambiguous' });
      return notionError(500, 'internal_server_error');
    });
    expect((await deliver(payment('evt_ambiguous'))).status).toBe(503);
    expect((await deliver(payment('evt_ambiguous'))).body.page_id).toBe('written-all-the-same');
    expect(pages).toHaveLength(1);
  });

  it('order-update-first: a refund may come before its payment', async () => {
    const { pages } = notionTable();
    await deliver(stripeEvent('evt_refund', 'charge.refunded', { id: 'ch_1', amount_refunded: 1, currency: 'eur' }));
    await deliver(payment('evt_payment'));
    expect(pages.map(({ event }) => event)).toEqual(['evt_refund', 'evt_payment']);
  });
});

describe('when Notion fails', () => {
  it('waits as long as Notion asks, when that fits', async () => {
    const { calls } = notionTable(atCall(2, () => notionError(429, 'rate_limited', { 'retry-after': '1' })));
    const started = Date.now();
    expect((await deliver(payment('evt_429'))).body.status).toBe('created');
    expect([calls.length, Date.now() - started >= 990]).toEqual([3, true]);
  });

  it.each([
    [429, '60'],
    [529, '30'],
    [503, '5'],
  ])('passes %i with Retry-After %s on, when it does not', async (status, given) => {
    notionTable(atCall(2, () => notionError(status, 'rate_limited', { 'retry-after': given })));
    const answer = await deliver(payment(`evt_${status}`));
    expect([answer.status, answer.body.error, answer.headers.get('retry-after')]).toEqual([
      503,
      'notion_unavailable',
      given,
    ]);
  });

  it.each(UNCLEAR)('cut-json, 204-json: lets Stripe send again after %s', async (_, answer) => {
    notionTable(atCall(2, answer));
    expect((await deliver(payment('evt_unclear'))).body.error).toBe('notion_unavailable');
  });

  it('answers within eight seconds', { timeout: 15_000 }, async () => {
    notionTable(silence);
    const started = Date.now();
    expect((await deliver(payment('evt_slow'))).body.message).toBe('Notion did not answer in time');
    expect(Date.now() - started).toBeLessThan(9500);
  });

  it('redirect-host: follows no redirect with the token, and says what to correct', async () => {
    const { calls } = notionTable(() => Response.redirect('https://evil.example/', 307));
    const { status, body } = await deliver(payment('evt_moved'));
    expect([status, body.error, calls.length]).toEqual([500, 'misconfigured', 1]);
    expect(vi.mocked(fetch).mock.calls[0]?.[1]?.redirect).toBe('manual');
    expect(logged.join()).not.toContain('example-notion-token');
  });
});

it.each<[Partial<Env>, string]>([
  [{ STRIPE_WEBHOOK_SECRET: '' }, 'STRIPE_WEBHOOK_SECRET is not set'],
  [{ NOTION_TOKEN: '' }, 'NOTION_TOKEN is not set'],
  [{ MAPPING: { Title: '{entry.what}' } }, 'The mapping has no text column for {id}'],
  [{ MAPPING: { ...env.MAPPING, Nope: '{data.nope}' } }, 'reads {data.nope}, which this event does not have'],
])('says which setting is wrong, so that the event arrives once it is right: %j', async (change, message) => {
  const { calls } = notionTable();
  const { status, body } = await deliver(payment('evt_settings'), change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(calls).toEqual([]);
});

describe('hostile events', () => {
  const described = async (description: string) => {
    const { calls } = notionTable();
    await deliver(payment(`evt_${crypto.randomUUID()}`, { description }));
    const properties = calls[1]?.body.properties as Record<string, { rich_text: { text: { content: string } }[] }>;
    return properties.Description?.rich_text.map(({ text }) => text.content);
  };

  it.each([
    ['emoji-zwj', '👩‍👩‍👧‍👦 🇵🇱 👍🏽 e\u0301 \u202eRTL\u202c'],
    ['inj-sheet', '=HYPERLINK("https://evil.example","x")'],
  ])('%s: keeps the text as it is', async (_, text) => expect(await described(text)).toEqual([text]));

  it('nul: leaves out what Notion refuses', async () => expect(await described('a\0b\ud800')).toEqual(['ab\ufffd']));

  it('size-1mb: cuts a text into as many pieces as Notion takes', async () => {
    const pieces = (await described('🚀'.repeat(250_000))) ?? [];
    expect([pieces.length, pieces.every((piece) => piece.length <= 2000 && piece.isWellFormed())]).toEqual([100, true]);
  });

  const send = async (body: string | Uint8Array, contentType = 'application/json') => {
    const headers = { ...(await stripeHeaders(body)), 'content-type': contentType };
    return answerOf(
      adapter,
      new Request('https://x.example/', { method: 'POST', body: body as BodyInit, headers }),
      env,
    );
  };

  it('size-25mb: refuses what Stripe never sends', async () => {
    const { calls } = notionTable();
    expect((await send('x'.repeat(25 * 1024 * 1024))).status).toBe(413);
    expect(calls).toEqual([]);
  });

  it('deep-10k, int-2p53, num-extreme, wide, odd-keys: takes what it does not read', async () => {
    const { pages } = notionTable();
    const odd = `"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},"big":9007199254740993,"huge":1e400,"wide":[${'0,'.repeat(100_000)}0],"then":1,"__proto__":{"id":"x"},"":0`;
    expect((await send(JSON.stringify(payment('evt_odd')).replace('{', `{${odd},`))).status).toBe(200);
    expect(pages.map(({ event }) => event)).toEqual(['evt_odd']);
  });

  it('dup-keys: the last one counts', async () => {
    const { pages } = notionTable();
    await send(JSON.stringify(payment('evt_last')).replace('"id"', '"id":"evt_first","id"'));
    expect(pages.map(({ event }) => event)).toEqual(['evt_last']);
  });

  it('bom, invalid-utf8, latin1-charset, utf16-charset: reads the bytes as UTF-8, after verifying them', async () => {
    const { pages } = notionTable();
    const text = JSON.stringify(payment('evt_bytes'));
    const bytes = new TextEncoder().encode(`\ufeff${text}`);
    expect((await send(bytes, 'application/json; charset=iso-8859-1')).status).toBe(200);
    const utf16 = new Uint8Array(Array.from(text).flatMap((letter) => [letter.charCodeAt(0), 0]));
    expect((await send(utf16, 'application/json; charset=utf-16')).status).toBe(400);
    expect((await send(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
    expect(pages).toHaveLength(1);
  });

  it('chunked, hdr-case: takes bytes in pieces, and headers in any case', async () => {
    const { pages } = notionTable();
    const bytes = new TextEncoder().encode(JSON.stringify(payment('evt_pieces', { description: 'café' })));
    const headers = { 'STRIPE-signature': (await stripeHeaders(bytes))['stripe-signature'] };
    const { status } = await answerOf(adapter, inPieces(bytes, headers), env);
    expect([status, pages.length]).toEqual([200, 1]);
  });

  it('gzip: refuses a compressed body after verifying it, and inflates nothing', async () => {
    const { calls } = notionTable();
    expect((await send(await gzipped(JSON.stringify(payment('evt_gzip'))))).status).toBe(400);
    expect(calls).toEqual([]);
  });

  it('methods: takes POST only', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await answerOf(adapter, new Request('https://x.example/', { method }), env)).status).toBe(405);
    }
  });
});
