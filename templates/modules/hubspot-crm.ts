// HubSpot's contacts, as its CRM holds them now. https://developers.hubspot.com/docs/api/crm/contacts
import { isRecord } from './body';
import { type Upstream, call } from './calls';
import { misconfigured, setting } from './errors';
import type { Mapping } from './mapping';

const HOSTS = ['api.hubapi.com', 'api-eu1.hubapi.com'];
/** HubSpot's limit for one call. */
const AT_ONCE = 100;

/** Its properties by their internal names, and `id`. HubSpot writes every value as text. */
export type Contact = { id: string } & Record<string, string>;

export interface HubSpotCrm extends Upstream {
  host: string;
}

/** The bindings HUBSPOT_HOST and HUBSPOT_TOKEN, and when the sender stops waiting, in Unix milliseconds. */
export function hubspotCrm(host: string | undefined, token: string | undefined, answerBy: number): HubSpotCrm {
  const known = setting('HUBSPOT_HOST', host);
  if (!HOSTS.includes(known)) throw misconfigured(`HUBSPOT_HOST is ${HOSTS.join(' or ')}`);
  return {
    host: known,
    name: 'HubSpot',
    headers: { authorization: `Bearer ${setting('HUBSPOT_TOKEN', token)}` },
    answerBy,
    said,
    advice(status) {
      if (status === 401) return 'Check HUBSPOT_TOKEN';
      if (status === 403) return 'Give the private app of HUBSPOT_TOKEN the scope crm.objects.contacts.read';
      return 'Compare the properties that [mapping] reads with those of your contacts';
    },
    // 100 calls in ten seconds.
    backOffSeconds: 10,
  };
}

/** Contacts that are still there, with these properties. One that has none of a property has an empty text. */
export async function readContacts(crm: HubSpotCrm, ids: string[], properties: string[]): Promise<Contact[]> {
  const found: Contact[] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const inputs = ids.slice(start, start + AT_ONCE).map((id) => ({ id }));
    const body = { inputs, properties };
    const answer = await call(crm, {
      method: 'POST',
      url: `https://${crm.host}/crm/v3/objects/contacts/batch/read`,
      body,
      repeatable: true,
    });
    const results = Array.isArray(answer.results) ? (answer.results as unknown[]) : [];
    for (const result of results) {
      if (!isRecord(result) || typeof result.id !== 'string' || !isRecord(result.properties)) continue;
      const held = result.properties;
      const values = properties.map((name) => [name, typeof held[name] === 'string' ? held[name] : '']);
      found.push({ ...(Object.fromEntries(values) as Record<string, string>), id: result.id });
    }
  }
  return found;
}

/** The properties that a mapping reads as `{contact.…}`. HubSpot answers only those that it is asked for. */
export function propertiesIn(mapping: Mapping | undefined): string[] {
  const expressions = Object.values(mapping ?? {}).map((entry) => (typeof entry === 'string' ? entry : entry.value));
  const names = expressions.flatMap((text) => Array.from(text.matchAll(/contact\.([a-z0-9_]+)/g), ([, name]) => name));
  return [...new Set(names.filter((name): name is string => name !== undefined && name !== 'id'))];
}

/** `{"status":"error","message","category"}`. */
function said(body: unknown): string {
  if (!isRecord(body)) return '';
  const texts = [body.category ?? body.errorType, body.message].filter((text) => typeof text === 'string');
  return texts.join(': ').slice(0, 300);
}
