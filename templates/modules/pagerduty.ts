// PagerDuty's webhooks (V3): is this request from PagerDuty, and what happened to which incident?
// https://developer.pagerduty.com/docs/verifying-webhook-signatures
import { isRecord, parseObject, readBody } from './body';
import type { Delivery, Sender } from './deliveries';
import { DeliveryError, setting } from './errors';
import { fromHex, invalidSignature, isHmac } from './signature';

/** While a secret is changed there are two. More than a few would only cost time. */
const MOST_SIGNATURES = 8;

export interface PagerDutyWebhook {
  event: {
    /** Signed, the same in every attempt, and in no other event. The header X-Webhook-Id is not signed. */
    id: string;
    /** `incident.triggered`. */
    event_type: string;
    data: Record<string, unknown>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** Events of a subscription. `webhookSecret` is the binding PAGERDUTY_WEBHOOK_SECRET, used as text. */
export function pagerDutyWebhooks(webhookSecret: string | undefined): Sender<PagerDutyWebhook> {
  return {
    name: 'pagerduty',
    // PagerDuty waits five seconds.
    answerWithinMs: 4500,
    async read(request) {
      const bytes = await readBody('PagerDuty', request);
      await verify(bytes, request.headers, webhookSecret);
      return classify(bytes);
    },
    // PagerDuty sends again for 48 hours after 5xx. After another 4xx it drops the event, and after three of these in a
    // row the whole subscription for a day. So nothing that PagerDuty may have sent is refused with 4xx.
    refused: (error) => error.toResponse(),
  };
}

export async function verify(bytes: Uint8Array, headers: Headers, webhookSecret: string | undefined): Promise<void> {
  const secret = setting('PAGERDUTY_WEBHOOK_SECRET', webhookSecret);
  const entries = (headers.get('x-pagerduty-signature') ?? '').split(',').map((entry) => entry.trim());
  const signatures = entries.filter((entry) => entry.startsWith('v1=')).slice(0, MOST_SIGNATURES);
  // PagerDuty signs everything: this is from somebody else, to whom 401 does no harm.
  if (signatures.length === 0) throw invalidSignature('The header X-PagerDuty-Signature has no v1=…');
  for (const entry of signatures) {
    const signature = fromHex(entry.slice('v1='.length));
    if (signature && (await isHmac('SHA-256', secret, signature, bytes))) return;
  }
  // It may be from PagerDuty and the secret the wrong one. Once that is corrected, the event arrives.
  const message =
    'No v1 in X-PagerDuty-Signature matches this body; compare PAGERDUTY_WEBHOOK_SECRET with the subscription';
  throw new DeliveryError(503, 'invalid_signature', message, 'again');
}

function classify(bytes: Uint8Array): Delivery<PagerDutyWebhook> {
  let body: Record<string, unknown>;
  try {
    body = parseObject(bytes, 'events of PagerDuty');
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    // Sending it again cannot help, and would hold up what comes after it for 48 hours.
    return { kind: 'ignored', reason: error.message };
  }
  const { event } = body;
  if (!isRecord(event) || typeof event.id !== 'string' || typeof event.event_type !== 'string') {
    return { kind: 'ignored', reason: 'not an event' };
  }
  const { id, event_type, data } = event;
  if (event_type === 'pagey.ping') return { kind: 'handshake', answer: { status: 'pong' } };
  if (!isRecord(data)) return { kind: 'ignored', reason: 'an event without data' };
  const document = { ...body, event: { ...event, id, event_type, data } };
  return { kind: 'events', events: [{ id, document, about: `${id} ${event_type}` }] };
}
