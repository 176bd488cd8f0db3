// What happens to money in Stripe becomes a page in a Notion table, one for each event.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { entryOf } from './ledger';
import { createPage, findPage, notion } from './notion';
import { eventColumn, pageProperties } from './notion-properties';
import { type StripeEvent, stripeEvents } from './stripe';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = stripeEvents(env.STRIPE_WEBHOOK_SECRET);
    return deliver(request, sender, (event, answerBy) => write(event, env, answerBy));
  },
};

/**
 * Looks for the page first: Stripe sends an event again, for days, and Notion has no idempotency key. A page is never
 * changed, so it does not matter in which order events come.
 */
async function write({ id, document }: WebhookEvent<StripeEvent>, env: Env, answerBy: number): Promise<Outcome> {
  const entry = entryOf(document);
  if (!entry) return { status: 'ignored', reason: 'no kind of entry in src/ledger.ts' };
  const table = notion(env.NOTION_TOKEN, env.NOTION_DATA_SOURCE_ID, answerBy);
  const properties = pageProperties(env.MAPPING, { ...document, entry });
  const existing = await findPage(table, eventColumn(env.MAPPING, 'id'), id);
  if (existing) return { status: 'duplicate', page_id: existing.id, page_url: existing.url };
  const created = await createPage(table, properties);
  return { status: 'created', page_id: created.id, page_url: created.url };
}
