import { describe, expect, it } from 'vitest';
import { GITHUB_SECRET, githubHeaders } from '../testing/github';
import { DeliveryError, misconfigured } from './errors';
import { githubEvents, verify } from './github';

const bytesOf = (body: string) => new TextEncoder().encode(body);
const check = (body: string, headers: Record<string, string> | Headers, secret = GITHUB_SECRET) =>
  verify(bytesOf(body), new Headers(headers), secret);
const sign = (body: string, secret = GITHUB_SECRET) => githubHeaders('push', 'd-1', body, secret);

describe('verify', () => {
  it.each([
    [
      'GitHub’s documentation',
      "It's a Secret to Everybody",
      'Hello, World!',
      '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    ],
    [
      'octokit’s tests',
      'mysecret',
      '{"foo":"bar"}',
      '4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3',
    ],
    [
      'a generated one',
      GITHUB_SECRET,
      '{"action":"opened","issue":{"title":"Zażółć 🚀"}}',
      'a1d399b217be813c7d9987a95bde6c1d91f62e42a79e04df1d9c38daa20ab6c5',
    ],
  ])('accepts the vector of %s', async (_, secret, body, digest) => {
    await check(body, { 'x-hub-signature-256': `sha256=${digest}` }, secret);
  });

  it.each<[string, () => Promise<Record<string, string>>]>([
    ['hdr-missing: no headers', () => Promise.resolve({})],
    ['another secret', () => sign('{}', 'another')],
    ['sig-b64-key: a key in base64', () => sign('{}', btoa(GITHUB_SECRET))],
    ['another body', () => sign('{ }')],
    ['sig-downgrade: SHA-1 alone', async () => ({ 'x-hub-signature': (await sign('{}'))['x-hub-signature'] })],
    [
      'sig-downgrade: SHA-1 in the header of SHA-256',
      async () => ({ 'x-hub-signature-256': (await sign('{}'))['x-hub-signature'] }),
    ],
    ['sig-upper-hex: an upper-case digest', () => changed((value) => value.toUpperCase().replace('SHA', 'sha'))],
    ['a short digest', () => changed((value) => value.slice(0, -2))],
    ['hdr-dup: two signatures', () => changed((value) => `${value}, ${value}`)],
    ['an empty header', () => changed(() => '')],
  ])('refuses %s', async (_, headers) => {
    await expect(check('{}', await headers())).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
  });

  it.each([
    ['', 'GITHUB_WEBHOOK_SECRET is not set'],
    [`${GITHUB_SECRET}\n`, 'GITHUB_WEBHOOK_SECRET begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the secret %j', async (secret, message) => {
    await expect(check('{}', await sign('{}'), secret)).rejects.toMatchObject({ status: 500, message });
  });
});

async function changed(change: (value: string) => string): Promise<Record<string, string>> {
  return { 'x-hub-signature-256': change((await sign('{}'))['x-hub-signature-256']) };
}

describe('githubEvents', () => {
  async function read(event: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
    const all = { ...(await githubHeaders(event, 'd-1', body)), ...headers };
    const request = new Request('https://x.example/', { method: 'POST', body: body as BodyInit, headers: all });
    return githubEvents(GITHUB_SECRET).read(request);
  }

  it('tells an event by its delivery, which stays the same when a person sends it again', async () => {
    expect(await read('issues', '{"action":"opened","issue":{"number":7}}')).toEqual({
      kind: 'events',
      events: [
        {
          id: 'd-1',
          document: { action: 'opened', issue: { number: 7 }, github_event: 'issues.opened' },
          about: 'd-1 issues.opened',
        },
      ],
    });
    expect(await read('push', '{"ref":"refs/heads/main"}')).toMatchObject({ events: [{ about: 'd-1 push' }] });
  });

  it('reads a form, whose signature covers the form', async () => {
    const form = `payload=${encodeURIComponent('{"action":"a b+c&d","n":"é"}').replaceAll('%20', '+')}`;
    expect(await read('issues', form)).toMatchObject({ events: [{ document: { action: 'a b+c&d', n: 'é' } }] });
  });

  it('bom: reads a body that begins with a byte order mark', async () => {
    expect(await read('push', '\ufeff{"a":1}')).toMatchObject({ events: [{ document: { a: 1 } }] });
  });

  it('ping: answers without an event', async () => {
    expect(await read('ping', '{"zen":"Half measures"}')).toEqual({ kind: 'handshake', answer: { status: 'pong' } });
    await expect(read('ping', '{}', { 'x-hub-signature-256': '' })).rejects.toMatchObject({ status: 401 });
  });

  it('odd-keys: takes nothing from names that every object has', async () => {
    const body = '{"__proto__":{"action":"x"},"then":1,"toString":1,"":1,"action":{"toString":1}}';
    const delivery = await read('push', body);
    expect(delivery).toMatchObject({ kind: 'events', events: [{ about: 'd-1 push' }] });
  });

  it.each([
    ['empty', ''],
    ['scalar-root', 'null'],
    ['scalar-root', '42'],
    ['scalar-root', '[]'],
    ['not-json', '<html>'],
    ['not-json', 'payload=<html>'],
    ['not-json', 'payload='],
    ['not-json', '{"a":NaN}'],
    ['invalid-utf8', new Uint8Array([0x22, 0xff, 0x22])],
    ['utf16-charset', new Uint8Array([0x7b, 0x00, 0x7d, 0x00])],
  ])('%s: refuses %j after verifying', async (_, body) => {
    await expect(read('push', body)).rejects.toMatchObject({ status: 400, code: 'invalid_body' });
    await expect(read('push', body, { 'x-hub-signature-256': 'sha256=' })).rejects.toMatchObject({ status: 401 });
  });

  it.each<Record<string, string>>([
    { 'x-github-event': '' },
    { 'x-github-event': '<script>' },
    { 'x-github-delivery': '' },
  ])('refuses a request with %j', async (headers) => {
    await expect(read('push', '{}', headers)).rejects.toMatchObject({ status: 400, code: 'invalid_body' });
  });

  it('size-25mb: refuses what does not fit into the memory, before it reads all of it', async () => {
    let sent = 0;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024).fill(32 + (sent++ % 2))),
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    const request = new Request('https://x.example/', init);
    await expect(githubEvents(GITHUB_SECRET).read(request)).rejects.toMatchObject({ status: 413 });
    expect(sent).toBeLessThan(12);
  });

  it('methods: takes POST alone', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      const request = new Request('https://x.example/', { method });
      await expect(githubEvents(GITHUB_SECRET).read(request)).rejects.toMatchObject({ status: 405 });
    }
  });

  it('shows every refusal to the person who looks at the deliveries', async () => {
    const again = githubEvents('x').refused(new DeliveryError(503, 'slack_unavailable', 'Later', 'again', 7));
    expect([again.status, again.headers.get('retry-after')]).toEqual([503, '7']);
    const never = githubEvents('x').refused(misconfigured('Correct it'));
    expect([never.status, await never.json()]).toEqual([500, { error: 'misconfigured', message: 'Correct it' }]);
  });
});
