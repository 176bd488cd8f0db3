// May this adapter call this URL? Each check answers null for yes, or why not.
import type { Policy } from './policy';
import { hostElsewhere } from './regions';

export interface Refusal {
  /** Goes into the header `x-patchbay-refused`. */
  reason: 'protocol' | 'address' | 'region' | 'egress';
  message: string;
  hint: string;
}

export type Check = (url: URL, policy: Policy) => Refusal | null;

export const checks: readonly Check[] = [protocol, address, region, egress];

/** The host as lists write it: lower case, without the root's trailing dot. */
export function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/\.$/, '');
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
  if (policy.egress.some((allowed) => covers(allowed.toLowerCase(), host))) return null;
  const file = policy.tenant ? `tenants/${policy.tenant}/tenant.toml` : "the tenant's settings";
  return {
    reason: 'egress',
    message: `Host "${host}" is not on the egress list of tenant "${policy.tenant}"`,
    hint: `To allow it, add "${host}" to \`egress\` in ${file}.`,
  };
}

/** `api.notion.com` covers itself, `*.example.com` covers every name under `example.com`. */
function covers(allowed: string, host: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed;
}
