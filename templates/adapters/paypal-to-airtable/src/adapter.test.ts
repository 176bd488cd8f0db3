import { describe, expect, it, vi } from 'vitest';
import { airtableError, installAirtable } from '../../../testing/airtable';
import { answerOf, collectLog } from '../../../testing/deliver';
import { type Fault, type RecordedCall, UNCLEAR, atCall, silence } from '../../../testing/fetch';
import {
  CERTIFICATE_URL,
  PAYPAL_WEBHOOK,
  certificate,
  paypalEvent,
  paypalHeaders,
  paypalRequest,
} from '../../../testing/paypal';
import { gzipped, inPieces } from '../../../testing/transport';
import adapter from './adapter';
import type { Env } from './env';
import { entryOf } from './ledger';

const env: Env = {
  PAYPAL_WEBHOOK_ID: PAYPAL_WEBHOOK,
  AIRTABLE_TOKEN: 'example-airtable-token',
  AIRTABLE_BASE_ID: 'appEXAMPLE0000001',
  AIRTABLE_TABLE_ID: 'tblEXAMPLE0000001',
  MAPPING: {
    Kind: { type: 'singleSelect', value: '{entry.what}' },
    Amount: { type: 'number', value: '{entry.value | number}', required: false },
    Reference: '{entry.reference | default:""}',
    'PayPal event': '{id}',
  },
};
const TABLE = `${env.AIRTABLE_BASE_ID}/${env.AIRTABLE_TABLE_ID}`;
const PEM = await certificate();

const logged = collectLog();

/** PayPal serves its certificate; a fault counts the calls to Airtable only. */
function install(fault: Fault = () => undefined) {
  let number = 0;
  const toAirtable: RecordedCall[] = [];
  const { calls, records } = installAirtable((call) => {
    if (call.url === CERTIFICATE_URL) return new Response(PEM);
    toAirtable.push(call);
    return fault(call, (number += 1));
  });
  return { calls, records, toAirtable };
}

const money = (value: string, currency_code = 'EUR') => ({ value, currency_code });
const payment = (id: string, change: object = {}) =>
  paypalEvent(id, 'PAYMENT.CAPTURE.COMPLETED', { id: 'C1', amount: money('120.50'), invoice_id: 'INV-1', ...change });

async function deliver(body: unknown, change: Partial<Env> = {}) {
  return answerOf(adapter, await paypalRequest(body), { ...env, ...change });
}

it('makes a record out of a payment', async () => {
  const { calls, records } = install();
  const { status, body } = await deliver(payment('WH-made'));
  const [record] = records;
  const url = `https://airtable.com/${TABLE}/${record?.id}`;
  expect([status, body]).toEqual([200, { status: 'created', record_id: record?.id, record_url: url }]);
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET ${CERTIFICATE_URL}`,
    `PATCH https://api.airtable.com/v0/${TABLE}`,
  ]);
  expect(calls.map(({ headers }) => headers.get('authorization'))).toEqual([null, 'Bearer example-airtable-token']);
  expect(record?.fields).toEqual({ Kind: 'Payment', Amount: 120.5, Reference: 'INV-1', 'PayPal event': 'WH-made' });
});

