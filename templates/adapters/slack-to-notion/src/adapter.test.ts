import { describe, expect, it, vi } from 'vitest';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { installNotion, notionError } from '../../../testing/notion';
import { SLACK_SECRET, slackMessage, slackRequest } from '../../../testing/slack';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  SLACK_SIGNING_SECRET: SLACK_SECRET,
  NOTION_TOKEN: 'example-notion-token',
  NOTION_DATA_SOURCE_ID: '11111111-2222-4333-8444-555555555555',
  MAPPING: {
    Title: '[{event.channel}] {event.text | truncate:120}',
    Thread: '{event.thread_ts | default:""}',
    'Slack event': '{event_id}',
  },
};
const API = 'https://api.notion.com/v1';

const logged = collectLog();

const message = slackMessage;
async function deliver(body: unknown, change: Partial<Env> = {}, headers: Record<string, string> = {}) {
  return answerOf(adapter, await slackRequest(body, headers), { ...env, ...change });
}

it('makes a page out of a message', async () => {
  const { calls, pages } = installNotion();
  const { status, body } = await deliver(message('Ev-made'));
  expect(status).toBe(200);
  expect(body).toEqual({ status: 'created', page_id: pages[0]?.id, page_url: `https://notion.so/${pages[0]?.id}` });
  expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `POST ${API}/data_sources/${env.NOTION_DATA_SOURCE_ID}/query`,
    `POST ${API}/pages`,
  ]);
  for (const { headers } of calls) {
    expect(headers.get('authorization')).toBe('Bearer example-notion-token');
    expect(headers.get('notion-version')).toBe('2025-09-03');
  }
  expect(calls[0]?.body).toEqual({
    filter: { property: 'Slack event', rich_text: { equals: 'Ev-made' } },
    page_size: 1,
  });
  expect(calls[1]?.body).toEqual({
    parent: { type: 'data_source_id', data_source_id: env.NOTION_DATA_SOURCE_ID },
    properties: {
      title: { title: [{ text: { content: '[C1] hello world' } }] },
      'Slack event': { rich_text: [{ text: { content: 'Ev-made' } }] },
    },
  });
});

it('writes one log line, without text, token or secret', async () => {
  installNotion();
  await deliver(message('Ev-log'), {}, { 'x-slack-retry-num': '1' });
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^slack: Ev-log in C1 \(retry 1\): created [0-9a-f-]{36}$/);
});

it('answers handshakes and ignores bots without calling Notion', async () => {
  const { calls } = installNotion();
  expect((await deliver({ type: 'url_verification', challenge: 'echo-me' })).body).toEqual({ challenge: 'echo-me' });
  expect((await deliver(message('Ev-bot', { bot_id: 'B1' }))).body).toEqual({
    status: 'ignored',
    reason: 'written by a bot',
  });
  expect(calls).toEqual([]);
});

it('refuses a forged request without calling Notion', async () => {
  const { calls } = installNotion();
  const request = await slackRequest(message('Ev-forged'));
  const forged = new Request(request.url, {
    method: 'POST',
    headers: request.headers,
    body: '{"type":"event_callback"}',
  });
  const answer = (await adapter.fetch(forged, env)) as Response;
  expect(answer.status).toBe(401);
  expect(calls).toEqual([]);
});

describe('one page per event', () => {
  it('when it comes twice', async () => {
    const { pages } = installNotion();
    await deliver(message('Ev-twice'));
    expect((await deliver(message('Ev-twice'))).body).toMatchObject({ status: 'duplicate', page_id: pages[0]?.id });
    expect(pages).toHaveLength(1);
  });

  it('when it comes ten times at once, and the rest is asked to come back', async () => {
    const { pages } = installNotion();
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(message('Ev-parallel'))));
    expect(pages).toHaveLength(1);
    // Whoever comes when the page is there hears so.
    expect(answers.filter(({ body }) => body.status === 'created')).toHaveLength(1);
    expect(
      answers.every(({ status, body }) => status !== 200 || ['created', 'duplicate'].includes(String(body.status))),
    ).toBe(true);
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body.error, headers.get('retry-after'), headers.has('x-slack-no-retry')]).toEqual([
        503,
        'in_progress',
        '1',
        false,
      ]);
    }
    expect((await deliver(message('Ev-parallel'))).body.status).toBe('duplicate');
  });

  it('when Notion wrote it but answered 500', async () => {
    const { pages } = installNotion((_, number) => {
      if (number !== 2) return undefined;
      pages.push({ id: 'written-all-the-same', event: 'Ev-ambiguous' });
      return notionError(500, 'internal_server_error');
    });
    expect((await deliver(message('Ev-ambiguous'))).status).toBe(503);
    expect((await deliver(message('Ev-ambiguous'))).body).toMatchObject({
      status: 'duplicate',
      page_id: 'written-all-the-same',
    });
    expect(pages).toHaveLength(1);
  });
});

