// The outbound worker: every fetch() of an adapter passes here, also each step of a redirect, because the runtime hands
// those back to the adapter, which asks anew. It has no `connect` handler, so raw TCP is refused by the runtime.
import { type Refusal, checks, hostOf } from './checks';
import { type Env, type Policy, readPolicy } from './policy';

/** How long a call may wait for its turn, in milliseconds. Who waits longer is told to come back. */
const LONGEST_WAIT = 5000;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const policy = readPolicy(env);
    const url = new URL(request.url);
    for (const check of checks) {
      const refusal = check(url, policy);
      if (refusal) return refuse(url, policy, refusal);
    }
    const refusal = await waitForTurn(env, policy);
    if (refusal) return refuse(url, policy, refusal);
    return env.UPSTREAM ? env.UPSTREAM.fetch(request) : recorded(request, url, policy);
  },
};

/** Over the network. One line for each call, by which calls are counted where no gateway keeps a record. */
async function recorded(request: Request, url: URL, policy: Policy): Promise<Response> {
  // A redirect goes back to the adapter: where it leads is a call of its own, with checks of its own.
  const answer = await fetch(request, { redirect: 'manual' });
  const { tenant, adapter } = policy;
  const { status } = answer;
  console.log(JSON.stringify({ event: 'outbound_call', tenant, adapter, host: hostOf(url), status }));
  return answer;
}

async function waitForTurn(env: Env, { tenant, limits }: Policy): Promise<Refusal | null> {
  const perSecond = limits.requests_per_second;
  if (typeof perSecond !== 'number') return null;
  const advice = `raise \`requests_per_second\` under [rate_limit] in tenants/${tenant}/tenant.toml`;
  if (!(perSecond > 0)) {
    return { reason: 'rate', message: `Tenant "${tenant}" may make no calls`, hint: `To allow them, ${advice}.` };
  }
  if (!env.PACE) throw new Error('PACE is not bound, so the calls of a tenant cannot be paced');
  const wait = await env.PACE.getByName(tenant).take(perSecond, LONGEST_WAIT);
  if (wait > LONGEST_WAIT) {
    const seconds = Math.ceil(wait / 1000);
    return {
      reason: 'rate',
      message: `Tenant "${tenant}" may make ${perSecond} calls per second; the next turn is in ${seconds} s`,
      hint: `Wait as Retry-After says, or ${advice}.`,
      retry_after: seconds,
    };
  }
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  return null;
}

function refuse(url: URL, policy: Policy, { reason, message, hint, retry_after }: Refusal): Response {
  const host = hostOf(url);
  const { tenant, adapter } = policy;
  console.warn(JSON.stringify({ event: 'outbound_refused', tenant, adapter, host, reason }));
  const headers = new Headers({ 'x-patchbay-refused': reason });
  if (retry_after !== undefined) headers.set('retry-after', String(retry_after));
  const body = { error: 'Outbound call refused', reason, message, host, hint };
  return Response.json(body, { status: reason === 'rate' ? 429 : 403, headers });
}
