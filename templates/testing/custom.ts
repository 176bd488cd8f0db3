// Sends what a sender of one's own sends: `X-Signature-256: sha256=…` and an event id.
import { type Bytes, hex, hmac } from './hmac';

export const CUSTOM_SECRET = 'patchbay-example-signing-secret';

export async function customHeaders(body: Bytes, secret = CUSTOM_SECRET) {
  return { 'x-signature-256': `sha256=${hex(await hmac('SHA-256', secret, body))}` };
}

export async function customRequest(id: string, body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await customHeaders(text)), 'x-event-id': id, ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}
