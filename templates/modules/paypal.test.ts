import { describe, expect, it } from 'vitest';
import published from '../../src-tauri/crates/patchbay-webhooks/tests/fixtures/paypal_vectors.json';
import { collectLog } from '../testing/deliver';
import { installFetch, silence } from '../testing/fetch';
import { hex } from '../testing/hmac';
import {
  CERTIFICATE_URL,
  PAYPAL_WEBHOOK,
  certificate,
  paypalEvent,
  paypalHeaders,
  paypalRequest,
} from '../testing/paypal';
import { misconfigured } from './errors';
import { crc32, isSigned, paypalEvents, verify } from './paypal';
import { fromBase64, fromHex } from './signature';

collectLog();
const BODY = '{"id":"WH-1","value":49.90}';
const bytesOf = (body: string | Uint8Array) => (typeof body === 'string' ? new TextEncoder().encode(body) : body);

async function install(answer: string | (() => Response | Promise<Response>) = '') {
  const pem = typeof answer === 'string' ? answer || (await certificate()) : '';
  return installFetch(() => new Response(pem), typeof answer === 'string' ? undefined : answer);
}

function check(
  headers: Record<string, string>,
  body: string | Uint8Array = BODY,
  webhook: string | undefined = PAYPAL_WEBHOOK,
): Promise<void> {
  return verify(bytesOf(body), new Headers(headers), webhook, Date.now() + 1000);
}

