import { expect, it } from 'vitest';
import { answerOf, collectLog } from '../../../testing/deliver';
import { UNCLEAR, atCall, silence } from '../../../testing/fetch';
import { ROUTING_KEY, installPagerDuty, pagerDutyError } from '../../../testing/pagerduty-events';
import { SLACK_SECRET, slackHeaders, slackMessage, slackRequest } from '../../../testing/slack';
import adapter from './adapter';
import type { Env } from './env';

const env: Env = {
  SLACK_SIGNING_SECRET: SLACK_SECRET,
  PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
  PAGERDUTY_HOST: 'events.pagerduty.com',
  MAPPING: {
    dedup_key: 'slack-{event.channel}-{thread}',
    summary: '[{priority}] {alert | truncate:200}',
    source: 'slack/{event.channel}',
    severity: { value: '{priority}', lookup: { P1: 'critical', P2: 'error', P3: 'warning' } },
    Author: '{event.user | default:""}',
  },
};
const logged = collectLog();
const ROOT = '1760000001.000100';
const KEY = `slack-C1-${ROOT}`;

async function deliver(event_id: string, change: object = {}, other: Partial<Env> = {}) {
  return answerOf(adapter, await slackRequest(slackMessage(event_id, change)), { ...env, ...other });
}
const down = { text: 'Checkout is down &lt;eu&gt;' };
const reply = (text: string) => ({ text, ts: '1760000009.000100', thread_ts: ROOT });

it('opens an incident for an alert', async () => {
  const { calls } = installPagerDuty();
  const { status, body } = await deliver('Ev-down', down);
  expect([status, body]).toEqual([200, { status: 'triggered', priority: 'P1', dedup_key: KEY }]);
  expect(calls.map(({ url, body: sent }) => [url, sent])).toEqual([
    [
      'https://events.pagerduty.com/v2/enqueue',
      {
        routing_key: ROUTING_KEY,
        event_action: 'trigger',
        dedup_key: KEY,
        payload: {
          summary: '[P1] Checkout is down <eu>',
          source: 'slack/C1',
          severity: 'critical',
          custom_details: { Author: 'U1' },
        },
      },
    ],
  ]);
  expect(logged).toEqual([`slack: Ev-down in C1: triggered ${KEY}`]);
});

it('acknowledges and resolves it by replies in its thread', async () => {
  const { incidents } = installPagerDuty();
  await deliver('Ev-1', down);
  expect((await deliver('Ev-2', reply('ack'))).body).toEqual({ status: 'acknowledged', dedup_key: KEY });
  expect(incidents.get(KEY)?.status).toBe('acknowledged');
  expect((await deliver('Ev-3', reply('still looking at the logs, but why'))).body.status).toBe('acknowledged');
  expect((await deliver('Ev-4', reply('thanks'))).body.status).toBe('ignored');
  expect((await deliver('Ev-5', reply('fixed'))).body).toEqual({ status: 'resolved', dedup_key: KEY });
  expect(incidents.get(KEY)?.status).toBe('resolved');
});

it('takes alerts of monitoring, which other apps write', async () => {
  const { incidents } = installPagerDuty();
  const bot = { bot_id: 'B1', app_id: 'A-monitoring', user: undefined, subtype: 'bot_message' };
  expect((await deliver('Ev-bot', { ...bot, text: '', attachments: [{ title: 'CRITICAL' }] })).body.status).toBe(
    'triggered',
  );
  expect(incidents.size).toBe(1);
});

it('calls nobody for a message that is no alert', async () => {
  const { calls } = installPagerDuty();
  expect((await deliver('Ev-lunch', { text: 'Lunch?' })).body.status).toBe('ignored');
  expect(calls).toEqual([]);
});

it('refuses a forged request without calling PagerDuty', async () => {
  const { calls } = installPagerDuty();
  const forged = await slackRequest(slackMessage('Ev-forged', down), await slackHeaders('{}'));
  expect((await answerOf(adapter, forged, env)).status).toBe(401);
  expect(calls).toEqual([]);
});

it.each(UNCLEAR)('makes one incident also when PagerDuty answered %s', async (name, answer) => {
  const { incidents, calls } = installPagerDuty(atCall(1, answer));
  const first = await deliver(`Ev-${name}`, down);
  expect([first.status, first.body.error, first.headers.has('x-slack-no-retry')]).toEqual([
    503,
    'pagerduty_unavailable',
    false,
  ]);
  expect((await deliver(`Ev-${name}`, down)).status).toBe(200);
  expect([incidents.size, new Set(calls.map(({ body }) => body.dedup_key)).size]).toEqual([1, 1]);
});

it('passes a wait on to Slack that is longer than Slack waits', async () => {
  installPagerDuty(() => pagerDutyError(429, 'Enhance your calm.', { 'retry-after': '30' }));
  const answer = await deliver('Ev-429', down);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
});

it('answers before Slack stops waiting', async () => {
  installPagerDuty(silence);
  const started = Date.now();
  expect((await deliver('Ev-slow', down)).status).toBe(503);
  expect(Date.now() - started).toBeLessThan(2900);
});

it('says what to correct after a refusal, and stops Slack’s retries', async () => {
  installPagerDuty(() => pagerDutyError(400, 'Invalid routing key'));
  const answer = await deliver('Ev-key', down);
  expect([answer.status, answer.headers.get('x-slack-no-retry')]).toEqual([500, '1']);
  expect(answer.body.message).toContain('Check PAGERDUTY_ROUTING_KEY');
  expect(JSON.stringify([answer.body, logged])).not.toContain(ROUTING_KEY);
});

it.each<[Partial<Env>, string]>([
  [{ SLACK_SIGNING_SECRET: '' }, 'SLACK_SIGNING_SECRET is not set'],
  [{ PAGERDUTY_ROUTING_KEY: '' }, 'PAGERDUTY_ROUTING_KEY is not set'],
  [{ PAGERDUTY_HOST: '' }, 'PAGERDUTY_HOST is not set'],
  [{ MAPPING: undefined as unknown as Env['MAPPING'] }, 'The mapping has no "dedup_key"'],
])('says what is missing: %j', async (change, message) => {
  const { calls } = installPagerDuty();
  const { status, body } = await deliver('Ev-missing', down, change);
  expect([status, body.error]).toEqual([500, 'misconfigured']);
  expect(body.message).toContain(message);
  expect(calls).toEqual([]);
});