it('writes one log line, without amount, address or secret', async () => {
  install();
  await deliver(payment('WH-log'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^paypal: WH-log PAYMENT\.CAPTURE\.COMPLETED: created rec\w+$/);
});

it('hdr-missing, sig-paypal-cert-host: a forged request reaches Airtable by no way', async () => {
  const { calls, toAirtable } = install();
  const { url, headers } = await paypalRequest(payment('WH-forged'));
  const elsewhere = new Headers(headers);
  elsewhere.set('paypal-cert-url', 'https://evil.example/v1/notifications/certs/CERT-1');
  for (const forged of [{ body: '{}' }, { headers, body: '{}' }, { headers: elsewhere, body: '{}' }]) {
    const answer = await answerOf(adapter, new Request(url, { method: 'POST', ...forged }), env);
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_signature']);
  }
  expect(toAirtable).toEqual([]);
  expect(calls.map((call) => call.url)).toEqual([CERTIFICATE_URL]);
});

it('ping, new-fields: answers what the ledger does not know without calling Airtable', async () => {
  const { toAirtable } = install();
  const ignored = { status: 'ignored', reason: 'no kind of entry in src/ledger.ts' };
  for (const type of ['PAYMENT.SALE.COMPLETED', 'toString', '__proto__']) {
    expect((await deliver(paypalEvent('WH-other', type, {}))).body).toEqual(ignored);
  }
  expect((await deliver({ hello: 1 })).body).toEqual({ status: 'ignored', reason: 'not an event' });
  expect(toAirtable).toEqual([]);
});

describe('entryOf', () => {
  const unit = { amount: money('5000', 'JPY'), custom_id: 'cart-1' };
  const email_address = 'bo@example.com';
  it.each<[string, Record<string, unknown>, object]>([
    [
      'PAYMENT.CAPTURE.REFUNDED',
      { id: 'R1', amount: money('20.50') },
      { what: 'Refund', value: '20.50', object: 'R1' },
    ],
    ['PAYMENT.CAPTURE.DENIED', { id: 'C1', custom_id: 'x' }, { what: 'Denied payment', reference: 'x' }],
    [
      'CHECKOUT.ORDER.APPROVED',
      { id: 'O1', purchase_units: [unit], payer: { email_address } },
      { what: 'Approved order', value: '5000', currency: 'JPY', payer: email_address, reference: 'cart-1' },
    ],
    ['CUSTOMER.DISPUTE.CREATED', { dispute_id: 'D1', dispute_amount: money('1.00') }, { value: '1.00', object: 'D1' }],
    ['BILLING.SUBSCRIPTION.CANCELLED', { id: 'I-1', subscriber: { email_address } }, { payer: email_address }],
  ])('%s %j', (type, resource, expected) => {
    expect(entryOf(paypalEvent('WH-1', type, resource))).toMatchObject(expected);
  });

  it.each<[string, Record<string, unknown>]>([
    ['CHECKOUT.ORDER.APPROVED', { purchase_units: [unit, unit] }],
    ['CHECKOUT.ORDER.APPROVED', { purchase_units: null, payer: 7 }],
    ['PAYMENT.CAPTURE.COMPLETED', { amount: money('1e3') }],
    ['PAYMENT.CAPTURE.COMPLETED', { amount: money('1,000.00') }],
    ['PAYMENT.CAPTURE.COMPLETED', { amount: { value: 49.9, currency_code: 'EUR' } }],
    ['PAYMENT.CAPTURE.COMPLETED', { amount: money('1.00', 'euro') }],
  ])('writes down no amount that it does not know: %s %j', (type, resource) => {
    const entry = entryOf(paypalEvent('WH-1', type, resource));
    expect([entry?.value, entry?.currency]).toEqual([undefined, undefined]);
  });
});

describe('one record per event', () => {
  it('dup-seq: when it comes twice, with another transmission', async () => {
    const { records } = install();
    await deliver(payment('WH-twice'));
    expect((await deliver(payment('WH-twice'))).body).toMatchObject({ status: 'duplicate', record_id: records[0]?.id });
    expect(records).toHaveLength(1);
  });

  it('dup-par, retry-overlap: when it comes ten times at once, and the rest is asked to come back', async () => {
    const { records } = install();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(payment('WH-parallel'))));
    expect(records).toHaveLength(1);
    expect(answers.filter(({ body }) => body.status === 'created')).toHaveLength(1);
    for (const { body, headers, status } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body.error, headers.get('retry-after')]).toEqual([503, 'in_progress', '1']);
    }
  });

  it('5xx-applied: when Airtable wrote it but answered 500', async () => {
    const { records } = install((_, number) => {
      if (number !== 1) return undefined;
      records.push({ id: 'recWRITTENALLTHESAME', fields: { 'PayPal event': 'WH-ambiguous' } });
      return airtableError(500, 'SERVER_ERROR');
    });
    const { body } = await deliver(payment('WH-ambiguous'));
    expect([body.status, body.record_id, records.length]).toEqual(['duplicate', 'recWRITTENALLTHESAME', 1]);
  });

  it('order-update-first: a refund may come before its payment', async () => {
    const { records } = install();
    await deliver(paypalEvent('WH-refund', 'PAYMENT.CAPTURE.REFUNDED', { id: 'R1', amount: money('1.00') }));
    await deliver(payment('WH-payment'));
    expect(records.map(({ fields }) => fields['PayPal event'])).toEqual(['WH-refund', 'WH-payment']);
  });
});

describe('when Airtable fails', () => {
  it.each([
    [429, {}, '30'],
    [429, { 'retry-after': '60' }, '60'],
    [503, { 'retry-after': '120' }, '120'],
  ])('answers %i %j with Retry-After %s', async (status, headers, expected) => {
    install(atCall(1, () => airtableError(status, 'RATE_LIMIT_REACHED', headers)));
    const answer = await deliver(payment('WH-busy'));
    expect([answer.status, answer.body.error, answer.headers.get('retry-after')]).toEqual([
      503,
      'airtable_unavailable',
      expected,
    ]);
  });

  it.each(UNCLEAR)('cut-json, 204-json: lets PayPal send again after %s', async (_, answer) => {
    install(answer);
    expect((await deliver(payment('WH-unclear'))).body.error).toBe('airtable_unavailable');
  });

  it('answers within eight seconds', { timeout: 15_000 }, async () => {
    install(silence);
    const started = Date.now();
    expect((await deliver(payment('WH-slow'))).body.message).toBe('Airtable did not answer in time');
    expect(Date.now() - started).toBeLessThan(9500);
  });

  it('redirect-host: follows no redirect with the token, and says what to correct', async () => {
    const { toAirtable } = install(() => Response.redirect('https://evil.example/', 307));
    const { status, body } = await deliver(payment('WH-moved'));
    expect([status, body.error, toAirtable.length]).toEqual([500, 'misconfigured', 1]);
    for (const [, init] of vi.mocked(fetch).mock.calls) expect(init?.redirect).toBe('manual');
    expect(logged.join()).not.toContain('example-airtable-token');
  });
});

