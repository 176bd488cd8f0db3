// The format of routes.json. `routes.schema.json` says the same for editors, `parse.ts` checks it.

/** The platform was set up wrongly; the message says where. Never something that a caller can bring about. */
export class ConfigurationError extends Error {}

export interface RouteTable {
  /** Put into header names: `X-<Brand>-Worker`. `Patchbay` when absent. */
  brand?: string;
  /** Tenant whose settings apply to services that name none. */
  tenant?: string;
  /** What the 404 body lists. When absent: every service of the rules, in their order. */
  available_services?: string[];
  /** The hint of the 404 body for a script that is not in the namespace. */
  not_deployed_hint?: string;
  /** Adds `X-<Brand>-Dispatch: dynamic`, `-Worker` and `-Path` to every answer. */
  metadata_headers?: boolean;
  /** Tried in this order; the first that matches decides. */
  rules: Rule[];
}

/** Who serves: a service, or a tenant's adapter. The script is `script`, `{tenant}-{adapter}` or `service`. */
export interface Target {
  service?: string;
  script?: string;
  tenant?: string;
  adapter?: string;
}

/** What to answer when the script is missing, throws, is late, or breaks `expects`. */
export interface Fallback {
  /** 200 when absent, so that a workflow goes on. */
  status?: number;
  body: unknown;
}

interface RuleOptions {
  /** Name in explanations and logs. */
  name?: string;
  /** Time until the script's answer begins, in milliseconds. */
  timeout_ms?: number;
  /** An answer that is not JSON counts as a failure. */
  expects?: 'json';
  fallback?: Fallback;
}

/** `x-customer-id` + `x-script-id` → `{customer}-{script}`. */
export interface HeadersRule extends RuleOptions {
  match: 'headers';
  tenant_header?: string;
  adapter_header?: string;
}

/** `<service>.<domain>` → that service. */
export interface SubdomainRule extends RuleOptions {
  match: 'subdomain';
  domain: string;
  services: string[];
}

/** `/api/db` and everything under it. */
export interface PathPrefixRule extends RuleOptions, Target {
  match: 'path_prefix';
  prefix: string;
  /** The script sees the path without the prefix. */
  strip?: boolean;
}

/** The host name, or the path segment after `prefix`, is looked up as `key:<it>`. */
export interface RoutingKeyRule extends RuleOptions {
  match: 'routing_key';
  from: 'hostname' | 'path';
  prefix?: string;
  /** The script sees the path without prefix and key. */
  strip?: boolean;
}

/** Everything that is left, or only these hosts of it. */
export interface DefaultRule extends RuleOptions, Target {
  match: 'default';
  hosts?: string[];
}

export type Rule = HeadersRule | SubdomainRule | PathPrefixRule | RoutingKeyRule | DefaultRule;

/** What `tenant:<id>` holds. */
export interface TenantSettings {
  region?: string;
  egress?: string[];
  rate_limit?: { requests_per_second?: number };
  limits?: { cpu_ms?: number; subrequests?: number };
}

/** What `key:<token>` holds. */
export interface RoutingKey {
  tenant: string;
  adapter: string;
}
