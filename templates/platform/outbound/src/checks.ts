// May this adapter call this URL? Each check answers null for yes, or why not.
import { type AllowedHost, type Policy, canonicalHost } from './policy';
import { hostElsewhere } from './regions';

export interface Refusal {
  /** Goes into the header `x-patchbay-refused`. */
  reason: 'protocol' | 'address' | 'region' | 'egress' | 'rate';
  message: string;
  hint: string;
  /** Seconds until it may be tried again. */
  retry_after?: number;
}

export type Check = (url: URL, policy: Policy) => Refusal | null;

export const checks: readonly Check[] = [protocol, address, region, egress];

/** The host as lists write it: lower case, without the root's trailing dot. */
export function hostOf(url: URL): string {
  return canonicalHost(url.hostname);
}

function protocol(url: URL): Refusal | null {
  if (url.protocol === 'https:' || url.protocol === 'http:') return null;
  return {
    reason: 'protocol',
    message: `Adapters may call http and https only, not ${url.protocol}`,
    hint: 'Use an https URL.',
  };
}

function address(url: URL): Refusal | null {
  const host = hostOf(url);
  if (url.username || url.password) {
    return {
      reason: 'address',
      message: 'Adapters may not put a user name or password into a URL',
      hint: 'Send an Authorization header, or write the host alone.',
    };
  }
  // The URL parser has already turned decimal, octal and hexadecimal spellings into dotted or bracketed form.
  const isLiteral = /^\d{1,3}(\.\d{1,3}){3}$/.test(host) || host.startsWith('[');
  const isPrivate = !host.includes('.') || /\.(localhost|local|internal|home\.arpa)$/.test(host);
  if (!isLiteral && !isPrivate) return null;
  return {
    reason: 'address',
    message: `Host "${host}" is an address or a private name; adapters may call public host names only`,
    hint: 'Use the public host name of the API.',
  };
}

function region(url: URL, policy: Policy): Refusal | null {
  const host = hostOf(url);
  const right = hostElsewhere(host, policy.region);
  if (!right) return null;
  return {
    reason: 'region',
    message: `Host "${host}" is not in the region "${policy.region}" of tenant "${policy.tenant}"`,
    hint: `Call "${right}" instead.`,
  };
}

function egress(url: URL, policy: Policy): Refusal | null {
  const host = hostOf(url);
  const named = policy.egress.filter((allowed) => covers(allowed, host));
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (named.some((allowed) => allowed.port === port || (allowed.port === '' && url.port === ''))) return null;
  const file = policy.tenant ? `tenants/${policy.tenant}/tenant.toml` : "the tenant's settings";
  const entry = url.port ? `${host}:${url.port}` : host;
  const what = named.length > 0 ? `Port ${port} of host "${host}"` : `Host "${host}"`;
  return {
    reason: 'egress',
    message: `${what} is not on the egress list of tenant "${policy.tenant}"`,
    hint: `To allow it, add "${entry}" to \`egress\` in ${file}.`,
  };
}

/** `api.notion.com` covers itself, `*.example.com` covers every name under `example.com`. */
function covers({ host, subdomains }: AllowedHost, called: string): boolean {
  return subdomains ? called.endsWith(`.${host}`) : called === host;
}
