import { describe, expect, it } from 'vitest';
import { collectLog } from '../testing/deliver';
import { UNCLEAR, atCall, silence } from '../testing/fetch';
import { type SlackMessageSeen, installSlack, slackError } from '../testing/slack-web';
import type { SlackPost } from './slack-blocks';
import { postOnce, slackWeb } from './slack-web';

collectLog();
const CHANNEL = 'C0EXAMPLE01';
const message: SlackPost = { channel: CHANNEL, text: 'hello', blocks: [] };
const START = Math.floor(Date.now() / 1000);
const post = (id = 'evt_1', withinMs = 4000) =>
  postOnce(slackWeb('example-token', Date.now() + withinMs), message, id, START - 3600);

it('posts with the event’s id in the metadata, after looking for it', async () => {
  const { calls, messages } = installSlack();
  expect(await post()).toEqual({ ts: messages[0]?.ts, isDuplicate: false });
  const [history, made] = calls;
  expect(`${history?.method} ${history?.url}`).toBe(
    `GET https://slack.com/api/conversations.history?channel=${CHANNEL}&limit=200&include_all_metadata=true&oldest=${START - 3600}`,
  );
  expect(`${made?.method} ${made?.url}`).toBe('POST https://slack.com/api/chat.postMessage');
  expect(made?.body).toEqual({
    ...message,
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: 'patchbay_event', event_payload: { event_id: 'evt_1' } },
  });
  expect(made?.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(calls.map(({ headers }) => headers.get('authorization'))).toEqual(Array(2).fill('Bearer example-token'));
});

it('dup-seq: posts an event once', async () => {
  const { calls, messages } = installSlack();
  const first = await post();
  expect(await post()).toEqual({ ts: first.ts, isDuplicate: true });
  expect([messages.length, calls.length]).toEqual([1, 3]);
});

describe('looking for an event', () => {
  const seen = (count: number): SlackMessageSeen[] =>
    Array.from({ length: count }, (_, index) => ({
      ts: `${START - 1000}.${String(index).padStart(6, '0')}`,
      channel: CHANNEL,
      text: '',
      blocks: [],
      metadata: { event_type: 'patchbay_event', event_payload: { event_id: `evt_${index}` } },
    }));

  it('goes from page to page', async () => {
    const { calls } = installSlack(undefined, seen(450));
    expect(await post('evt_0')).toEqual({ ts: `${START - 1000}.000000`, isDuplicate: true });
    expect(calls).toHaveLength(3);
  });

  it('ends after three pages', async () => {
    const { calls } = installSlack(undefined, seen(700));
    expect((await post('evt_0')).isDuplicate).toBe(false);
    expect(calls).toHaveLength(4);
  });

  it('does not take the metadata of other apps for its own', async () => {
    const [other] = seen(1) as [SlackMessageSeen];
    const event_type = 'another_event';
    const payload = { event_payload: { event_id: 'evt_1' } };
    installSlack(undefined, [
      { ...other, metadata: { event_type, ...payload } },
      { ...other, metadata: undefined },
    ]);
    expect((await post()).isDuplicate).toBe(false);
  });
});

describe('when Slack fails', () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ...UNCLEAR.map(([name, answer]): [string, () => Response | Promise<Response>] => [
      `cut-json, 204-json: ${name}`,
      answer,
    ]),
    ['ok-false: internal_error', () => slackError('internal_error')],
    ['an object without ok', () => Response.json({})],
    ['503', () => new Response('', { status: 503 })],
    ['an answer without ts', () => Response.json({ ok: true })],
  ])('after %s it looks into the channel, then posts again', async (_, answer) => {
    const { calls, messages } = installSlack(atCall(2, answer));
    expect((await post()).isDuplicate).toBe(false);
    expect([calls.length, messages.length]).toEqual([4, 1]);
  });

  it('5xx-applied: finds what was posted all the same', async () => {
    const messages: SlackMessageSeen[] = [];
    const { calls } = installSlack((call, number) => {
      if (number !== 2) return undefined;
      messages.push({ ...(call.body as unknown as SlackMessageSeen), ts: `${START}.000001` });
      return new Response('', { status: 500 });
    }, messages);
    expect(await post()).toEqual({ ts: `${START}.000001`, isDuplicate: false });
    expect([calls.length, messages.length]).toEqual([3, 1]);
  });

  it('gives up in time, and after the second attempt', async () => {
    const { calls } = installSlack((call) => (call.method === 'POST' ? slackError('fatal_error') : undefined));
    await expect(post('evt_1', 250)).rejects.toMatchObject({ status: 503, code: 'slack_unavailable', retry: 'again' });
    expect(calls).toHaveLength(2);
    await expect(post('evt_1', 4000)).rejects.toMatchObject({ message: 'Slack answered fatal_error' });
    expect(calls).toHaveLength(6);
  });

  it('waits after 429 as long as Slack asks, if there is time', async () => {
    const limited = (seconds: string) => () =>
      Response.json({ ok: false, error: 'ratelimited' }, { status: 429, headers: { 'retry-after': seconds } });
    const { messages } = installSlack(atCall(2, limited('1')));
    expect((await post()).isDuplicate).toBe(false);
    installSlack(atCall(2, limited('30')), messages);
    await expect(post('evt_2')).rejects.toMatchObject({ retry: 'again', retryAfterSeconds: 30 });
    expect(messages).toHaveLength(1);
  });

  it('does not wait longer than the sender', async () => {
    installSlack(atCall(2, silence));
    await expect(post('evt_1', 60)).rejects.toMatchObject({ message: 'Slack did not answer in time', retry: 'again' });
  });

  it.each([
    ['channel_not_found', {}, 'Slack answered channel_not_found. Invite the app to the channel'],
    ['invalid_auth', {}, 'Slack answered invalid_auth. Check SLACK_BOT_TOKEN'],
    [
      'missing_scope',
      { needed: 'chat:write' },
      'Slack answered missing_scope (needs chat:write). Check SLACK_BOT_TOKEN',
    ],
    [
      'invalid_blocks',
      { response_metadata: { messages: ['[ERROR] must be a string [json-pointer:/blocks/0/text]'] } },
      'Slack answered invalid_blocks [ERROR] must be a string [json-pointer:/blocks/0/text]. Compare [mapping]',
    ],
  ])('ok-false: after %s it says what to correct', async (error, more, message) => {
    const { calls } = installSlack(atCall(2, () => slackError(error, more)));
    await expect(post()).rejects.toMatchObject({
      status: 500,
      retry: 'never',
      message: expect.stringContaining(message) as string,
    });
    expect(calls).toHaveLength(2);
  });
});

it('says that the token is not set', () => {
  expect(() => slackWeb('', 0)).toThrow('SLACK_BOT_TOKEN is not set');
});
