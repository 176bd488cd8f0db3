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
  egress: readonly string[];
  limits: Limits;
}

/** Reads the parameters. What is missing or unreadable allows nothing. */
export function readPolicy(env: Env): Policy {
  const egress = parsed(env.egress);
  const limits = parsed(env.limits);
  return {
    tenant: env.tenant ?? '',
    adapter: env.adapter ?? '',
    region: env.region ?? '',
    egress: Array.isArray(egress) ? egress.filter((host) => typeof host === 'string') : [],
    limits: typeof limits === 'object' && limits !== null ? limits : {},
  };
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
