// Who a person is, by the contacts and accounts of Salesforce.
import { isRecord } from './body';
import { setting } from './errors';
import { type Mapping, evaluate } from './mapping';
import { Recent } from './recent';
import { type Salesforce, findRecords, quoted } from './salesforce';

/** What joins the event. */
export interface Found {
  /** `none`: the event names nobody. */
  person: 'known' | 'unknown' | 'none';
  contact: Record<string, unknown>;
  account: Record<string, unknown>;
}

const MINUTE = 60_000;
/** A correction in Salesforce shows after so long. */
const recent = new Recent<Found>({ most: 1000, lastsMs: 5 * MINUTE });
/** Somebody new in Salesforce is found sooner. */
const UNKNOWN_LASTS_MS = MINUTE;
/** What Salesforce keeps in a field for e-mail addresses. */
const LONGEST_EMAIL = 80;

/** The e-mail address that the event has at PERSON_EMAIL, or undefined if there is none of the form of an address. */
export function personIn(expression: string | undefined, document: object): string | undefined {
  const entry = { value: setting('PERSON_EMAIL', expression), required: false };
  const value = evaluate('PERSON_EMAIL', entry, document);
  if (typeof value !== 'string') return undefined;
  const email = value.trim().toLowerCase();
  return email.length <= LONGEST_EMAIL && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email) ? email : undefined;
}

/** The contact with this address, the one that was changed last if there are several, with its account. */
export async function findPerson(
  org: Salesforce,
  email: string | undefined,
  mapping: Mapping | undefined,
): Promise<Found> {
  if (email === undefined) return nobody('none');
  const query = contactQuery(email, mapping);
  const key = JSON.stringify([org.domain, org.clientId, query]);
  const known = recent.get(key);
  if (known) return known;
  const [record] = await findRecords(org, query);
  if (!record) {
    recent.put(key, nobody('unknown'), UNKNOWN_LASTS_MS);
    return nobody('unknown');
  }
  const { Account: account, ...contact } = record;
  const found: Found = { person: 'known', contact, account: isRecord(account) ? account : {} };
  recent.put(key, found);
  return found;
}

/** Asks for the fields that the mapping reads as `{contact.…}` and `{account.…}`, and no others. */
function contactQuery(email: string, mapping: Mapping | undefined): string {
  const expressions = Object.values(mapping ?? {}).map((entry) => (typeof entry === 'string' ? entry : entry.value));
  const paths = expressions.flatMap((text) => Array.from(text.matchAll(/\{\s*(contact|account)\.([A-Za-z]\w*)/g)));
  const fields = paths.map(([, object, field]) => (object === 'account' ? `Account.${field}` : `${field}`));
  const names = [...new Set(['Id', ...fields])].join(', ');
  return `SELECT ${names} FROM Contact WHERE Email = ${quoted(email)} ORDER BY LastModifiedDate DESC LIMIT 1`;
}

const nobody = (person: Found['person']): Found => ({ person, contact: {}, account: {} });
