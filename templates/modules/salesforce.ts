// Salesforce's records over its REST API. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta
import { isRecord } from './body';
import { type Call, type Upstream, call, send, unavailable } from './calls';
import { DeliveryError, misconfigured, setting } from './errors';

const VERSION = 'v67.0';
/** Salesforce's limit for one call. */
const AT_ONCE = 200;
/** Shorter than the shortest session that an org can choose, in milliseconds. */
const TOKEN_LASTS_MS = 10 * 60_000;
/** Refusals that go away by themselves. */
const PASSING = ['UNABLE_TO_LOCK_ROW', 'REQUEST_LIMIT_EXCEEDED', 'SERVER_UNAVAILABLE', 'REQUEST_RUNNING_TOO_LONG'];

/** Access tokens of this isolate by org and app: a new one for each webhook would cost a call. */
const tokens = new Map<string, { token: string; until: number }>();

export interface Salesforce extends Upstream {
  domain: string;
  clientId: string;
  clientSecret: string;
}

/**
 * The bindings SALESFORCE_DOMAIN (`example.my.salesforce.com`), SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET of an
 * app with the client credentials flow, and when the sender stops waiting, in Unix milliseconds.
 */
export function salesforce(
  domain: string | undefined,
  clientId: string | undefined,
  clientSecret: string | undefined,
  answerBy: number,
): Salesforce {
  const host = setting('SALESFORCE_DOMAIN', domain);
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)*\.my\.salesforce\.com$/.test(host)) {
    throw misconfigured('SALESFORCE_DOMAIN is not a My Domain, for example example.my.salesforce.com');
  }
  return {
    name: 'Salesforce',
    headers: {},
    answerBy,
    said,
    advice(status, words) {
      if (status === 401 || words.startsWith('invalid_')) {
        return 'Check SALESFORCE_CLIENT_ID, SALESFORCE_CLIENT_SECRET, and the client credentials flow of the app';
      }
      if (status === 404) return 'Check SALESFORCE_DOMAIN, and that the object has the external id field';
      return 'Compare [mapping] in adapter.toml with the fields of the object and what its user may write';
    },
    passes: (_, words) => PASSING.some((code) => words.startsWith(code)),
    domain: host,
    clientId: setting('SALESFORCE_CLIENT_ID', clientId),
    clientSecret: setting('SALESFORCE_CLIENT_SECRET', clientSecret),
  };
}

export interface Upserted {
  created: number;
  updated: number;
}

/**
 * Writes each record over the one with the same external id, or makes one. Doing it twice leaves one, so it may be
 * repeated. What Salesforce refuses is told after everything else has been written.
 */
export async function upsertRecords(
  org: Salesforce,
  object: string,
  externalId: string,
  records: Record<string, unknown>[],
): Promise<Upserted> {
  const done: Upserted = { created: 0, updated: 0 };
  const refused: string[] = [];
  for (let start = 0; start < records.length; start += AT_ONCE) {
    const typed = records.slice(start, start + AT_ONCE).map((record) => ({ attributes: { type: object }, ...record }));
    const path = `/composite/sobjects/${encodeURIComponent(object)}/${encodeURIComponent(externalId)}`;
    const body = { allOrNone: false, records: typed };
    const answer = await request(org, { method: 'PATCH', path, body, repeatable: true });
    if (!Array.isArray(answer) || answer.length !== typed.length) {
      throw unavailable(org, 'Salesforce answered without a result for each record');
    }
    for (const result of answer as unknown[]) {
      if (!isRecord(result) || result.success !== true) refused.push(said(isRecord(result) ? result.errors : result));
      else if (result.created === true) done.created += 1;
      else done.updated += 1;
    }
  }
  const passing = refused.find((words) => PASSING.some((code) => words.startsWith(code)));
  const [first] = passing === undefined ? refused : [passing];
  if (first === undefined) return done;
  const sentence = `Salesforce refused ${refused.length} of ${records.length} records: ${first}`;
  throw passing === undefined ? misconfigured(`${sentence}. ${org.advice(400, first)}`) : unavailable(org, sentence);
}

/** Records that a query finds, at most one page of them. Texts in it come from `quoted`. */
export async function findRecords(org: Salesforce, query: string): Promise<Record<string, unknown>[]> {
  const path = `/query?${new URLSearchParams({ q: query })}`;
  const answer = await request(org, { method: 'GET', path, repeatable: true });
  if (!isRecord(answer) || !Array.isArray(answer.records))
    throw unavailable(org, 'Salesforce answered without records');
  return (answer.records as unknown[]).filter(isRecord);
}

/** A text in a query, which it cannot end. */
export function quoted(text: string): string {
  const escaped = text.replace(/[\\'"]/g, (sign) => `\\${sign}`);
  return `'${escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** A call with a token, and once more with a new one if the org does not take it any more. */
async function request(org: Salesforce, { path, ...rest }: Omit<Call, 'url'> & { path: string }): Promise<unknown> {
  const url = `https://${org.domain}/services/data/${VERSION}${path}`;
  const once = async () => call(org, { ...rest, url, headers: { authorization: `Bearer ${await tokenFor(org)}` } });
  try {
    return await once();
  } catch (error) {
    const isExpired = error instanceof DeliveryError && error.message.includes(' 401 INVALID_SESSION_ID');
    if (!isExpired) throw error;
    tokens.delete(keyOf(org));
    return once();
  }
}

async function tokenFor(org: Salesforce): Promise<string> {
  const known = tokens.get(keyOf(org));
  if (known && known.until > Date.now()) return known.token;
  const { clientId, clientSecret } = org;
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const url = `https://${org.domain}/services/oauth2/token`;
  const response = await send(org, { method: 'POST', url, body: new URLSearchParams(form), repeatable: true });
  const answer: unknown = await response.json().catch(() => null);
  if (!isRecord(answer) || typeof answer.access_token !== 'string') {
    throw unavailable(org, 'Salesforce answered without an access token');
  }
  tokens.set(keyOf(org), { token: answer.access_token, until: Date.now() + TOKEN_LASTS_MS });
  return answer.access_token;
}

const keyOf = ({ domain, clientId }: Salesforce) => `${domain} ${clientId}`;

/** `[{"message","errorCode"}]`, in collections `statusCode`; `{"error","error_description"}` for tokens. */
function said(body: unknown): string {
  const error: unknown = Array.isArray(body) ? body[0] : body;
  if (!isRecord(error)) return '';
  const texts = [error.errorCode ?? error.statusCode ?? error.error, error.message ?? error.error_description];
  return texts
    .filter((text) => typeof text === 'string')
    .join(': ')
    .slice(0, 300);
}
