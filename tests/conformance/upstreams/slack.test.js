// The official client on the simulated Slack.
import { ErrorCode, WebClient } from '@slack/web-api';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { broken, failure, ServedUpstreams } from './bench.js';
import { assertTypes } from '../support/types.js';

const CHANNEL = 'C0123456789';

let served;
before(async () => {
  served = await ServedUpstreams.start();
});
after(() => served?.stop());

function client(upstreams = served, token = 'example-slack-token') {
  const slackApiUrl = `${upstreams.base('slack.com')}/api/`;
  const logger = { setLevel() {}, setName() {}, getLevel() {}, debug() {}, info() {}, warn() {}, error() {} };
  return new WebClient(token, { slackApiUrl, logger, rejectRateLimitedCalls: true, retryConfig: { retries: 0 } });
}

test('a message is posted, read back, changed, answered and removed', async () => {
  const slack = client();
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*Checkout* is down' } }];
  const posted = await slack.chat.postMessage({ channel: CHANNEL, text: 'Checkout is down', blocks });
  const reply = await slack.chat.postMessage({ channel: CHANNEL, text: 'Looking', thread_ts: posted.ts });
  const history = await slack.conversations.history({ channel: CHANNEL });
  assert.deepEqual(
    history.messages.map(({ ts }) => ts),
    [posted.ts],
  );
  const thread = await slack.conversations.replies({ channel: CHANNEL, ts: posted.ts });
  assert.deepEqual(
    thread.messages.map(({ ts }) => ts),
    [posted.ts, reply.ts],
  );
  const changed = await slack.chat.update({ channel: CHANNEL, ts: posted.ts, text: 'Checkout is up' });
  assert.equal(changed.message.text, 'Checkout is up');
  const reaction = await slack.reactions.add({ channel: CHANNEL, timestamp: posted.ts, name: 'eyes' });
  const user = await slack.users.info({ user: 'U0123456789' });
  const auth = await slack.auth.test();
  const removed = await slack.chat.delete({ channel: CHANNEL, ts: posted.ts });
  assertTypes('@slack/web-api', [
    ['ChatPostMessageResponse', posted],
    ['ConversationsHistoryResponse', history],
    ['ConversationsRepliesResponse', thread],
    ['ChatUpdateResponse', changed],
    ['ReactionsAddResponse', reaction],
    ['UsersInfoResponse', user],
    ['AuthTestResponse', auth],
    ['ChatDeleteResponse', removed],
  ]);
});

test('what Slack refuses is a platform error with its word', async () => {
  const slack = client();
  for (const [word, call] of [
    ['channel_not_found', () => slack.chat.postMessage({ channel: 'Not A Channel', text: 'x' })],
    ['no_text', () => slack.chat.postMessage({ channel: CHANNEL })],
    ['invalid_blocks', () => slack.chat.postMessage({ channel: CHANNEL, text: 'x', blocks: [{ type: 'sparkles' }] })],
    ['message_not_found', () => slack.chat.delete({ channel: CHANNEL, ts: '1.000001' })],
    ['not_authed', () => client(served, null).auth.test()],
  ]) {
    const error = await failure(call());
    assert.deepEqual([error.code, error.data?.error], [ErrorCode.PlatformError, word], String(error));
  }
  await broken(['slack:expired-token'], async (upstreams) => {
    assert.equal((await failure(client(upstreams).auth.test())).data.error, 'token_expired');
  });
});

test('more than a message a second to one channel is a rate limit with its wait', async () => {
  await broken([], async (upstreams) => {
    const slack = client(upstreams);
    for (let call = 0; call < 5; call += 1) await slack.chat.postMessage({ channel: CHANNEL, text: 'x' });
    const error = await failure(slack.chat.postMessage({ channel: CHANNEL, text: 'x' }));
    assert.equal(error.code, ErrorCode.RateLimitedError, String(error));
    assert.ok(error.retryAfter >= 1 && error.retryAfter <= 5, `${error.retryAfter} s`);
  });
});

test('a server that is down is an HTTP error', async () => {
  await broken(['slack:503'], async (upstreams) => {
    const error = await failure(client(upstreams).auth.test());
    assert.deepEqual([error.code, error.statusCode], [ErrorCode.HTTPError, 503], String(error));
  });
});
