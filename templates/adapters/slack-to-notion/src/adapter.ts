// A Slack message becomes a page in a Notion table.
import type { Env } from './env';
import { DeliveryError, misconfigured } from './errors';
import { onlyOnce } from './once';
import { type Notion, createPage, findPage } from './notion';
import { eventColumn, pageProperties } from './properties';
import { type SlackMessage, readDelivery } from './slack';

/** Slack waits three seconds; the rest is for the way back. */
const ANSWER_WITHIN_MS = 2500;

export default {
  async fetch(request: Request, env: Env): Promise<Response | object> {
    const answerBy = Date.now() + ANSWER_WITHIN_MS;
    try {
      const delivery = await readDelivery(request, env.SLACK_SIGNING_SECRET);
      if (delivery.kind === 'handshake') return { challenge: delivery.challenge };
      if (delivery.kind === 'ignored') return report({ status: 'ignored', reason: delivery.reason });
      const { message } = delivery;
      return report(await onlyOnce(message.event_id, answerBy, () => write(message, env, answerBy)), message, request);
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      console.warn(`slack: ${error.status} ${error.code}: ${error.message}`);
      return error.toResponse();
    }
  },
};

/** Looks for the page first: Slack sends an event again when it saw no answer, and Notion has no idempotency key. */
async function write(message: SlackMessage, env: Env, answerBy: number): Promise<Outcome> {
  if (!env.NOTION_TOKEN) throw misconfigured('NOTION_TOKEN is not set');
  if (!env.NOTION_DATA_SOURCE_ID) throw misconfigured('NOTION_DATA_SOURCE_ID is not set');
  if (!env.MAPPING) throw misconfigured('MAPPING is not set; adapter.toml needs a [mapping]');
  const notion: Notion = { token: env.NOTION_TOKEN, dataSourceId: env.NOTION_DATA_SOURCE_ID, answerBy };
  const properties = pageProperties(env.MAPPING, message);
  const existing = await findPage(notion, eventColumn(env.MAPPING), message.event_id);
  if (existing) return { status: 'duplicate', page_id: existing.id, page_url: existing.url };
  const created = await createPage(notion, properties);
  return { status: 'created', page_id: created.id, page_url: created.url };
}

type Outcome = { status: string; reason?: string; page_id?: string; page_url?: string };

/** One line per delivery: ids, never the text of a message. */
function report(outcome: Outcome, message?: SlackMessage, request?: Request): Outcome {
  const retry = request?.headers.get('x-slack-retry-num');
  const what = message ? `${message.event_id} in ${String(message.event.channel)}` : 'event';
  console.log(
    `slack: ${what}${retry ? ` (retry ${retry})` : ''}: ${outcome.status} ${outcome.page_id ?? outcome.reason}`,
  );
  return outcome;
}
