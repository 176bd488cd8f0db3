// Slack's Events API: is this request from Slack, and does it hold a message that a person wrote?
// https://docs.slack.dev/authentication/verifying-requests-from-slack
import { invalidBody, isRecord, parseObject, readBody } from './body';
import type { Delivery, Sender } from './deliveries';
import { setting } from './errors';
import { fromHex, invalidSignature, isHmac, isRecent } from './signature';
import { plainText } from './slack-text';

/** Subtypes under which people write. Edits, deletions, joins and the like have others. */
const WRITTEN_BY_PEOPLE = new Set([undefined, 'file_share', 'me_message', 'thread_broadcast']);

export interface SlackMessage {
  event_id: string;
  event: Record<string, unknown>;
  [field: string]: unknown;
}

/**
 * New messages. `signingSecret` is the binding SLACK_SIGNING_SECRET. Of bots come only those of other apps, and only if
 * asked for: an app's own posts come back as events, and reacting to them would go round for ever.
 */
export function slackMessages(
  signingSecret: string | undefined,
  { withBots = false }: { withBots?: boolean } = {},
): Sender<SlackMessage> {
  return {
    name: 'slack',
    // Slack waits three seconds.
    answerWithinMs: 2500,
    async read(request) {
      const bytes = await readBody('Slack', request);
      await verify(bytes, request.headers, signingSecret);
      return classify(parseObject(bytes, 'the Events API'), withBots, request.headers.get('x-slack-retry-num'));
    },
    // Slack sends an event again after any answer that is not 2xx, unless this header stops it.
    refused: (error) => error.toResponse(error.retry === 'never' ? { 'x-slack-no-retry': '1' } : {}),
  };
}

export async function verify(bytes: Uint8Array, headers: Headers, signingSecret: string | undefined): Promise<void> {
  const secret = setting('SLACK_SIGNING_SECRET', signingSecret);
  const timestamp = headers.get('x-slack-request-timestamp') ?? '';
  const [, digest = ''] = /^v0=([0-9a-f]{64})$/.exec(headers.get('x-slack-signature') ?? '') ?? [];
  const signature = fromHex(digest);
  if (!signature || !/^[1-9]\d{0,14}$/.test(timestamp)) {
    throw invalidSignature('The Slack signature headers are missing');
  }
  if (!isRecent(Number(timestamp))) {
    throw invalidSignature('The Slack timestamp is more than five minutes away from now');
  }
  if (!(await isHmac('SHA-256', secret, signature, `v0:${timestamp}:`, bytes))) {
    throw invalidSignature('The Slack signature does not match this body');
  }
}

function classify(body: Record<string, unknown>, withBots: boolean, retry: string | null): Delivery<SlackMessage> {
  if (body.type === 'url_verification') {
    if (typeof body.challenge === 'string') return { kind: 'handshake', answer: { challenge: body.challenge } };
    throw invalidBody('The url_verification has no challenge');
  }
  if (body.type === 'app_rate_limited') return { kind: 'ignored', reason: 'Slack is holding events back (rate limit)' };
  const { event, event_id } = body;
  if (body.type !== 'event_callback' || !isRecord(event) || typeof event_id !== 'string') {
    return { kind: 'ignored', reason: `not an event: ${String(body.type).slice(0, 40)}` };
  }
  if (event.type !== 'message') return { kind: 'ignored', reason: `not a message: ${String(event.type).slice(0, 40)}` };
  const isBot = Boolean(event.bot_id || event.bot_profile || event.subtype === 'bot_message');
  if (isBot && !(withBots && isOtherApp(event, body.api_app_id)))
    return { kind: 'ignored', reason: 'written by a bot' };
  if (event.hidden || !(WRITTEN_BY_PEOPLE.has(event.subtype as string | undefined) || isBot)) {
    return { kind: 'ignored', reason: `not a new message: ${String(event.subtype ?? 'hidden').slice(0, 40)}` };
  }
  const text = plainText(typeof event.text === 'string' ? event.text : '');
  const document = { ...body, event_id, event: { ...event, text } };
  const about = `${event_id} in ${String(event.channel)}${retry ? ` (retry ${retry})` : ''}`;
  return { kind: 'events', events: [{ id: event_id, document, about }] };
}

/** Posts of incoming webhooks name no app; this adapter has none. */
function isOtherApp(event: Record<string, unknown>, ownApp: unknown): boolean {
  const profile = isRecord(event.bot_profile) ? event.bot_profile : {};
  return (event.app_id ?? profile.app_id) !== ownApp;
}
