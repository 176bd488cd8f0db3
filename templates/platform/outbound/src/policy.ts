// What the dispatcher says about the adapter that is calling out.

export interface Env {
  tenant?: string;
  adapter?: string;
  region?: string;
  /** Parameters arrive as they were given or as JSON text, depending on how the dispatcher was bound. */
  egress?: readonly string[] | string;
  limits?: Limits | string;
  /** Where calls go instead of the network: the embedded platform's upstream gateway. */
  UPSTREAM?: { fetch(request: Request): Promise<Response> };
  /** Turns by tenant: the Durable Object `Pace`, or what the embedded platform has in its place. */
  PACE?: { getByName(tenant: string): { take(perSecond: number, longest: number): Promise<number> | number } };
}

export interface Limits {
  cpu_ms?: number;
  subrequests?: number;
  requests_per_second?: number;
}

export interface Policy {
  tenant: string;
  adapter: string;
  region: string;
  egress: readonly AllowedHost[];
  limits: Limits;
}

/** An entry of an egress list: `api.notion.com`, `*.example.com`, `api.example.com:8443`. */
export interface AllowedHost {
  host: string;
  /** Whether it stands for every name under the host instead. */
  subdomains: boolean;
  /** Empty for the port of the scheme. */
  port: string;
}

/** Reads the parameters. What is missing or unreadable allows nothing. */
export function readPolicy(env: Env): Policy {
  const egress = parsed(env.egress);
  const limits = parsed(env.limits);
  return {
    tenant: env.tenant ?? '',
    adapter: env.adapter ?? '',
    region: env.region ?? '',
    egress: Array.isArray(egress) ? egress.flatMap(readAllowed) : [],
    limits: typeof limits === 'object' && limits !== null ? limits : {},
  };
}

/** A host name as URLs have it: lower case, international names encoded, no trailing dot. */
export function canonicalHost(host: string): string {
  const url = URL.parse(`http://${host}/`);
  return (url?.hostname ?? host).replace(/\.$/, '');
}

/** What cannot be read allows nothing. */
function readAllowed(entry: unknown): AllowedHost[] {
  const [, wildcard, host, port = ''] = /^(\*\.)?([^\s/@?#:%\\*]+)(?::(\d{1,5}))?$/.exec(String(entry)) ?? [];
  if (typeof entry !== 'string' || !host) return [];
  return [{ host: canonicalHost(host), subdomains: wildcard !== undefined, port }];
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
