// The dispatcher: asks the route table, then sends the request on untouched.
import { fallbackFor, json, notFound, onlyJson, reportFailure, withMetadata, within } from './answers';
import { place } from './place';
import { type Route, decide } from './routes';
import { type Routing, readKey, readTable } from './routing';
import { ConfigurationError, type RouteTable } from './table';

export interface Env {
  ENVIRONMENT?: string;
  ROUTING: Routing;
  /** `PRODUCTION`, `STAGING`, `DEVELOPMENT`, and per region `PRODUCTION_EU`, … */
  [namespace: string]: unknown;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      const url = new URL(request.url);
      const table = await readTable(env.ROUTING);
      const { route } = await decide(table, url, request.headers, (key) => readKey(env.ROUTING, key));
      const answer = route ? await dispatch(request, url, env, table, route) : notFound(table, url);
      return table.metadata_headers ? withMetadata(answer, table, url, route) : answer;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The dispatcher failed';
      console.error(JSON.stringify({ event: 'dispatcher_failed', method: request.method, message }));
      const name = error instanceof ConfigurationError ? 'Configuration error' : 'Internal server error';
      return json(500, { error: name, message });
    }
  },
};

async function dispatch(request: Request, url: URL, env: Env, table: RouteTable, route: Route): Promise<Response> {
  const { settings, binding, owner } = await place(env, route);
  const { region = '', egress = [], limits = {}, rate_limit } = settings;
  const { tenant = '', adapter = '', script, path, rule } = route;
  const options = {
    limits: { cpuMs: limits.cpu_ms, subRequests: limits.subrequests },
    outbound: { tenant, adapter, region, egress, limits: { ...limits, ...rate_limit } },
  };
  try {
    // Another tenant's script is to this one as if it were not there.
    if (owner !== route.tenant) throw new Error(`Worker not found: ${script}`);
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
