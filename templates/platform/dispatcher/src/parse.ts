// Reads what stands in routes.json. `routes.schema.json` says the same for editors; a test keeps the two together.
import { ConfigurationError, type DefaultRule, type RouteTable, type Rule, type SubdomainRule } from './table';

/** Says what a value must be; `null` when it is that. */
type Shape = (value: unknown) => string | null;
type Fields = Record<string, Shape>;

const ID = /^[a-z0-9](-?[a-z0-9])*$/;
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[^\s\p{Cc}/@?#:%\\[\]*]+)$/u;

/** Whether a text may stand in a script name before the hyphen. */
export const isTenantId = (id: unknown): id is string => typeof id === 'string' && id.length <= 32 && ID.test(id);
/** Whether a text may stand in a script name after the tenant's hyphen. */
export const isAdapterId = (id: unknown): id is string => typeof id === 'string' && id.length <= 29 && ID.test(id);

const text: Shape = (value) => (typeof value === 'string' ? null : 'must be a text');
const flag: Shape = (value) => (typeof value === 'boolean' ? null : 'must be true or false');
const anything: Shape = () => null;
const tenantId: Shape = (value) => (isTenantId(value) ? null : 'must be a tenant id, for example "customer-a"');
const adapterId: Shape = (value) =>
  isAdapterId(value) ? null : 'must be an adapter id, for example "slack-to-notion"';
const prefix: Shape = (value) => {
  return matches(value, /^\/[^*?#\\]*$/)
    ? null
    : 'must begin with "/" and cover what is under it without "*", as "/api/db" does';
};
const script: Shape = (value) => {
  return matches(value, /^[a-z0-9_][a-z0-9_-]{0,62}$/)
    ? null
    : 'must be a script name: a-z, 0-9, "-" and "_", at most 63';
};
const header: Shape = (value) => (matches(value, /^[A-Za-z0-9_-]{1,100}$/) ? null : 'must be a header name');
const brand: Shape = (value) => {
  return matches(value, /^[A-Za-z0-9-]{1,40}$/) ? null : 'must be 1 to 40 letters, digits and hyphens';
};
const host: Shape = (value) => (canonicalHost(value) === null ? 'must be a host name without port and path' : null);
const milliseconds: Shape = (value) => {
  return isWhole(value, 1, 3_600_000) ? null : 'must be a whole number of milliseconds from 1 to 3600000';
};
const status: Shape = (value) => {
  // These three have no body, and a fallback is one.
  const fits = isWhole(value, 200, 599) && ![204, 205, 304].includes(value as number);
  return fits ? null : 'must be a status from 200 to 599 that has a body';
};
const oneOf = (...words: string[]): Shape => {
  return (value) =>
    words.includes(value as string) ? null : `must be ${words.map((word) => `"${word}"`).join(' or ')}`;
};

const TABLE: Fields = {
  brand,
  tenant: tenantId,
  not_deployed_hint: text,
  metadata_headers: flag,
};
const OPTIONS: Fields = { name: text, timeout_ms: milliseconds, expects: oneOf('json') };
const TARGET: Fields = { service: script, script, tenant: tenantId, adapter: adapterId };
const KINDS: { [K in Rule['match']]: { required: string[]; fields: Fields } } = {
  headers: { required: [], fields: { tenant_header: header, adapter_header: header } },
  subdomain: { required: ['domain', 'services'], fields: { domain: host } },
  path_prefix: { required: ['prefix'], fields: { prefix, strip: flag, ...TARGET } },
  routing_key: { required: ['from'], fields: { from: oneOf('hostname', 'path'), prefix, strip: flag } },
  default: { required: [], fields: TARGET },
};

/** Reads what stands in routes.json. Keys that it does not know are left to those who check the file. */
export function parseTable(value: unknown): RouteTable {
  const table = record(value, '');
  check(table, '', TABLE);
  list(table, '', 'available_services', text);
  if (!Array.isArray(table.rules)) throw at('rules', 'must be a list of rules');
  const rules = table.rules.map((rule, index) => parseRule(rule, `rules[${index}]`));
  return { ...table, rules } as RouteTable;
}

function parseRule(value: unknown, place: string): Rule {
  const rule = record(value, place);
  const kinds = Object.keys(KINDS);
  const wrong = oneOf(...kinds)(rule.match);
  if (wrong) throw at(`${place}.match`, wrong);
  const { required, fields } = KINDS[rule.match as Rule['match']];
  const missing = required.find((name) => rule[name] === undefined);
  if (missing) throw at(place, `needs \`${missing}\``);
  check(rule, place, { ...OPTIONS, ...fields });
  if (rule.fallback !== undefined) {
    const fallback = record(rule.fallback, `${place}.fallback`);
    if (fallback.body === undefined) throw at(`${place}.fallback`, 'needs `body`');
    check(fallback, `${place}.fallback`, { status, body: anything });
  }
  if (rule.match === 'subdomain') {
    list(rule, place, 'services', script);
    return { ...rule, domain: canonicalHost(rule.domain) } as SubdomainRule;
  }
  if (rule.match === 'path_prefix' || rule.match === 'default') {
    const names = rule.service ?? rule.script ?? (rule.tenant && rule.adapter);
    if (!names) throw at(place, 'needs `service`, `script`, or `tenant` and `adapter`');
    const owned = rule.tenant && rule.adapter ? `${rule.tenant}-${rule.adapter}` : rule.script;
    if (rule.script && rule.script !== owned) throw at(`${place}.script`, `must be left out, or be "${owned}"`);
  }
  if (rule.match === 'default' && rule.hosts !== undefined) {
    list(rule, place, 'hosts', host);
    return { ...rule, hosts: (rule.hosts as string[]).map(canonicalHost) } as DefaultRule;
  }
  return typeof rule.prefix === 'string'
    ? ({ ...rule, prefix: canonicalPath(rule.prefix) } as Rule)
    : (rule as unknown as Rule);
}

/** A path as URLs have it: encoded, without dot segments. */
function canonicalPath(path: string): string {
  return new URL(`http://host${path}`).pathname;
}

/** A host as URLs have it: lower case, international names encoded, no trailing dot. `null` when it is none. */
export function canonicalHost(value: unknown): string | null {
  if (typeof value !== 'string' || !HOST.test(value)) return null;
  const url = URL.parse(`http://${value}/`);
  return url ? url.hostname.replace(/\.$/, '') : null;
}

function check(value: Record<string, unknown>, place: string, fields: Fields): void {
  for (const [name, shape] of Object.entries(fields)) {
    const wrong = value[name] === undefined ? null : shape(value[name]);
    if (wrong) throw at(place ? `${place}.${name}` : name, wrong);
  }
}

function list(value: Record<string, unknown>, place: string, name: string, shape: Shape): void {
  const items = value[name];
  if (items === undefined) return;
  const where = place ? `${place}.${name}` : name;
  if (!Array.isArray(items)) throw at(where, 'must be a list');
  items.forEach((item, index) => {
    const wrong = shape(item);
    if (wrong) throw at(`${where}[${index}]`, wrong);
  });
}

function record(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw at(place, 'must be an object');
}

function at(place: string, problem: string): ConfigurationError {
  return new ConfigurationError(`The route table is wrong at ${place || 'its beginning'}: it ${problem}`);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
