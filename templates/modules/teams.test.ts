import { describe, expect, it } from 'vitest';
import { TEAMS_TOKEN, teamsHeaders, teamsMessage, teamsRequest } from '../testing/teams';
import { DeliveryError, misconfigured } from './errors';
import { teamsMessages, verify } from './teams';
import { plainText } from './teams-text';

const BODY = '{"type":"message"}';
const bytesOf = (body: string | Uint8Array) => (typeof body === 'string' ? new TextEncoder().encode(body) : body);

function check(headers: Record<string, string>, body: string | Uint8Array = BODY, token = TEAMS_TOKEN): Promise<void> {
  return verify(bytesOf(body), new Headers(headers), token);
}

describe('verify', () => {
  it('accepts the generated vector', async () => {
    const body = '{"type":"message","text":"<at>Logger</at> café “jam”"}';
    const token = btoa('example-teams-hmac-key-not-real!');
    await check({ authorization: 'HMAC NrQs7U+AWe8471Mca39QnesQ+j9hsj5HQXxVDQX3u/c=' }, body, token);
  });

  it('bom, invalid-utf8: covers the bytes as they came', async () => {
    for (const body of [new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), new Uint8Array([0x22, 0xff, 0x22])]) {
      await check(await teamsHeaders(body), body);
    }
  });

  const changed = async (change: (signature: string) => string) => {
    const { authorization } = await teamsHeaders(BODY);
    return { authorization: `HMAC ${change(authorization.slice(5))}` };
  };
  it.each<[string, () => Promise<Record<string, string>>]>([
    ['hdr-missing: no header', () => Promise.resolve({})],
    ['an empty header', () => Promise.resolve({ authorization: '' })],
    ['sig-b64-key: the base64 text as the key', () => teamsHeaders(BODY, TEAMS_TOKEN)],
    ['another key', () => teamsHeaders(BODY, 'another key')],
    ['another body', () => teamsHeaders('{}')],
    [
      'another scheme',
      async () => ({ authorization: (await teamsHeaders(BODY)).authorization.replace('HMAC', 'Bearer') }),
    ],
    ['a short signature', () => changed((signature) => signature.slice(4))],
    ['a signature without padding', () => changed((signature) => signature.replace('=', ''))],
    ['base64url', () => changed(() => '-_-_')],
    ['sig-10k: two signatures', () => changed((signature) => `${signature}, HMAC ${signature}`)],
  ])('refuses %s', async (_, headers) => {
    await expect(check(await headers())).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
  });

  it.each([
    ['', 'TEAMS_SECURITY_TOKEN is not set'],
    ['not base64!', 'TEAMS_SECURITY_TOKEN is not base64; copy it again from Teams'],
    [`${TEAMS_TOKEN}\n`, 'TEAMS_SECURITY_TOKEN begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the token %j', async (token, message) => {
    await expect(check(await teamsHeaders(BODY), BODY, token)).rejects.toMatchObject({ status: 500, message });
  });
});

describe('teamsMessages', () => {
  const sender = teamsMessages(TEAMS_TOKEN);
  const read = async (body: unknown) => sender.read(await teamsRequest(body));

  it('reads a message as a person does, and tells it by conversation and id', async () => {
    const message = teamsMessage('1760000400123');
    const document = { ...message, text: 'pump 3 leaks severity=high' };
    const id = '19:example@thread.tacv2;messageid=1760000400123/1760000400123';
    expect(await read(message)).toEqual({ kind: 'events', events: [{ id, document, about: '1760000400123' }] });
  });

  it.each([
    [{ from: { id: '28:another-webhook' } }, 'written by a bot'],
    [{ type: 'invoke' }, 'not a message: invoke'],
    [{ type: { toString: 1 } }, 'not a message: no type'],
    [{ id: 7 }, 'not a message: message'],
    [{ text: null }, 'not a message: message'],
    [{ conversation: null }, 'not a message: message'],
    [{ conversation: { id: 7 } }, 'not a message: message'],
  ])('ignores %j', async (change, reason) => {
    expect(await read(teamsMessage('1', change))).toEqual({ kind: 'ignored', reason });
  });

  it('new-fields, odd-keys: takes a message without what it does not need', async () => {
    const { from, recipient, ...message } = teamsMessage('1', {
      then: 1,
      toString: 2,
      '': 3,
      ['__proto__']: { id: 7 },
    });
    expect([from.name, recipient.name, (await read(message)).kind]).toEqual(['Kim Example', 'Logbook', 'events']);
  });

  it.each(['', 'null', '42', '"x"', '[]', '<html>', 'NaN', '{"a":1,}'])(
    'empty, scalar-root, not-json: refuses %j after verifying',
    async (body) => {
      const send = (headers: Record<string, string>) =>
        sender.read(new Request('https://x.example/', { method: 'POST', body, headers }));
      await expect(send(await teamsHeaders(body))).rejects.toMatchObject({ status: 400, code: 'invalid_body' });
      await expect(send({})).rejects.toMatchObject({ status: 401 });
    },
  );

  it('posts a reply below the message, in which nothing is markup', async () => {
    const outcome = { status: 'created', reply: 'Saved <at>all</at> & more' };
    const answer = sender.accepted?.([outcome]) as Response;
    expect(await answer.json()).toEqual({ type: 'message', text: 'Saved &lt;at&gt;all&lt;/at&gt; &amp; more' });
    const silent = sender.accepted?.([{ status: 'ignored' }]) as Response;
    expect([silent.status, await silent.text()]).toEqual([200, '']);
  });

  it('tells the person who wrote, because Teams does not send again', async () => {
    const told = async (error: DeliveryError) => {
      const answer = sender.refused(error);
      return [answer.status, ((await answer.json()) as { text?: string }).text];
    };
    expect(await told(new DeliveryError(503, 'airtable_unavailable', 'Airtable answered 429', 'again', 30))).toEqual([
      200,
      'Not done. Airtable answered 429. Mention me again in 30 seconds.',
    ]);
    expect(await told(misconfigured('Check AIRTABLE_TOKEN'))).toEqual([
      200,
      'Not done. Check AIRTABLE_TOKEN. It will not work before somebody has corrected the adapter.',
    ]);
    expect((await told(new DeliveryError(401, 'invalid_signature', 'No', 'again')))[0]).toBe(401);
  });
});

it.each([
  ['<at>Logbook</at> close it\n', 'close it'],
  ['<at>Logbook</at>\n', ''],
  ['Dear <at>Logbook</at>&nbsp;ask <at>Kim</at>', 'Dear  ask @Kim'],
  ['<at>R&amp;D</at> x', '@R&D x'],
  ['a &lt;b&gt; &amp;lt; &quot;c&quot; &#39;d&#39;', `a <b> &lt; "c" 'd'`],
  ['one\r\n two', 'one\n two'],
  ['<at>open', '<at>open'],
  ['</at> < at>', '</at> < at>'],
  ['<at>a<at>Logbook</at>', '<at>a'],
  ['\ufeff\u00a0 Zażółć 東京 👩‍👩‍👧‍👦 ‮RTL‬ \u0085', 'Zażółć 東京 👩‍👩‍👧‍👦 ‮RTL‬ \u0085'],
])('plain text of %j', (text, plain) => {
  expect(plainText(text, 'Logbook')).toBe(plain);
});

it('size-1mb: reads a megabyte of mentions that are not closed in bounded time', () => {
  const text = '<at>'.repeat(250_000);
  const started = Date.now();
  expect(plainText(text, 'Logbook')).toBe(text);
  expect(Date.now() - started).toBeLessThan(2000);
});
