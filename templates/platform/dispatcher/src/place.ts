// Where a route leads: whose script it is, that tenant's settings, and the namespace binding that its region picks.
import type { Env } from './index';
import { isTenantId } from './parse';
import type { Route } from './routes';
import { bindingName, readSettings } from './routing';
import { ConfigurationError, type TenantSettings } from './table';

export interface Place {
  settings: TenantSettings;
  binding: string;
  /** The tenant that the script belongs to: the route's own, unless its ids were put together to name another's. */
  owner: string | undefined;
  /** Whether ROUTING knows the route's tenant. Without settings its adapters may call nobody. */
  isKnown: boolean;
}

export async function place(env: Env, route: Route): Promise<Place> {
  const { tenant } = route;
  const { ENVIRONMENT: environment } = env;
  if (!environment) throw new ConfigurationError('ENVIRONMENT is not set');
  const found = tenant ? await readSettings(env.ROUTING, tenant) : null;
  const binding = bindingName(environment, found?.region, (name) => Boolean(env[name]));
  if (!binding) throw new ConfigurationError(`No dispatch namespace is bound for environment: ${environment}`);
  const owner = found ? tenant : await ownerOf(env, route);
  return { settings: found ?? {}, binding, owner, isKnown: found !== null };
}

/**
 * The owner of the script of a tenant that nobody knows. `a-b` + `c` and `a` + `b-c` make the same name; it is `a`'s
 * where `a` is a tenant. Among known tenants the name has one owner, because none may be called as another one plus
 * `-…`.
 */
async function ownerOf(env: Env, { tenant, script, rule }: Route): Promise<string | undefined> {
  // Only these take ids from the request; a service is what the table says.
  if (rule.match !== 'headers' && rule.match !== 'routing_key') return tenant;
  const words = script.split('-');
  const others = words.slice(1).map((_, cut) => words.slice(0, cut + 1).join('-'));
  const candidates = others.filter((other) => other !== tenant && isTenantId(other));
  const known = await Promise.all(candidates.map((candidate) => readSettings(env.ROUTING, candidate)));
  return candidates.find((_, index) => known[index] !== null) ?? tenant;
}
