// HubSpot's webhooks: is this request from HubSpot, and which contacts changed?
// https://developers.hubspot.com/docs/api/webhooks/validating-requests (version 3)
import { invalidBody, isRecord, parseJson, readBody, textOf } from './body';
import type { Delivery, Sender } from './deliveries';
import { setting } from './errors';
import { fromBase64, invalidSignature, isHmac } from './signature';

const OLDEST_MS = 300_000;
/** What HubSpot writes for these into the address that it signs. */
const DECODED: Record<string, string> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};
/** After these a contact has to be read again; after a deletion there is nothing to read. */
const CHANGES = ['creation', 'propertyChange', 'restore'];

/** The contacts that a webhook speaks of, each once. */
export interface HubSpotChanges {
  contactIds: string[];
}

/** Changes of contacts. `clientSecret` is the binding HUBSPOT_CLIENT_SECRET. */
export function hubspotContacts(clientSecret: string | undefined): Sender<HubSpotChanges> {
  return {
    name: 'hubspot',
    // HubSpot waits five seconds.
    answerWithinMs: 4000,
    async read(request) {
      const bytes = await readBody('HubSpot', request);
      await verify(bytes, request, clientSecret);
      return classify(textOf(bytes, 'events of HubSpot'));
    },
    // HubSpot sends a whole batch again after anything but 2xx, ten times over 24 hours, and reads no header. What a
    // person has to correct arrives when they have done so in that time.
    refused: (error) => error.toResponse(),
  };
}

/** Trusts version 3 alone: a request that only has the older ones could be sent again for ever. */
export async function verify(
  bytes: Uint8Array,
  { method, url, headers }: { method: string; url: string; headers: Headers },
  clientSecret: string | undefined,
): Promise<void> {
  const secret = setting('HUBSPOT_CLIENT_SECRET', clientSecret);
  const signature = fromBase64(headers.get('x-hubspot-signature-v3') ?? '');
  const time = headers.get('x-hubspot-request-timestamp') ?? '';
  // Thirteen digits: seconds would be a time long ago.
  if (!signature || !/^[1-9]\d{12}$/.test(time)) {
    throw invalidSignature('X-HubSpot-Signature-v3 or X-HubSpot-Request-Timestamp is missing or not readable');
  }
  if (Date.now() - Number(time) > OLDEST_MS) {
    throw invalidSignature('X-HubSpot-Request-Timestamp is more than five minutes ago');
  }
  const address = url.replace(/%[0-9a-f]{2}/gi, (escape) => DECODED[escape.toUpperCase()] ?? escape);
  if (!(await isHmac('SHA-256', secret, signature, method, address, bytes, time))) {
    throw invalidSignature(
      'X-HubSpot-Signature-v3 does not match; check HUBSPOT_CLIENT_SECRET, and that HubSpot calls this very address',
    );
  }
}

function classify(text: string): Delivery<HubSpotChanges> {
  // Ids may be longer than a number holds exactly.
  const exact = text.replace(/("objectId"\s*:\s*)(\d+)/g, '$1"$2"');
  const body = parseJson(exact, 'events of HubSpot');
  if (!Array.isArray(body)) throw invalidBody('The body is not a list; this adapter takes events of HubSpot');
  const changes = (body as unknown[]).filter(isChange);
  if (changes.length === 0) return { kind: 'ignored', reason: `no change of a contact among ${body.length} events` };
  const contactIds = [...new Set(changes.map(({ objectId }) => objectId))];
  // The same in every attempt: HubSpot sends a batch again as a whole.
  const id = changes.map(({ eventId, subscriptionId, occurredAt }) => `${eventId}-${subscriptionId}-${occurredAt}`);
  const about = `${changes.length} changes of ${contactIds.length} contacts`;
  return { kind: 'events', events: [{ id: `hubspot ${id.join(' ')}`, document: { contactIds }, about }] };
}

interface Change {
  objectId: string;
  eventId?: unknown;
  subscriptionId?: unknown;
  occurredAt?: unknown;
}

/** Both forms of subscriptions: `contact.creation`, and `object.creation` with the type of contacts. */
function isChange(event: unknown): event is Change {
  if (!isRecord(event) || typeof event.objectId !== 'string' || !/^\d+$/.test(event.objectId)) return false;
  const [kind, what = ''] = String(event.subscriptionType ?? '').split('.');
  const isContact = kind === 'contact' || (kind === 'object' && event.objectTypeId === '0-1');
  // What HubSpot has from Salesforce would only go back there, and round again.
  return isContact && CHANGES.includes(what) && event.changeSource !== 'SALESFORCE';
}
