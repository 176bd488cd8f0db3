import { expect, it } from 'vitest';
import { collectLog } from '../testing/deliver';
import { atCall } from '../testing/fetch';
import { ROUTING_KEY, installPagerDuty, pagerDutyError } from '../testing/pagerduty-events';
import type { Mapping } from './mapping';
import { enqueue, pagerDuty, pagerDutyEvent } from './pagerduty-events';

collectLog();
const HOST = 'events.pagerduty.com';
const at = (host = HOST) => pagerDuty(ROUTING_KEY, host, Date.now() + 2000);
const mapping: Mapping = {
  dedup_key: 'alert-{id}',
  summary: '{text}',
  source: 'monitoring',
  severity: { value: '{level}', lookup: { P1: 'critical', default: 'info' } },
  client: 'Monitoring',
  component: '{component | default:""}',
  Runbook: '{runbook}',
};
const document = { id: 7, text: 'Checkout is down', level: 'P1', runbook: { url: 'https://example.com' } };

it.each([HOST, 'events.eu.pagerduty.com'])('sends an event to %s', async (host) => {
  const { calls, incidents } = installPagerDuty();
  expect(await enqueue(at(host), pagerDutyEvent(mapping, document, 'trigger'))).toBe('alert-7');
  expect(calls.map(({ method, url, body }) => [method, url, body])).toEqual([
    [
      'POST',
      `https://${host}/v2/enqueue`,
      {
        routing_key: ROUTING_KEY,
        event_action: 'trigger',
        dedup_key: 'alert-7',
        client: 'Monitoring',
        payload: {
          summary: 'Checkout is down',
          source: 'monitoring',
          severity: 'critical',
          custom_details: { Runbook: { url: 'https://example.com' } },
        },
      },
    ],
  ]);
  expect(incidents.get('alert-7')).toEqual({ status: 'triggered', alerts: 1 });
});

it.each(['acknowledge', 'resolve'] as const)('to %s it needs the key alone', (action) => {
  expect(pagerDutyEvent(mapping, { id: 7 }, action)).toEqual({ event_action: action, dedup_key: 'alert-7' });
});

it('repeats an event that may have come through, because of its key', async () => {
  const { calls } = installPagerDuty(atCall(1, () => pagerDutyError(502, 'Bad gateway', { 'retry-after': '0' })));
  await enqueue(at(), pagerDutyEvent(mapping, document, 'trigger'));
  expect(calls.map(({ body }) => body.dedup_key)).toEqual(['alert-7', 'alert-7']);
});

it('cuts a summary to what PagerDuty takes', () => {
  const event = pagerDutyEvent(mapping, { ...document, text: '🚀'.repeat(2000) }, 'trigger');
  expect((event.payload as { summary: string }).summary).toBe('🚀'.repeat(1024));
});

it.each([
  ['Invalid routing key', 'Check PAGERDUTY_ROUTING_KEY, and PAGERDUTY_HOST if the account is in the EU'],
  ["'payload.timestamp' is invalid", 'Compare [mapping] in adapter.toml with the fields of an event'],
])('after %s it says what to correct, without the key', async (error, advice) => {
  installPagerDuty(() => pagerDutyError(400, error));
  const sent = enqueue(at(), pagerDutyEvent(mapping, document, 'trigger'));
  await expect(sent).rejects.toMatchObject({
    retry: 'never',
    message: `PagerDuty answered 400 Event object is invalid: ${error}. ${advice}`,
  });
});

it.each([
  ['', HOST, 'PAGERDUTY_ROUTING_KEY is not set'],
  ['short', HOST, 'PAGERDUTY_ROUTING_KEY is not the 32 letters and digits of an Events API v2 integration'],
  [ROUTING_KEY, 'example.com', 'PAGERDUTY_HOST is neither events.pagerduty.com nor events.eu.pagerduty.com'],
  [ROUTING_KEY, '', 'PAGERDUTY_HOST is not set'],
])('says what is missing: %s %s', (key, host, message) => {
  expect(() => pagerDuty(key, host, 0)).toThrow(message);
});

it.each<[Mapping, string]>([
  [{ ...mapping, dedup_key: '' }, 'The mapping of "dedup_key" gives no text of 1 to 255 characters'],
  [{ ...mapping, dedup_key: '{id}' }, 'The mapping of "dedup_key" gives no text'],
  [{ summary: 'x' }, 'The mapping has no "dedup_key"; without it an event sent twice would make two incidents'],
  [{ ...mapping, summary: '' }, 'The mapping needs a value for "summary"'],
  [{ ...mapping, severity: '{level}' }, 'The mapping of "severity" gives "P1"; use critical, error, warning, info'],
  [{ ...mapping, source: '{runbook}' }, 'The mapping of "source" ends in a list or an object, not text'],
])('refuses the mapping %j', (wrong, message) => {
  expect(() => pagerDutyEvent(wrong, document, 'trigger')).toThrow(message);
});
