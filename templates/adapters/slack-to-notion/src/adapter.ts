// A Slack message becomes a page in a Notion table.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { createPage, findPage, notion } from './notion';
import { eventColumn, pageProperties } from './notion-properties';
import { type SlackMessage, slackMessages } from './slack';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = slackMessages(env.SLACK_SIGNING_SECRET);
    return deliver(request, sender, (message, answerBy) => write(message, env, answerBy));
  },
};

/** Looks for the page first: Slack sends an event again when it saw no answer, and Notion has no idempotency key. */
async function write({ id, document }: WebhookEvent<SlackMessage>, env: Env, answerBy: number): Promise<Outcome> {
  const table = notion(env.NOTION_TOKEN, env.NOTION_DATA_SOURCE_ID, answerBy);
  const properties = pageProperties(env.MAPPING, document);
  const existing = await findPage(table, eventColumn(env.MAPPING), id);
  if (existing) return { status: 'duplicate', page_id: existing.id, page_url: existing.url };
  const created = await createPage(table, properties);
  return { status: 'created', page_id: created.id, page_url: created.url };
}
