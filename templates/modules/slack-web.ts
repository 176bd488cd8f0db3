// Slack's Web API: messages in a channel. https://docs.slack.dev/reference/methods/chat.postMessage
import { isRecord } from './body';
import { type Call, type Upstream, call, unavailable } from './calls';
import { DeliveryError, misconfigured, setting } from './errors';
import type { SlackPost } from './slack-blocks';

const API = 'https://slack.com/api';
/** Slack advises at most 200 messages in one page. */
const PAGE = 200;
/** So many pages are looked through for an event that was posted before. */
const MOST_PAGES = 3;
const EVENT_TYPE = 'patchbay_event';
const WAIT_MS = 300;

/** Refusals that are about Slack, not about the call. */
const PASSING = ['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'];
const ABOUT_CHANNEL = ['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'];
const ABOUT_TOKEN = [
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_expired',
  'token_revoked',
  'no_permission',
  'missing_scope',
];

/** The binding SLACK_BOT_TOKEN, and when the sender stops waiting, in Unix milliseconds. */
export function slackWeb(token: string | undefined, answerBy: number): Upstream {
  return {
    name: 'Slack',
    headers: { authorization: `Bearer ${setting('SLACK_BOT_TOKEN', token)}` },
    answerBy,
    said,
    advice(_, said) {
      const [code = ''] = said.split(' ');
      if (ABOUT_CHANNEL.includes(code)) return 'Invite the app to the channel and check the id of the channel';
      if (ABOUT_TOKEN.includes(code)) return 'Check SLACK_BOT_TOKEN and the scopes of the app';
      return 'Compare [mapping] in adapter.toml with what a Slack message takes';
    },
  };
}

export interface Posted {
  /** Slack's name of the message within its channel. */
  ts: string;
  /** Whether an earlier delivery of the event had posted it. */
  isDuplicate: boolean;
}

/**
 * Posts a message, unless the channel has one of this event that is younger than `since` (Unix seconds). Slack knows no
 * idempotency key, so the message carries the event's id in its metadata. When nobody knows what became of a call,
 * the channel does.
 */
export async function postOnce(slack: Upstream, post: SlackPost, eventId: string, since: number): Promise<Posted> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await findPost(slack, post.channel, eventId, since);
    if (found !== undefined) return { ts: found, isDuplicate: attempt === 1 };
    try {
      return { ts: await postMessage(slack, post, eventId), isDuplicate: false };
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.retry === 'never' || attempt > 1) throw error;
      const wait = Math.max(WAIT_MS, 1000 * (error.retryAfterSeconds ?? 0));
      if (Date.now() + wait >= slack.answerBy) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

async function postMessage(slack: Upstream, post: SlackPost, eventId: string): Promise<string> {
  const metadata = { event_type: EVENT_TYPE, event_payload: { event_id: eventId } };
  const { ts } = await method(slack, {
    method: 'POST',
    url: `${API}/chat.postMessage`,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    // Previews of linked pages would bury the message.
    body: { unfurl_links: false, unfurl_media: false, ...post, metadata },
    repeatable: false,
  });
  if (typeof ts !== 'string') throw unavailable(slack, 'Slack answered without the ts of the message');
  return ts;
}

async function findPost(slack: Upstream, channel: string, eventId: string, since: number): Promise<string | undefined> {
  const range: Record<string, string> = { oldest: String(Math.max(0, Math.floor(since))) };
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ channel, limit: String(PAGE), include_all_metadata: 'true', ...range });
    const url = `${API}/conversations.history?${query}`;
    const answer = await method(slack, { method: 'GET', url, repeatable: true });
    const messages = Array.isArray(answer.messages) ? answer.messages.filter(isRecord) : [];
    const found = messages.find((message) => eventOf(message) === eventId)?.ts;
    if (typeof found === 'string') return found;
    const last = messages.at(-1)?.ts;
    if (answer.has_more !== true || typeof last !== 'string') return undefined;
    range.latest = last;
  }
  return undefined;
}

function eventOf({ metadata }: Record<string, unknown>): unknown {
  if (!isRecord(metadata) || metadata.event_type !== EVENT_TYPE || !isRecord(metadata.event_payload)) return undefined;
  return metadata.event_payload.event_id;
}

/** Slack refuses with status 200 and `ok: false`. */
async function method(slack: Upstream, request: Call): Promise<Record<string, unknown>> {
  const answer = await call(slack, request);
  if (answer.ok === true) return answer;
  const why = said(answer);
  if (!why || PASSING.includes(String(answer.error))) throw unavailable(slack, `Slack answered ${why || 'no ok'}`);
  throw misconfigured(`Slack answered ${why}. ${slack.advice(200, why)}`);
}

/** `missing_scope (needs channels:history)`, `invalid_blocks [ERROR] … [json-pointer:/blocks/0]`. */
function said(body: unknown): string {
  if (!isRecord(body) || typeof body.error !== 'string') return '';
  const needed = typeof body.needed === 'string' ? `(needs ${body.needed})` : '';
  const messages = isRecord(body.response_metadata) ? body.response_metadata.messages : undefined;
  const details = Array.isArray(messages) ? messages.filter((message) => typeof message === 'string') : [];
  return [body.error, needed, ...details].filter(Boolean).join(' ').slice(0, 300);
}