it.each<[Partial<Env>, string]>([
  [{ PAYPAL_WEBHOOK_ID: '' }, 'PAYPAL_WEBHOOK_ID is not set'],
  [{ AIRTABLE_TOKEN: '' }, 'AIRTABLE_TOKEN is not set'],
  [{ MAPPING: { Kind: '{entry.what}' } }, 'The mapping has no text field for {id}'],
  [{ MAPPING: { ...env.MAPPING, Nope: '{resource.nope}' } }, 'reads {resource.nope}, which this event does not have'],
])('says which setting is wrong, so that the event arrives once it is right: %j', async (change, message) => {
  const { toAirtable } = install();
  const { status, body } = await deliver(payment('WH-settings'), change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(toAirtable).toEqual([]);
});

describe('hostile events', () => {
  const referenced = async (invoice_id: string) => {
    const { records } = install();
    await deliver(payment(`WH-${crypto.randomUUID()}`, { invoice_id }));
    return records[0]?.fields.Reference;
  };

  it.each([
    ['emoji-zwj', '👩‍👩‍👧‍👦 🇵🇱 👍🏽 e\u0301 \u202eRTL\u202c'],
    ['inj-sheet', '=HYPERLINK("https://evil.example","x")'],
    ['inj-soql', `' OR Name LIKE '% {PayPal event}`],
  ])('%s: keeps the text as it is', async (_, text) => expect(await referenced(text)).toBe(text));

  it('nul: leaves out what Airtable refuses', async () => expect(await referenced('a\0b\ud800')).toBe('ab\ufffd'));

  it('size-1mb: cuts a text to what Airtable takes', async () => {
    expect(Array.from(String(await referenced('x'.repeat(1_048_576))))).toHaveLength(100_000);
  });

  const send = async (body: string | Uint8Array, contentType = 'application/json') => {
    const headers = { ...(await paypalHeaders(body)), 'content-type': contentType };
    return answerOf(
      adapter,
      new Request('https://x.example/', { method: 'POST', body: body as BodyInit, headers }),
      env,
    );
  };

  it('size-25mb: refuses what PayPal never sends, without any call', async () => {
    const { calls } = install();
    const request = new Request('https://x.example/', { method: 'POST', body: 'x'.repeat(25 * 1024 * 1024) });
    expect((await answerOf(adapter, request, env)).status).toBe(413);
    expect(calls).toEqual([]);
  });

  it('deep-10k, int-2p53, num-extreme, wide, odd-keys: takes what it does not read', async () => {
    const { records } = install();
    const odd = `"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},"big":9007199254740993,"huge":1e400,"wide":[${'0,'.repeat(100_000)}0],"then":1,"__proto__":{"id":"x"},"":0`;
    expect((await send(JSON.stringify(payment('WH-odd')).replace('{', `{${odd},`))).status).toBe(200);
    expect(records.map(({ fields }) => fields['PayPal event'])).toEqual(['WH-odd']);
  });

  it('dup-keys: the last one counts', async () => {
    const { records } = install();
    await send(JSON.stringify(payment('WH-last')).replace('"id"', '"id":"WH-first","id"'));
    expect(records.map(({ fields }) => fields['PayPal event'])).toEqual(['WH-last']);
  });

  it('bom, invalid-utf8, latin1-charset, utf16-charset: reads the bytes as UTF-8, after verifying them', async () => {
    const { records } = install();
    const text = JSON.stringify(payment('WH-bytes'));
    expect((await send(new TextEncoder().encode(`\ufeff${text}`), 'application/json; charset=iso-8859-1')).status).toBe(
      200,
    );
    const utf16 = new Uint8Array(Array.from(text).flatMap((letter) => [letter.charCodeAt(0), 0]));
    expect((await send(utf16, 'application/json; charset=utf-16')).status).toBe(400);
    expect((await send(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
    expect(records).toHaveLength(1);
  });

  it('chunked, hdr-case: takes bytes in pieces, and headers in any case', async () => {
    const { records } = install();
    const bytes = new TextEncoder().encode(JSON.stringify(payment('WH-pieces', { invoice_id: 'café' })));
    const named = Object.entries(await paypalHeaders(bytes)).map(([name, value]) => [name.toUpperCase(), value]);
    const { status } = await answerOf(adapter, inPieces(bytes, Object.fromEntries(named)), env);
    expect([status, records[0]?.fields.Reference]).toEqual([200, 'café']);
  });

  it('gzip: refuses a compressed body after verifying it, and inflates nothing', async () => {
    const { toAirtable } = install();
    expect((await send(await gzipped(JSON.stringify(payment('WH-gzip'))))).status).toBe(400);
    expect(toAirtable).toEqual([]);
  });

  it('methods: takes POST only', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await answerOf(adapter, new Request('https://x.example/', { method }), env)).status).toBe(405);
    }
  });
});
