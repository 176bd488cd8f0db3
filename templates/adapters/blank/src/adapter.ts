// Answers every webhook of a sender that follows Standard Webhooks. Your own code begins in `handle`.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { standardWebhooks } from './standard-webhooks';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    return deliver(request, standardWebhooks(env.WEBHOOK_SECRET), handle);
  },
};

/** Gets a verified event, never the same one twice at the same time. What it returns is answered as JSON. */
async function handle({ id, document }: WebhookEvent<Record<string, unknown>>): Promise<Outcome> {
  return { status: 'received', message_id: id, type: document.type };
}