describe('when Notion fails', () => {
  it('waits as long as Notion asks, when that fits', async () => {
    const { calls } = installNotion(atCall(2, () => notionError(429, 'rate_limited', { 'retry-after': '1' })));
    const started = Date.now();
    expect((await deliver(message('Ev-429'))).body.status).toBe('created');
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
    expect(calls).toHaveLength(3);
  });

  it.each([
    [429, '60', '60'],
    [529, '30', '30'],
    [503, '5', '5'],
  ])('passes %i with Retry-After %s on to Slack, when it does not', async (status, given, passed) => {
    const { calls } = installNotion(atCall(2, () => notionError(status, 'rate_limited', { 'retry-after': given })));
    const answer = await deliver(message(`Ev-${status}`));
    expect([answer.status, answer.body.error, answer.headers.get('retry-after')]).toEqual([
      503,
      'notion_unavailable',
      passed,
    ]);
    expect(answer.headers.has('x-slack-no-retry')).toBe(false);
    expect(calls).toHaveLength(2);
  });

  it('does not hammer when Notion asks for no wait', async () => {
    const { calls } = installNotion(() => notionError(429, 'rate_limited', { 'retry-after': '0' }));
    expect((await deliver(message('Ev-hammer'))).status).toBe(503);
    expect(calls).toHaveLength(3);
  });

  it('repeats a failed look-up once, because it changes nothing', async () => {
    const { calls } = installNotion(atCall(1, () => notionError(502, 'bad_gateway', { 'retry-after': '0' })));
    expect((await deliver(message('Ev-lookup'))).body.status).toBe('created');
    expect(calls).toHaveLength(3);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ...UNCLEAR,
    ['JSON without an id', () => Response.json({ object: 'page' })],
  ])('asks Slack to come back after %s', async (name, answer) => {
    const { calls } = installNotion(atCall(2, answer));
    const { status, body, headers } = await deliver(message(`Ev-${name}`));
    expect([status, body.error, headers.has('x-slack-no-retry')]).toEqual([503, 'notion_unavailable', false]);
    expect(calls, 'a write is never repeated blindly').toHaveLength(2);
  });

  it('answers before Slack stops waiting', async () => {
    installNotion(atCall(1, silence));
    const started = Date.now();
    const { status, body } = await deliver(message('Ev-slow'));
    expect([status, body.message]).toEqual([503, 'Notion did not answer in time']);
    expect(Date.now() - started).toBeLessThan(2900);
  });

  it.each([
    [400, 'validation_error', 'Compare [mapping] in adapter.toml with the columns of the table'],
    [401, 'unauthorized', 'Check NOTION_TOKEN'],
    [403, 'restricted_resource', 'Share the table with the integration'],
    [404, 'object_not_found', 'Share the table with the integration'],
    [307, 'moved', 'Notion answered 307'],
  ])('says what to correct after %i, and stops Slack’s retries', async (status, code, advice) => {
    installNotion(atCall(1, () => notionError(status, code)));
    const answer = await deliver(message(`Ev-${status}`));
    expect([answer.status, answer.body.error, answer.headers.get('x-slack-no-retry')]).toEqual([
      500,
      'misconfigured',
      '1',
    ]);
    expect(answer.body.message).toContain(advice);
    expect(JSON.stringify([answer.body, logged])).not.toContain(env.NOTION_TOKEN);
  });

  it('does not follow a redirect with the token', async () => {
    installNotion();
    await deliver(message('Ev-redirect'));
    for (const [, init] of vi.mocked(fetch).mock.calls) expect(init?.redirect).toBe('manual');
  });

  it('shows what the outbound worker refused', async () => {
    const refusal = { error: 'Outbound call refused', message: 'Host "api.notion.com" is not on the egress list' };
    installNotion(
      atCall(1, () => Response.json(refusal, { status: 403, headers: { 'x-patchbay-refused': 'egress' } })),
    );
    expect((await deliver(message('Ev-egress'))).body.message).toContain('is not on the egress list');
  });
});

it.each<[Partial<Env>, string]>([
  [{ SLACK_SIGNING_SECRET: '' }, 'SLACK_SIGNING_SECRET is not set'],
  [{ NOTION_TOKEN: '' }, 'NOTION_TOKEN is not set'],
  [{ NOTION_DATA_SOURCE_ID: '' }, 'NOTION_DATA_SOURCE_ID is not set'],
  [{ MAPPING: undefined as unknown as Env['MAPPING'] }, 'MAPPING is not set; adapter.toml needs a [mapping]'],
  [{ MAPPING: { Title: '{event.text}' } }, 'The mapping has no text column for {event_id}'],
])('says what is missing: %j', async (change, message_) => {
  const { calls } = installNotion();
  const { status, body } = await deliver(message('Ev-missing'), change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message_);
  expect(calls).toEqual([]);
});
