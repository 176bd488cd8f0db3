import { describe, expect, it } from 'vitest';
import { parseObject, readBody } from './body';
import { fromBase64, fromHex, isHmac, isRecent, isSameText } from './signature';

const post = (body: BodyInit | undefined, method = 'POST') => new Request('https://x.example/', { method, body });

describe('readBody', () => {
  it('gives the bytes as they came', async () => {
    const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d, 0xff, 0]);
    expect(Array.from(await readBody('Sender', post(bytes)))).toEqual(Array.from(bytes));
    expect(await readBody('Sender', post(undefined))).toHaveLength(0);
  });

  it('stops reading at its limit', async () => {
    let given = 0;
    const endless = new ReadableStream({
      pull(controller) {
        given += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    });
    const request = new Request('https://x.example/', { method: 'POST', body: endless, duplex: 'half' } as RequestInit);
    await expect(readBody('Sender', request, 1024 * 1024)).rejects.toMatchObject({
      status: 413,
      code: 'too_large',
      message: 'The body has more than 1 MiB',
      retry: 'never',
    });
    expect(given).toBeLessThan(20);
  });

  it('takes a body of exactly its limit', async () => {
    expect(await readBody('Sender', post(new Uint8Array(1024)), 1024)).toHaveLength(1024);
    await expect(readBody('Sender', post(new Uint8Array(1025)), 1024)).rejects.toMatchObject({ status: 413 });
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('refuses %s', async (method) => {
    await expect(readBody('Sender', post(undefined, method))).rejects.toMatchObject({
      status: 405,
      message: 'Sender sends POST',
    });
  });
});

it('parses what JSON allows, and inherits nothing', () => {
  const bytes = new TextEncoder().encode('{"__proto__":{"a":1},"then":2,"then":3}');
  const body = parseObject(bytes, 'JSON objects');
  expect(Object.keys(body)).toEqual(['__proto__', 'then']);
  expect([body.then, (body as { a?: number }).a]).toEqual([3, undefined]);
});

it.each([
  ['', undefined],
  ['0', undefined],
  ['0g', undefined],
  ['0A', undefined],
  ['00ff', [0, 255]],
])('%j in hexadecimal is %j', (text, bytes) => {
  const read = fromHex(text);
  expect(read && Array.from(read)).toEqual(bytes);
});

it.each([
  ['', undefined],
  ['A', undefined],
  ['AP8', undefined],
  ['AP8=', [0, 255]],
  ['AP_=', undefined],
  ['AP8=\n', undefined],
  ['AP8Q', [0, 255, 16]],
])('%j in base64 is %j', (text, bytes) => {
  const read = fromBase64(text);
  expect(read && Array.from(read)).toEqual(bytes);
});

it('compares texts of any lengths', async () => {
  expect(await isSameText('secret', 'secret')).toBe(true);
  expect(await isSameText('secret', 'secre')).toBe(false);
  expect(await isSameText('', 'secret')).toBe(false);
});

it('signs parts as one text', async () => {
  // RFC 4231, test case 2.
  const expected = fromHex('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843') ?? new Uint8Array();
  expect(await isHmac('SHA-256', 'Jefe', expected, 'what do ya want ', 'for nothing?')).toBe(true);
  expect(await isHmac('SHA-256', 'Jefe', expected, 'what do ya want for nothing')).toBe(false);
  expect(await isHmac('SHA-512', 'Jefe', expected, 'what do ya want for nothing?')).toBe(false);
});

it('knows what is recent', () => {
  const now = Math.floor(Date.now() / 1000);
  expect([-302, -299, 299, 302].map((shift) => isRecent(now + shift))).toEqual([false, true, true, false]);
});
