// PagerDuty's Events API v2. https://developer.pagerduty.com/docs/events-api-v2-overview
import { isRecord } from './body';
import { type Upstream, call } from './calls';
import { misconfigured, setting } from './errors';
import { type Mapping, evaluate, mapFields } from './mapping';

const SEVERITIES = ['critical', 'error', 'warning', 'info'];
const PAYLOAD = new Set(['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class']);
const BESIDE_PAYLOAD = new Set(['client', 'client_url']);
const LONGEST_SUMMARY = 1024;
const LONGEST_DEDUP_KEY = 255;

export interface PagerDuty extends Upstream {
  routingKey: string;
  url: string;
}

export type Action = 'trigger' | 'acknowledge' | 'resolve';

export interface PagerDutyEvent {
  event_action: Action;
  /** Events with the same key belong to one incident. */
  dedup_key: string;
  [field: string]: unknown;
}

/** The bindings PAGERDUTY_ROUTING_KEY and PAGERDUTY_HOST, and when the sender stops waiting, in Unix milliseconds. */
export function pagerDuty(routingKey: string | undefined, host: string | undefined, answerBy: number): PagerDuty {
  const key = setting('PAGERDUTY_ROUTING_KEY', routingKey);
  if (!/^[A-Za-z0-9]{32}$/.test(key)) {
    throw misconfigured('PAGERDUTY_ROUTING_KEY is not the 32 letters and digits of an Events API v2 integration');
  }
  const at = setting('PAGERDUTY_HOST', host);
  if (!/^events(\.eu)?\.pagerduty\.com$/.test(at)) {
    throw misconfigured('PAGERDUTY_HOST is neither events.pagerduty.com nor events.eu.pagerduty.com');
  }
  return {
    name: 'PagerDuty',
    // The routing key stands in the body.
    headers: {},
    answerBy,
    said(body) {
      if (!isRecord(body)) return '';
      const errors = Array.isArray(body.errors) ? body.errors.join('; ') : '';
      return [body.message, errors].filter(Boolean).join(': ').slice(0, 300);
    },
    advice: (_, said) =>
      said.includes('routing')
        ? 'Check PAGERDUTY_ROUTING_KEY, and PAGERDUTY_HOST if the account is in the EU'
        : 'Compare [mapping] in adapter.toml with the fields of an event',
    routingKey: key,
    url: `https://${at}/v2/enqueue`,
  };
}

/** Sends an event; the answer is its key. Sending it twice changes nothing, because the key says which incident it is. */
export async function enqueue(pagerDuty: PagerDuty, event: PagerDutyEvent): Promise<string> {
  const body = { routing_key: pagerDuty.routingKey, ...event };
  const answer = await call(pagerDuty, { method: 'POST', url: pagerDuty.url, body, repeatable: true });
  return typeof answer.dedup_key === 'string' ? answer.dedup_key : event.dedup_key;
}

/**
 * The mapped fields as an event. Fields that PagerDuty does not know are details of the customer's own. An event that
 * acknowledges or resolves has the key alone.
 */
export function pagerDutyEvent(mapping: Mapping | undefined, document: object, action: Action): PagerDutyEvent {
  const dedup_key = keyOf(mapping, document);
  if (action !== 'trigger') return { event_action: action, dedup_key };
  const { dedup_key: _, ...fields } = mapFields(mapping, document);
  const pick = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => isWanted(name)));
  const payload = pick((name) => PAYLOAD.has(name));
  const custom_details = pick((name) => !PAYLOAD.has(name) && !BESIDE_PAYLOAD.has(name));
  for (const [name, value] of Object.entries(payload)) {
    if (typeof value === 'object')
      throw misconfigured(`The mapping of "${name}" ends in a list or an object, not text`);
    payload[name] = String(value);
  }
  for (const name of ['summary', 'source', 'severity']) {
    if (!payload[name])
      throw misconfigured(`The mapping needs a value for "${name}"; PagerDuty takes no event without`);
  }
  if (!SEVERITIES.includes(String(payload.severity))) {
    throw misconfigured(
      `The mapping of "severity" gives "${String(payload.severity).slice(0, 40)}"; use ${SEVERITIES.join(', ')}`,
    );
  }
  payload.summary = Array.from(String(payload.summary)).slice(0, LONGEST_SUMMARY).join('');
  const beside = pick((name) => BESIDE_PAYLOAD.has(name));
  return { event_action: action, dedup_key, ...beside, payload: { ...payload, custom_details } };
}

function keyOf(mapping: Mapping | undefined, document: object): string {
  const entry = mapping?.dedup_key;
  if (entry === undefined) {
    throw misconfigured('The mapping has no "dedup_key"; without it an event sent twice would make two incidents');
  }
  const key = evaluate('dedup_key', entry, document);
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_DEDUP_KEY) {
    throw misconfigured(`The mapping of "dedup_key" gives no text of 1 to ${LONGEST_DEDUP_KEY} characters`);
  }
  return key;
}
