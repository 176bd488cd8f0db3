// The dispatcher: asks the route table, then sends the request on untouched.
import { fallbackFor, json, notFound, onlyJson, reportFailure, withMetadata, within } from './answers';
import { ConfigurationError, type Route, bindingName, decide } from './routes';
import type { RouteTable, RoutingKey, TenantSettings } from './table';

export interface Env {
  ENVIRONMENT?: string;
  ROUTING: { get(key: string, type: 'json'): Promise<unknown> };
  /** `PRODUCTION`, `STAGING`, `DEVELOPMENT`, and per region `PRODUCTION_EU`, … */
  [namespace: string]: unknown;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    try {
      const table = await readTable(env);
      const { route } = await decide(table, url, request.headers, (key) => readKey(env, key));
      const answer = route ? await dispatch(request, url, env, table, route) : notFound(table, url);
      return table.metadata_headers ? withMetadata(answer, table, url, route) : answer;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The dispatcher failed';
      console.error(JSON.stringify({ event: 'dispatcher_failed', host: url.host, method: request.method, message }));
      const name = error instanceof ConfigurationError ? 'Configuration error' : 'Internal server error';
      return json(500, { error: name, message });
    }
  },
};

export async function readTable(env: Env): Promise<RouteTable> {
  const table = (await env.ROUTING.get('routes', 'json')) as RouteTable | null;
  if (!Array.isArray(table?.rules)) throw new ConfigurationError('ROUTING holds no route table under "routes"');
  return table;
}

export function readKey(env: Env, key: string): Promise<RoutingKey | null> {
  return env.ROUTING.get(`key:${key}`, 'json') as Promise<RoutingKey | null>;
}

/** Where a route leads: the tenant's settings, and the namespace binding that its region picks. */
export async function place(env: Env, { tenant }: Route): Promise<{ settings: TenantSettings; binding: string }> {
  const found = tenant ? await env.ROUTING.get(`tenant:${tenant}`, 'json') : null;
  const settings = (found ?? {}) as TenantSettings;
  if (!env.ENVIRONMENT) throw new ConfigurationError('ENVIRONMENT is not set');
  const binding = bindingName(env.ENVIRONMENT, settings.region, (name) => Boolean(env[name]));
  if (!binding) throw new ConfigurationError(`No dispatch namespace is bound for environment: ${env.ENVIRONMENT}`);
  return { settings, binding };
}

async function dispatch(request: Request, url: URL, env: Env, table: RouteTable, route: Route): Promise<Response> {
  const { settings, binding } = await place(env, route);
  const { region = '', egress = [], limits = {}, rate_limit } = settings;
  const { tenant = '', adapter = '', script, path, rule } = route;
  const options = {
    limits: { cpuMs: limits.cpu_ms, subRequests: limits.subrequests },
    outbound: { tenant, adapter, region, egress, limits: { ...limits, ...rate_limit } },
  };
  try {
    const worker = (env[binding] as DispatchNamespace).get(script, {}, options);
    const forwarded =
      path === undefined ? request : new Request(Object.assign(new URL(url), { pathname: path }), request);
    return await within(rule.timeout_ms, async (signal) => {
      const answer = await worker.fetch(signal ? new Request(forwarded, { signal }) : forwarded);
      return rule.expects === 'json' ? onlyJson(answer) : answer;
    });
  } catch (error) {
    const failure = reportFailure(error, String(env.ENVIRONMENT), table, route);
    return rule.fallback ? fallbackFor(table, route, rule.fallback) : json(failure.status, failure.body);
  }
}
