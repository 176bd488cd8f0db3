// PagerDuty's incidents in memory, as its Events API v2 keeps them.
import { type Fault, installFetch } from './fetch';

export const ROUTING_KEY = '0123456789abcdef'.repeat(2);

/** Puts PagerDuty in the place of the network. `incidents`: key → the last thing that was done, and how many alerts. */
export function installPagerDuty(fault?: Fault) {
  const incidents = new Map<string, { status: string; alerts: number }>();
  const calls = installFetch(({ body }) => {
    const { event_action, dedup_key } = body as { event_action: string; dedup_key: string };
    const incident = incidents.get(dedup_key);
    if (event_action === 'trigger') {
      incidents.set(dedup_key, { status: incident?.status ?? 'triggered', alerts: (incident?.alerts ?? 0) + 1 });
    } else if (incident) {
      incident.status = event_action === 'resolve' ? 'resolved' : 'acknowledged';
    }
    return Response.json({ status: 'success', message: 'Event processed', dedup_key }, { status: 202 });
  }, fault);
  return { calls, incidents };
}

/** The error body that PagerDuty sends. */
export function pagerDutyError(status: number, error: string, headers: Record<string, string> = {}): Response {
  const body = { status: 'invalid event', message: 'Event object is invalid', errors: [error] };
  return Response.json(body, { status, headers });
}
