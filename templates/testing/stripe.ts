// Sends what Stripe sends.
import { type Bytes, hex, hmac } from './hmac';

export const STRIPE_SECRET = 'whsec_example';

/** The header with which Stripe sends these bytes. */
export async function stripeHeaders(
  body: Bytes,
  time: string | number = Math.floor(Date.now() / 1000),
  secret = STRIPE_SECRET,
) {
  return { 'stripe-signature': `t=${time},v1=${hex(await hmac('SHA-256', secret, `${time}.`, body))}` };
}

/** Stripe writes its JSON with two spaces. */
export async function stripeRequest(body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const text = JSON.stringify(body, null, 2);
  const all = { ...(await stripeHeaders(text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}

/** An event about this object. */
export function stripeEvent(id: string, type: string, object: Record<string, unknown>) {
  const request = { id: null, idempotency_key: null };
  const event = {
    id,
    object: 'event',
    api_version: '2026-07-29.dahlia',
    created: 1760001002,
    livemode: false,
    request,
  };
  return { ...event, type, pending_webhooks: 1, data: { object } };
}
