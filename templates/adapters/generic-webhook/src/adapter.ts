// A webhook of any sender becomes a call of any JSON API.
import { type Scheme, customEvents } from './custom';
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { jsonBody, jsonTarget, post } from './json-target';

/** How the sender signs. `[provider_settings]` in adapter.toml says the same to replays. */
const SCHEME: Scheme = { header: 'X-Signature-256', prefix: 'sha256=', eventIdHeader: 'X-Event-Id' };

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = customEvents(env.WEBHOOK_SECRET, SCHEME);
    return deliver(request, sender, (event, answerBy) => forward(event, env, answerBy));
  },
};

/** An event that is sent again has the same key, by which the target knows it. */
async function forward(
  { id, document }: WebhookEvent<Record<string, unknown>>,
  env: Env,
  answerBy: number,
): Promise<Outcome> {
  const target = jsonTarget(env.TARGET_URL, env.TARGET_AUTHORIZATION, answerBy);
  const status = await post(target, jsonBody(env.MAPPING, document), id);
  return { status: 'delivered', event_id: id, target_status: status };
}
