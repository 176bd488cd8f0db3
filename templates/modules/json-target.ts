// Any API that takes a JSON object by POST.
import { isRecord } from './body';
import { type Upstream, send } from './calls';
import { misconfigured, setting } from './errors';
import { type Mapping, mapFields } from './mapping';

export interface JsonTarget extends Upstream {
  url: string;
}

const TYPES: Record<string, (value: unknown) => unknown> = {
  any: (value) => value,
  text: (value) => (typeof value === 'object' ? undefined : String(value)),
  number: (value) => (Number.isFinite(Number(value)) && typeof value !== 'object' ? Number(value) : undefined),
  boolean: (value) => ({ true: true, false: false })[String(value)],
  list: (value) => (Array.isArray(value) ? value : [value]),
};

/** The bindings TARGET_URL and TARGET_AUTHORIZATION, and when the sender stops waiting, in Unix milliseconds. */
export function jsonTarget(url: string | undefined, authorization: string | undefined, answerBy: number): JsonTarget {
  const address = setting('TARGET_URL', url);
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') {
    throw misconfigured('TARGET_URL is not an https address, for example https://api.example.com/events');
  }
  return {
    name: 'Target',
    headers: { authorization: setting('TARGET_AUTHORIZATION', authorization), accept: 'application/json' },
    answerBy,
    said,
    advice(status) {
      if (status === 401 || status === 403) return 'Check TARGET_AUTHORIZATION';
      if (status === 404 || (status >= 300 && status < 400)) return 'Check TARGET_URL';
      return 'Compare [mapping] in adapter.toml with what the target takes';
    },
    // The same event is being handled there at this moment, or came too early.
    passes: (status) => [408, 409, 425].includes(status),
    url: address,
  };
}

/** The target's status. A target that knows `Idempotency-Key` does the same thing once, however often it is sent. */
export async function post(target: JsonTarget, body: object, idempotencyKey: string): Promise<number> {
  const headers = { 'idempotency-key': headerValue(idempotencyKey) };
  const response = await send(target, { method: 'POST', url: target.url, body, headers, repeatable: false });
  await response.body?.cancel();
  return response.status;
}

/** A header takes no line ends, and nothing beyond Latin-1. */
function headerValue(id: string): string {
  return /^[\x21-\x7e]+$/.test(id) ? id : encodeURIComponent(id.toWellFormed());
}

/** The mapped fields as JSON. A name with dots, `customer.name`, is a field in a field. */
export function jsonBody(mapping: Mapping | undefined, document: object): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(mapFields(mapping, document))) {
    const entry = mapping?.[field];
    const type = (typeof entry === 'object' && entry.type) || 'any';
    if (!Object.hasOwn(TYPES, type)) {
      throw misconfigured(`The mapping of "${field}" has the type "${type}"; use ${Object.keys(TYPES).join(', ')}`);
    }
    const typed = TYPES[type]?.(value);
    if (typed === undefined) throw misconfigured(`The mapping of "${field}" gives no ${type}`);
    put(body, field.split('.'), typed, field);
  }
  return body;
}

function put(into: Record<string, unknown>, [name = '', ...rest]: string[], value: unknown, field: string): void {
  const there = Object.hasOwn(into, name) ? into[name] : undefined;
  if (name === '' || name === '__proto__' || (there !== undefined && (rest.length === 0 || !isRecord(there)))) {
    throw misconfigured(`The mapping of "${field}" does not fit beside the other fields`);
  }
  if (rest.length === 0) {
    into[name] = value;
    return;
  }
  const inner = isRecord(there) ? there : {};
  into[name] = inner;
  put(inner, rest, value, field);
}

/** What error bodies usually have: a problem (RFC 9457), or an error that is a text or has a message. */
function said(body: unknown): string {
  if (!isRecord(body)) return '';
  const error = isRecord(body.error) ? body.error : body;
  const texts = [error.code, error.type, error.title, error.detail, error.message, body.error];
  return texts
    .filter((text) => typeof text === 'string' && text !== 'about:blank')
    .join(': ')
    .slice(0, 300);
}
