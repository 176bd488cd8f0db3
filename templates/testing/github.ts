// Sends what GitHub sends.
import { type Bytes, hex, hmac } from './hmac';

export const GITHUB_SECRET = 'patchbay-example-github-secret';

/** The headers with which GitHub sends these bytes. */
export async function githubHeaders(event: string, delivery: string, body: Bytes, secret = GITHUB_SECRET) {
  return {
    'x-github-event': event,
    'x-github-delivery': delivery,
    'x-hub-signature': `sha1=${hex(await hmac('SHA-1', secret, body))}`,
    'x-hub-signature-256': `sha256=${hex(await hmac('SHA-256', secret, body))}`,
  };
}

export async function githubRequest(
  event: string,
  delivery: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await githubHeaders(event, delivery, text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}