describe('verify', () => {
  it.each(published)('accepts the published vector $id', async (vector) => {
    const { transmission_id, timestamp, webhook_id, body_crc32, modulus_parts, header_value } = vector;
    const url = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replace(/=+$/, '');
    const n = url(fromHex(modulus_parts.join('')) ?? new Uint8Array())
      .replaceAll('+', '-')
      .replaceAll('/', '_');
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e: 'AQAB' }, algorithm, true, ['verify']);
    const spki = new Uint8Array((await crypto.subtle.exportKey('spki', key)) as ArrayBuffer);
    const signed = `${transmission_id}|${timestamp}|${webhook_id}|${body_crc32}`;
    const signature = fromBase64(header_value) ?? new Uint8Array();
    expect(await isSigned(spki, signature, bytesOf(signed))).toBe(true);
    expect(await isSigned(spki, signature, bytesOf(`${signed}0`))).toBe(false);
  });

  it('computes CRC-32 over bytes, unsigned', () => {
    // The check value that every catalogue of CRCs gives.
    expect(hex(fromHex(crc32(bytesOf('123456789')).toString(16)) ?? new Uint8Array())).toBe('cbf43926');
    expect([crc32(bytesOf('')), crc32(bytesOf('é'))]).toEqual([0, crc32(new Uint8Array([0xc3, 0xa9]))]);
  });

  it('bom, invalid-utf8: accepts the bytes as they came, and fetches the certificate without any secret', async () => {
    for (const body of [BODY, '\ufeff{}', new Uint8Array([0x22, 0xff, 0x22])]) {
      const calls = await install();
      await check(await paypalHeaders(body), body);
      expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${CERTIFICATE_URL}`]);
      expect(Array.from(calls[0]?.headers ?? [])).toEqual([]);
    }
  });

  // Its CRC-32 is above 2^31, so that the signed number differs.
  const HIGH = '123456789';
  const changed = async (change: Record<string, string>) => ({ ...(await paypalHeaders(BODY)), ...change });
  it.each<[string, () => Promise<Record<string, string>>, string?]>([
    ['another body', () => paypalHeaders('{"id":"WH-1","value":49.9}')],
    ['another webhook', () => paypalHeaders(BODY, 'ANOTHERWEBHOOK001')],
    ['sig-crc-signed: a signed checksum', () => paypalHeaders(HIGH, PAYPAL_WEBHOOK, crc32(bytesOf(HIGH)) | 0), HIGH],
    ['another time', () => changed({ 'paypal-transmission-time': '2026-11-21T08:30:01Z' })],
    ['another id', () => changed({ 'paypal-transmission-id': 'x' })],
    ['a short signature', () => changed({ 'paypal-transmission-sig': 'AAAA' })],
  ])('refuses %s', async (_, headers, body = BODY) => {
    await install();
    await expect(check(await headers(), body)).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['hdr-missing: no headers', () => Promise.resolve({})],
    ['no signature', () => changed({ 'paypal-transmission-sig': '' })],
    ['a signature that is not base64', () => changed({ 'paypal-transmission-sig': '!' })],
    ['sig-downgrade: another algorithm', () => changed({ 'paypal-auth-algo': 'SHA1withRSA' })],
    ...[
      'https://evil.example/v1/notifications/certs/CERT-1',
      'https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1',
      'https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1',
      'https://api.paypal.com:8443/v1/notifications/certs/CERT-1',
      'http://api.paypal.com/v1/notifications/certs/CERT-1',
      'https://api.paypal.com/v1/notifications/certs/../../oauth2/token',
      'https://api.paypal.com/v1/notifications/certs/CERT-1?x=1',
      'https://www.paypal.com/redirect?to=https://evil.example',
      'https://169.254.169.254/v1/notifications/certs/CERT-1',
      'file:///etc/passwd',
    ].map((url): [string, () => Promise<Record<string, string>>] => [
      `sig-paypal-cert-host, ssrf: the certificate at ${url}`,
      () => changed({ 'paypal-cert-url': url }),
    ]),
  ])('refuses without any call %s', async (_, headers) => {
    const calls = await install();
    await expect(check(await headers())).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
    expect(calls).toEqual([]);
  });

  it.each([
    ['another name', { name: 'evil.example' }],
    ['an old one', { until: '20260101000000Z' }],
  ])('refuses a certificate with %s', async (_, change) => {
    await install(await certificate(change));
    await expect(check(await paypalHeaders(BODY))).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, string | (() => Response | Promise<Response>), number]>([
    ['what is no certificate', '<html>', 401],
    ['404', () => new Response('', { status: 404 }), 503],
    ['500', () => new Response('', { status: 500 }), 503],
    ['a redirect', () => Response.redirect('https://evil.example/', 307), 503],
    ['silence', silence, 503],
  ])('lets PayPal send again after %s from where the certificate is', async (_, answer, status) => {
    await install(answer);
    await expect(check(await paypalHeaders(BODY))).rejects.toMatchObject({ status, retry: 'again' });
  });

  it.each([
    ['', 'PAYPAL_WEBHOOK_ID is not set'],
    [`${PAYPAL_WEBHOOK}\n`, 'PAYPAL_WEBHOOK_ID begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the id %j', async (webhook, message) => {
    await expect(check(await paypalHeaders(BODY), BODY, webhook)).rejects.toMatchObject({ status: 500, message });
  });
});

describe('paypalEvents', () => {
  const read = async (body: unknown) => {
    await install();
    return paypalEvents(PAYPAL_WEBHOOK).read(await paypalRequest(body));
  };

  it('tells an event by its id, and keeps what it does not know', async () => {
    const event = { ...paypalEvent('WH-1', 'PAYMENT.CAPTURE.COMPLETED', { id: 'C1' }), new_field: 7 };
    expect(await read(event)).toEqual({
      kind: 'events',
      events: [{ id: 'WH-1', document: event, about: 'WH-1 PAYMENT.CAPTURE.COMPLETED' }],
    });
  });

  it.each([{}, { id: 7, event_type: 'a', resource: {} }, { id: 'WH-1', event_type: 'a', resource: [] }])(
    'ignores %j',
    async (body) => expect(await read(body)).toEqual({ kind: 'ignored', reason: 'not an event' }),
  );

  it.each(['', 'null', '42', '[]', '<html>', '{"a":NaN}'])(
    'empty, scalar-root, not-json: refuses %j after verifying',
    async (body) => {
      await install();
      const send = (headers: Record<string, string>) =>
        paypalEvents(PAYPAL_WEBHOOK).read(new Request('https://x.example/', { method: 'POST', body, headers }));
      await expect(send(await paypalHeaders(body))).rejects.toMatchObject({ status: 400, code: 'invalid_body' });
      await expect(send({})).rejects.toMatchObject({ status: 401 });
    },
  );

  it('lets PayPal send again after every refusal, because nothing else keeps the event', () => {
    expect(paypalEvents('x').refused(misconfigured('Correct it')).status).toBe(500);
  });
});
