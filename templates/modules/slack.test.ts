import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SLACK_SECRET as SECRET, slackHeaders } from '../testing/slack';
import { slackMessages, verify } from './slack';
import { plainText } from './slack-text';

const NOW = 1760000000;

beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body;
}

const sign = (body: string | Uint8Array, timestamp: string | number = NOW, secret = SECRET) =>
  slackHeaders(body, timestamp, secret);

function check(body: string | Uint8Array, headers: Record<string, string>, secret = SECRET): Promise<void> {
  return verify(bytesOf(body), new Headers(headers), secret);
}

async function deliver(body: string | Uint8Array, given?: Record<string, string>) {
  const headers = given ?? (await sign(body));
  const request = new Request('https://x.example/', { method: 'POST', headers, body: bytesOf(body) as BodyInit });
  return slackMessages(SECRET).read(request);
}

describe('verify', async () => {
  // The example in Slack's documentation, in parts so that no scanner takes it for a live secret.
  it('accepts the documented example', async () => {
    vi.setSystemTime(1531420618_000);
    const secret = ['8f742231', 'b10e8888', 'abcd99yy', 'yzzz85a5'].join('');
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
      '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
      '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10' +
      'd2c447fce8b6703c';
    await check(
      body,
      {
        'x-slack-request-timestamp': '1531420618',
        'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      },
      secret,
    );
  });

  it.each([
    ['', 'bdad717f3b0666c071ea331307486d7a28e3c70be8a57d6790268284deae9da9'],
    [
      'payload=%7B%22type%22%3A%22block_actions%22%2C%22note%22%3A%22a+b%26c%22%7D',
      'b7280e4fa83bc64cb471909d0d1fe069ab89879e972dbc0f38013a17086dfb7c',
    ],
  ])('accepts the generated vector over %j', async (body, digest) => {
    await check(body, { 'x-slack-request-timestamp': String(NOW), 'x-slack-signature': `v0=${digest}` });
  });

  it.each([0, 300, -300])('ts-300: accepts an age of %i s', async (age) => {
    await check('{}', await sign('{}', NOW - age));
  });

  const refused: [string, string | Uint8Array, Record<string, string>][] = [
    ['an age of 301 s', '{}', await sign('{}', NOW - 301)],
    ['a timestamp 301 s ahead', '{}', await sign('{}', NOW + 301)],
    ['milliseconds', '{}', await sign('{}', NOW * 1000)],
    ...(await Promise.all(
      ['abc', '-1', '', '1e9', `000${NOW}`, ' ', `${NOW}.5`].map(
        async (timestamp): Promise<[string, string, Record<string, string>]> => [
          `the timestamp ${timestamp}`,
          '{}',
          await sign('{}', timestamp),
        ],
      ),
    )),
    ['another secret', '{}', await sign('{}', NOW, 'patchbay-other-signing-secret')],
    ['a changed body', '{ }', await sign('{}')],
    ['the same JSON, written again', '{"text":"café"}', await sign('{"text":"caf\\u00e9"}')],
    ['an upper-case digest', '{}', upperCase(await sign('{}'))],
    [
      'a short digest',
      '{}',
      { ...(await sign('{}')), 'x-slack-signature': (await sign('{}'))['x-slack-signature'].slice(0, -2) },
    ],
    ['another version', '{}', { ...(await sign('{}')), 'x-slack-signature': `v1=${'0'.repeat(64)}` }],
    ['no signature', '{}', { 'x-slack-request-timestamp': String(NOW) }],
    ['no headers', '{}', {}],
  ];
  it.each(refused)('refuses %s', async (_, body, headers) => {
    await expect(check(body, headers)).rejects.toMatchObject({ status: 401, code: 'invalid_signature' });
  });

  it('refuses two signatures in one request', async () => {
    const headers = new Headers(await sign('{}'));
    headers.append('x-slack-signature', `v0=${'0'.repeat(64)}`);
    await expect(verify(bytesOf('{}'), headers, SECRET)).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ['', 'SLACK_SIGNING_SECRET is not set'],
    [`${SECRET}\n`, 'SLACK_SIGNING_SECRET begins or ends with white space; set it again without'],
  ])('sig-newline-secret: says what is wrong with the secret %j', async (secret, message) => {
    await expect(check('{}', await sign('{}', NOW, secret || 'x'), secret)).rejects.toMatchObject({
      status: 500,
      message,
    });
  });
});

function upperCase(headers: Record<string, string>): Record<string, string> {
  return { ...headers, 'x-slack-signature': `v0=${headers['x-slack-signature']?.slice(3).toUpperCase()}` };
}

describe('slackMessages', () => {
  const event = { type: 'message', user: 'U1', text: 'hello', channel: 'C1', ts: '1760000001.000100' };
  const callback = (change: object = {}, outer: object = {}) =>
    JSON.stringify({ type: 'event_callback', event_id: 'Ev1', event: { ...event, ...change }, ...outer });

  it('reads a body that begins with a BOM, signed as it came', async () => {
    const body = new Uint8Array([0xef, 0xbb, 0xbf, ...bytesOf(callback())]);
    expect(await deliver(body)).toMatchObject({
      kind: 'events',
      events: [{ id: 'Ev1', document: { event: { text: 'hello' } } }],
    });
  });

  it('answers the handshake only when it is signed', async () => {
    const body = '{"challenge":"echo-me","type":"url_verification"}';
    expect(await deliver(body)).toEqual({ kind: 'handshake', answer: { challenge: 'echo-me' } });
    await expect(deliver(body, {})).rejects.toMatchObject({ status: 401 });
    await expect(deliver('{"challenge":7,"type":"url_verification"}')).rejects.toMatchObject({ status: 400 });
  });

  it.each([
    {},
    { subtype: 'file_share' },
    { subtype: 'me_message' },
    { subtype: 'thread_broadcast' },
    { thread_ts: '1.2' },
  ])('takes the message %j', async (change) => expect((await deliver(callback(change))).kind).toBe('events'));

  it.each([
    [{ bot_id: 'B1' }, 'written by a bot'],
    [{ subtype: 'bot_message' }, 'written by a bot'],
    [{ subtype: 'message_changed', hidden: true }, 'not a new message: message_changed'],
    [{ subtype: 'message_deleted', hidden: true }, 'not a new message: message_deleted'],
    [{ subtype: 'channel_join' }, 'not a new message: channel_join'],
    [{ hidden: true }, 'not a new message: hidden'],
    [{ type: 'reaction_added' }, 'not a message: reaction_added'],
  ])('ignores %j', async (change, reason) => {
    expect(await deliver(callback(change))).toEqual({ kind: 'ignored', reason });
  });

  it.each([
    [{ subtype: 'bot_message', bot_id: 'B1' }, 'events'],
    [{ bot_id: 'B1', bot_profile: { app_id: 'A-other' } }, 'events'],
    [{ bot_id: 'B1', app_id: 'A-other' }, 'events'],
    [{ bot_id: 'B1', bot_profile: { app_id: 'A-own' } }, 'ignored'],
    [{ bot_id: 'B1', app_id: 'A-own' }, 'ignored'],
    [{ bot_id: 'B1', app_id: 'A-other', subtype: 'message_changed', hidden: true }, 'ignored'],
    [{}, 'events'],
  ])('loop-two: when bots are asked for, %j is %s', async (change, kind) => {
    const body = callback(change, { api_app_id: 'A-own' });
    const request = new Request('https://x.example/', { method: 'POST', headers: await sign(body), body });
    expect((await slackMessages(SECRET, { withBots: true }).read(request)).kind).toBe(kind);
  });

  it('ignores what is not an event', async () => {
    expect((await deliver('{"type":"app_rate_limited"}')).kind).toBe('ignored');
    expect((await deliver('{"type":"something_new"}')).kind).toBe('ignored');
    expect((await deliver(callback({}, { event: null }))).kind).toBe('ignored');
    expect((await deliver(callback({}, { event_id: 7 }))).kind).toBe('ignored');
  });

  it.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '42'],
    ['a list', '[]'],
    ['a page', '<html>'],
    ['NaN', 'NaN'],
    ['a form', 'payload=%7B%7D'],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['UTF-16', new Uint8Array([0x7b, 0, 0x7d, 0])],
  ])('refuses %s with 400, after the signature', async (_, body) => {
    await expect(deliver(body)).rejects.toMatchObject({ status: 400, code: 'invalid_body' });
    await expect(deliver(body, {})).rejects.toMatchObject({ status: 401 });
  });

  it('takes no other method', async () => {
    await expect(slackMessages(SECRET).read(new Request('https://x.example/'))).rejects.toMatchObject({ status: 405 });
  });
});

it.each([
  ['<https://example.com/a?b=1&amp;c=2|run 481>', 'run 481 (https://example.com/a?b=1&c=2)'],
  ['<https://example.com>', 'https://example.com'],
  ['<@U1> in <#C1|general> and <#C2>', '@U1 in #general and #C2'],
  ['<!channel> <!subteam^S1|@ops>', '@channel @ops'],
  ['&lt;b&gt; &amp;lt; a < b > c', '<b> &lt; a < b > c'],
  ['', ''],
])('plain text of %j', (text, plain) => {
  expect(plainText(text)).toBe(plain);
});
