// Stripe's events (snapshots): is this request from Stripe, and what happened?
// https://docs.stripe.com/webhooks/signature, stripe-node `src/Webhooks.ts`
import { isRecord, parseObject, readBody } from './body';
import type { Delivery, Sender } from './deliveries';
import { setting } from './errors';
import { fromHex, invalidSignature, isHmac } from './signature';

/** While a secret is rolled there are two. More than a few would only cost time. */
const MOST_SIGNATURES = 8;
/** Stripe's libraries refuse older times, and no time ahead: it is signed, and our clock may be slow. */
const OLDEST_SECONDS = 300;

export interface StripeEvent {
  /** The same in every attempt. */
  id: string;
  type: string;
  /** Unix seconds. */
  created: number;
  data: { object: Record<string, unknown>; previous_attributes?: unknown };
  [field: string]: unknown;
}

/** Events of an endpoint. `webhookSecret` is the binding STRIPE_WEBHOOK_SECRET, used as a whole with its `whsec_`. */
export function stripeEvents(webhookSecret: string | undefined): Sender<StripeEvent> {
  return {
    name: 'stripe',
    // Stripe does not say how long it waits; ten seconds are what its users see.
    answerWithinMs: 8000,
    async read(request) {
      const bytes = await readBody('Stripe', request);
      await verify(bytes, request.headers, webhookSecret);
      return classify(parseObject(bytes, 'events of Stripe'));
    },
    // Stripe sends again for three days after anything but 2xx, at growing intervals, and reads no header. An
    // event that a person has to make room for arrives when they have done so.
    refused: (error) => error.toResponse(),
  };
}

export async function verify(bytes: Uint8Array, headers: Headers, webhookSecret: string | undefined): Promise<void> {
  const secret = setting('STRIPE_WEBHOOK_SECRET', webhookSecret);
  // `t=…,v1=…,v1=…`; `v0` belongs to tests and counts for nothing.
  const entries = (headers.get('stripe-signature') ?? '').split(',').map((entry) => entry.trim().split('='));
  const valuesOf = (key: string) => entries.filter(([name]) => name === key).map(([, value = '']) => value);
  const [time = ''] = valuesOf('t');
  const signatures = valuesOf('v1').slice(0, MOST_SIGNATURES);
  // Ten digits: milliseconds would be a time far ahead.
  if (!/^[1-9]\d{9}$/.test(time) || signatures.length === 0) {
    throw invalidSignature('The header Stripe-Signature has no t=… and v1=…');
  }
  if (Math.floor(Date.now() / 1000) - Number(time) > OLDEST_SECONDS) {
    throw invalidSignature('The time in Stripe-Signature is more than five minutes ago');
  }
  for (const digest of signatures) {
    const signature = fromHex(digest);
    if (signature && (await isHmac('SHA-256', secret, signature, `${time}.`, bytes))) return;
  }
  throw invalidSignature(
    'No v1 in Stripe-Signature matches this body; STRIPE_WEBHOOK_SECRET has to be the secret of this endpoint',
  );
}

function classify(body: Record<string, unknown>): Delivery<StripeEvent> {
  const { id, type, created, data } = body;
  if (body.object === 'v2.core.event') {
    return { kind: 'ignored', reason: 'a thin event; choose snapshot events for this destination' };
  }
  const isEvent = body.object === 'event' && typeof id === 'string' && typeof type === 'string';
  if (!isEvent || typeof created !== 'number' || !isRecord(data) || !isRecord(data.object)) {
    // `String` of what somebody else wrote could throw.
    const what = typeof body.object === 'string' ? body.object.slice(0, 40) : 'no object type';
    return { kind: 'ignored', reason: `not an event: ${what}` };
  }
  const document = { ...body, id, type, created, data: { ...data, object: data.object } };
  return { kind: 'events', events: [{ id, document, about: `${id} ${type}` }] };
}
