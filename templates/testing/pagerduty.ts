// Sends what PagerDuty sends.
import { type Bytes, hex, hmac } from './hmac';

export const PAGERDUTY_SECRET = 'patchbay-example-webhook-secret';

/** The headers with which PagerDuty sends these bytes. */
export async function pagerDutyHeaders(body: Bytes, secret = PAGERDUTY_SECRET) {
  return {
    'x-pagerduty-signature': `v1=${hex(await hmac('SHA-256', secret, body))}`,
    'x-webhook-id': crypto.randomUUID(),
  };
}

export async function pagerDutyRequest(body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await pagerDutyHeaders(text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}

/** An event about an incident, changed as the test needs it. */
export function pagerDutyEvent(id: string, event_type: string, data: object = {}, more: object = {}) {
  const reference = (summary: string) => ({ id: 'PEXREF7', type: 'reference', summary });
  const incident = {
    id: 'QEXINC7',
    type: 'incident',
    html_url: 'https://example.pagerduty.com/incidents/QEXINC7',
    number: 812,
    title: 'payments-api: p99 above 2 s',
    service: reference('Payments API'),
    assignees: [reference('Kim Example')],
    priority: reference('P1'),
    urgency: 'high',
  };
  const event = { id, event_type, resource_type: 'incident', occurred_at: '2026-11-21T16:05:00.000Z', agent: null };
  return { event: { ...event, client: null, data: { ...incident, ...data }, ...more } };
}
