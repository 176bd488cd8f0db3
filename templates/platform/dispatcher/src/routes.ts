// Decides which script serves a request. Pure: it sees the URL, the headers and the routing keys, nothing else.
import { isAdapterId, isTenantId } from './parse';
import { ConfigurationError, type RouteTable, type RoutingKey, type Rule, type Target } from './table';

/** What became of one rule. */
export interface Verdict {
  rule: string;
  matched: boolean;
  reason: string;
}

/** `service` is the name for people and headers, `script` the one in the namespace, `path` what replaces the URL's. */
export type Route = Target & { rule: Rule; service: string; script: string; path?: string };

export interface Decision {
  route: Route | null;
  verdicts: Verdict[];
}

export type KeyLookup = (key: string) => Promise<RoutingKey | null>;

type Incoming = { path: string; host: string; headers: Headers; keyLookup: KeyLookup };
type Hit = { target: Target; reason: string; path?: string };
type Matcher<R> = (rule: R, incoming: Incoming) => Hit | string | Promise<Hit | string>;

const KEY = /^[A-Za-z0-9._~-]{1,253}$/;

/** Tries the rules in order. Every rule that was tried says why it matched or did not. */
export async function decide(table: RouteTable, url: URL, headers: Headers, keyLookup: KeyLookup): Promise<Decision> {
  const incoming = { path: url.pathname, host: url.hostname.replace(/\.$/, ''), headers, keyLookup };
  const verdicts: Verdict[] = [];
  for (const rule of table.rules) {
    const hit = await (matchers[rule.match] as Matcher<Rule>)(rule, incoming);
    if (typeof hit !== 'string') {
      verdicts.push({ rule: ruleName(rule), matched: true, reason: hit.reason });
      return { route: routeTo(table, rule, hit), verdicts };
    }
    verdicts.push({ rule: ruleName(rule), matched: false, reason: hit });
  }
  return { route: null, verdicts };
}

/** `path_prefix /api/db`, or the name that the table gives the rule. */
export function ruleName(rule: Rule): string {
  if (rule.name) return rule.name;
  if (rule.match === 'subdomain') return `subdomain *.${rule.domain}`;
  if (rule.match === 'path_prefix') return `path_prefix ${rule.prefix}`;
  return rule.match === 'routing_key' ? `routing_key in ${rule.from}` : rule.match;
}

const matchers: { [K in Rule['match']]: Matcher<Extract<Rule, { match: K }>> } = {
  headers(rule, { headers }) {
    const names = [rule.tenant_header ?? 'x-customer-id', rule.adapter_header ?? 'x-script-id'] as const;
    const missing = names.find((name) => !headers.has(name));
    if (missing) return `The header ${missing} is missing`;
    // A header that was sent twice reads as "a, b", which is no id.
    const [tenant, adapter] = names.map((name) => headers.get(name));
    if (!isTenantId(tenant)) return `The header ${names[0]} does not hold an id`;
    if (!isAdapterId(adapter)) return `The header ${names[1]} does not hold an id`;
    return { target: { tenant, adapter }, reason: `${names.join(' and ')} name ${tenant} and ${adapter}` };
  },
  subdomain(rule, { host }) {
    if (!host.endsWith(`.${rule.domain}`)) return `The host ${host} is not under ${rule.domain}`;
    const service = host.slice(0, -rule.domain.length - 1);
    if (!rule.services.includes(service)) return `${service} is not one of ${rule.services.join(', ')}`;
    return { target: { service }, reason: `The host is ${host}` };
  },
  path_prefix(rule, { path }) {
    const rest = under(rule.prefix, path);
    if (rest === null) return `The path ${path} is not under ${rule.prefix}`;
    return { target: rule, reason: `The path is under ${rule.prefix}`, path: rule.strip ? rest : undefined };
  },
  async routing_key(rule, { path, host, keyLookup }) {
    const rest = rule.from === 'path' ? under(rule.prefix ?? '/', path) : path;
    if (rest === null) return `The path ${path} is not under ${rule.prefix}`;
    const key = rule.from === 'path' ? (rest.split('/')[1] ?? '') : host;
    if (!KEY.test(key)) return `The ${rule.from} holds no routing key`;
    const found = await keyLookup(key);
    if (!found) return `The routing key in the ${rule.from} is not known`;
    if (!isTenantId(found.tenant) || !isAdapterId(found.adapter)) {
      throw new ConfigurationError(`The routing key in the ${rule.from} names no tenant and adapter`);
    }
    const reason = `The routing key in the ${rule.from} is that of ${found.tenant}/${found.adapter}`;
    const stripped = rule.strip && rule.from === 'path' ? rest.slice(key.length + 1) || '/' : undefined;
    return { target: { tenant: found.tenant, adapter: found.adapter }, reason, path: stripped };
  },
  default(rule, { host }) {
    if (rule.hosts && !rule.hosts.includes(host)) return `The host ${host} is not one of ${rule.hosts.join(', ')}`;
    return { target: rule, reason: rule.hosts ? `The host is ${host}` : 'It takes what no other rule took' };
  },
};

/** The path after a prefix, beginning with `/`; null when it is not under it, as `/api/dbx` is not under `/api/db`. */
function under(prefix: string, path: string): string | null {
  const bare = prefix.replace(/\/+$/, '');
  return path === bare || path.startsWith(`${bare}/`) ? path.slice(bare.length) || '/' : null;
}

function routeTo(table: RouteTable, rule: Rule, { target, path }: Hit): Route {
  const owned = target.tenant && target.adapter ? `${target.tenant}-${target.adapter}` : undefined;
  // A table that was read names one of them; the empty name is nobody's.
  const script = target.script ?? owned ?? target.service ?? '';
  const { service = script, tenant = table.tenant, adapter = target.service } = target;
  return { rule, service, script, tenant, adapter, path };
}
