import { expect, it } from 'vitest';
import { CUSTOM_SECRET, customHeaders, customRequest } from '../testing/custom';
import { hex, hmac } from '../testing/hmac';
import { type Scheme, customEvents, verify } from './custom';

const SCHEME: Scheme = { header: 'X-Signature-256', prefix: 'sha256=', eventIdHeader: 'X-Event-Id' };
const BODY = '{"type":"order.paid"}';
const now = () => Math.floor(Date.now() / 1000);

function check(
  headers: Record<string, string>,
  scheme: Scheme = SCHEME,
  secret = CUSTOM_SECRET,
  body = BODY,
): Promise<void> {
  return verify(new TextEncoder().encode(body), new Headers(headers), secret, scheme);
}

// GitHub signs in this form; its documentation has this example.
it('accepts a published example', async () => {
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  await check({ 'x-signature-256': signature }, SCHEME, "It's a Secret to Everybody", 'Hello, World!');
});

// Computed with the hmac module of Python.
it.each<[Omit<Scheme, 'header'>, string]>([
  [{ encoding: 'base64' }, 'cAr5HP4zQeT/J3oxwgKNwHPID6hIaW77CFPrsqQmuZI='],
  [{ algorithm: 'hmac-sha1' }, 'c1059b1e85bb1fdaabe4cae33e4268051119a72f'],
  [
    { algorithm: 'hmac-sha512', encoding: 'base64' },
    'WAoP9ur+jjypLv7DigE3n3nVYzsF3d2oT+HV2+BfgjBfN2SerSFxLaDFPuHBQX8AQ9AT+aJGEnPgyqjW+ldYEg==',
  ],
  [{ algorithm: 'token' }, CUSTOM_SECRET],
  [{ algorithm: 'token', prefix: 'Bearer ' }, `Bearer ${CUSTOM_SECRET}`],
])('accepts %j', async (scheme, signature) => {
  await check({ 'x-signature': signature }, { header: 'X-Signature', ...scheme });
  await expect(
    check({ 'x-signature': `${signature.slice(0, -1)}x` }, { header: 'X-Signature', ...scheme }),
  ).rejects.toMatchObject({
    status: 401,
  });
});

it.each([
  ['hex', '00ff10'],
  ['base64', 'AP8Q'],
] as const)('reads a secret that is written in %s', async (keyEncoding, secret) => {
  const signature = 'sha256=d5f1fe2d5776d031e1f2f6c30a285cd53f1756e4fe0373c1c707c63220e3ffe4';
  await check({ 'x-signature-256': signature }, { ...SCHEME, keyEncoding }, secret);
  await expect(check({ 'x-signature-256': signature }, { ...SCHEME, keyEncoding }, 'not so')).rejects.toMatchObject({
    status: 500,
    message: `WEBHOOK_SECRET is not ${keyEncoding}, as keyEncoding says; copy it again from the sender`,
  });
});

it.each([
  [0, true],
  [-299, true],
  [-302, false],
  [302, false],
])('with a time %i s from now: %s', async (shift, isAccepted) => {
  const time = String(now() + shift);
  const signature = hex(await hmac('SHA-256', CUSTOM_SECRET, `${time}.`, BODY));
  const verdict = check(
    { 'x-signature': signature, 'x-time': time },
    { header: 'X-Signature', timestampHeader: 'X-Time' },
  );
  if (isAccepted) await verdict;
  else await expect(verdict).rejects.toMatchObject({ status: 401 });
});

it.each<[string, Record<string, string>]>([
  ['no signature', {}],
  ['a signature without its prefix', { 'x-signature-256': '0'.repeat(64) }],
  ['a signature in upper case', { 'x-signature-256': `sha256=${'A'.repeat(64)}` }],
  ['a short signature', { 'x-signature-256': 'sha256=00' }],
])('refuses %s', async (_, headers) => {
  await expect(check(headers)).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
});

it('refuses a changed body and another secret', async () => {
  await expect(check(await customHeaders('{}'))).rejects.toMatchObject({ status: 401 });
  await expect(check(await customHeaders(BODY, 'another'))).rejects.toMatchObject({ status: 401 });
});

it('sig-newline-secret: says what is wrong with the secret', async () => {
  const message = 'WEBHOOK_SECRET begins or ends with white space; set it again without';
  const sent = check(await customHeaders(BODY), SCHEME, `${CUSTOM_SECRET}\n`);
  await expect(sent).rejects.toMatchObject({ status: 500, message });
});

it('tells an event by its header, else by its body', async () => {
  const read = async (headers: Record<string, string>, scheme = SCHEME) => {
    const delivery = await customEvents(CUSTOM_SECRET, scheme).read(await customRequest('order-7', { a: 1 }, headers));
    return delivery.kind === 'events' ? delivery.events[0]?.id : undefined;
  };
  const fromBody = 'body-015abd7f5cc57a2dd94b7590f04ad808';
  expect(await read({})).toBe('order-7');
  expect(await read({ 'x-event-id': '' })).toBe(fromBody);
  expect(await read({ 'x-event-id': 'x'.repeat(201) })).toBe(fromBody);
  expect(await read({ 'x-event-id': 'né' })).toBe(fromBody);
  expect(await read({}, { ...SCHEME, eventIdHeader: undefined })).toBe(fromBody);
});
