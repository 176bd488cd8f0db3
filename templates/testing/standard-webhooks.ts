// Sends what a sender sends that follows Standard Webhooks.
import { type Bytes, base64, hmac } from './hmac';

const KEY = 'patchbay-example-signing-key';
export const STANDARD_SECRET = `whsec_${btoa(KEY)}`;

/** The headers with which these bytes are sent under this id. */
export async function standardHeaders(id: string, body: Bytes, timestamp = Math.floor(Date.now() / 1000), key = KEY) {
  const signature = base64(await hmac('SHA-256', key, `${id}.${timestamp}.`, body));
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}

export async function standardRequest(
  id: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await standardHeaders(id, text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}
