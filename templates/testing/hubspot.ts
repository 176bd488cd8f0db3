// Sends what HubSpot sends.
import { type Bytes, base64, hmac } from './hmac';

export const HUBSPOT_SECRET = 'patchbay-example-hubspot-secret';

/** The headers with which HubSpot sends these bytes to an address. `time` is in Unix milliseconds. */
export async function hubspotHeaders(
  url: string,
  body: Bytes,
  time: string | number = Date.now(),
  secret = HUBSPOT_SECRET,
) {
  return {
    'x-hubspot-request-timestamp': String(time),
    'x-hubspot-signature-v3': base64(await hmac('SHA-256', secret, 'POST', url, body, String(time))),
  };
}

export async function hubspotRequest(body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const [url, text] = ['https://x.example/', JSON.stringify(body)];
  const all = { ...(await hubspotHeaders(url, text)), ...headers };
  return new Request(url, { method: 'POST', body: text, headers: all });
}

/** One element of the list that HubSpot sends. */
export function hubspotEvent(objectId: number, change: Record<string, unknown> = {}) {
  const ids = { eventId: 11, subscriptionId: 1100001, portalId: 99100001, appId: 88100001, occurredAt: 1760000001000 };
  const what = { subscriptionType: 'contact.creation', attemptNumber: 0, changeSource: 'CRM_UI' };
  return { ...ids, ...what, objectId, ...change };
}
