// The outbound worker: every fetch() of an adapter passes here. It has no `connect` handler, so raw TCP is refused
// by the runtime.
import { checks, hostOf } from './checks';
import { type Env, type Policy, readPolicy } from './policy';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const policy = readPolicy(env);
    const url = new URL(request.url);
    for (const check of checks) {
      const refusal = check(url, policy);
      if (refusal) return refuse(url, policy, refusal);
    }
    return env.UPSTREAM ? env.UPSTREAM.fetch(request) : fetch(request);
  },
};

function refuse(
  url: URL,
  policy: Policy,
  { reason, message, hint }: { reason: string; message: string; hint: string },
) {
  const host = hostOf(url);
  console.warn(
    JSON.stringify({ event: 'outbound_refused', tenant: policy.tenant, adapter: policy.adapter, host, reason }),
  );
  return Response.json(
    { error: 'Outbound call refused', reason, message, host, hint },
    { status: 403, headers: { 'x-patchbay-refused': reason } },
  );
}
