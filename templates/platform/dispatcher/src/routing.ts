// What the dispatcher finds in its env: the route table, routing keys and tenants' settings in ROUTING, and namespaces.
import { parseTable } from './parse';
import { ConfigurationError, type RouteTable, type RoutingKey, type TenantSettings } from './table';

/** A KV namespace, or the embedded platform's own store in its form. */
export interface Routing {
  get(key: string, type: 'text'): Promise<string | null>;
  get(key: string, type: 'json'): Promise<unknown>;
}

// The table as it was read last: nearly every request finds the same text.
let known: { text: string; table: RouteTable } | null = null;

export async function readTable(routing: Routing): Promise<RouteTable> {
  const text = await routing.get('routes', 'text');
  if (text === null) throw new ConfigurationError('ROUTING holds no route table under "routes"');
  if (known?.text !== text) known = { text, table: parseTable(parsed(text)) };
  return known.table;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigurationError('What ROUTING holds under "routes" is not JSON');
  }
}

export function readKey(routing: Routing, key: string): Promise<RoutingKey | null> {
  return routing.get(`key:${key}`, 'json') as Promise<RoutingKey | null>;
}

export function readSettings(routing: Routing, tenant: string): Promise<TenantSettings | null> {
  return routing.get(`tenant:${tenant}`, 'json') as Promise<TenantSettings | null>;
}

const ENVIRONMENTS = ['production', 'staging', 'development'];

/** The namespace binding: the region's own where there is one, else the environment's. */
export function bindingName(environment: string, region = '', isBound: (name: string) => boolean): string | undefined {
  if (!ENVIRONMENTS.includes(environment)) {
    throw new ConfigurationError(`ENVIRONMENT must be ${ENVIRONMENTS.join(', ')}; it is ${environment}`);
  }
  const regional = `${environment}_${region}`.toUpperCase().replaceAll('-', '_');
  return [regional, environment.toUpperCase()].find(isBound);
}
