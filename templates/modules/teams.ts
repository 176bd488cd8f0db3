// Outgoing webhooks of Microsoft Teams: is this request from Teams, and what did somebody write?
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
import { isRecord, parseObject, readBody } from './body';
import type { Delivery, Sender } from './deliveries';
import { type DeliveryError, misconfigured, setting } from './errors';
import { fromBase64, invalidSignature, isHmac } from './signature';
import { plainText } from './teams-text';

export interface TeamsMessage {
  /** Differs from those of other messages in the same conversation. */
  id: string;
  /** As a person reads it, without the mention of this webhook. */
  text: string;
  conversation: { id: string; [field: string]: unknown };
  [field: string]: unknown;
}

/**
 * Messages in which people mention the webhook. `securityToken` is the binding TEAMS_SECURITY_TOKEN. What stands in an
 * outcome's `reply` is posted below the message.
 */
export function teamsMessages(securityToken: string | undefined): Sender<TeamsMessage> {
  return {
    name: 'teams',
    // Teams waits five seconds.
    answerWithinMs: 4000,
    async read(request) {
      const bytes = await readBody('Teams', request);
      await verify(bytes, request.headers, securityToken);
      return classify(parseObject(bytes, 'messages of Teams'));
    },
    accepted: ([outcome]) => reply(typeof outcome?.reply === 'string' ? outcome.reply : ''),
    // Teams never sends again, and hides what it does not understand: the one who can do something is the person who
    // wrote the message. Who could not prove to be Teams is told by the status.
    refused: (error) => ([500, 503].includes(error.status) ? reply(apology(error)) : error.toResponse()),
  };
}

/** Teams shows the token once, in base64; the key is what it decodes to. There is no time to check. */
export async function verify(bytes: Uint8Array, headers: Headers, securityToken: string | undefined): Promise<void> {
  const key = fromBase64(setting('TEAMS_SECURITY_TOKEN', securityToken));
  if (!key) throw misconfigured('TEAMS_SECURITY_TOKEN is not base64; copy it again from Teams');
  const [, given = ''] = /^HMAC (\S+)$/.exec(headers.get('authorization') ?? '') ?? [];
  const signature = fromBase64(given);
  if (!signature) throw invalidSignature('The header Authorization has no HMAC in base64');
  if (!(await isHmac('SHA-256', key, signature, bytes))) {
    throw invalidSignature('The HMAC in Authorization does not match this body');
  }
}

function classify(body: Record<string, unknown>): Delivery<TeamsMessage> {
  const { id, type, text, from, conversation, recipient } = body;
  const isMessage = type === 'message' && typeof id === 'string' && typeof text === 'string';
  if (!isMessage || !isRecord(conversation) || typeof conversation.id !== 'string') {
    return { kind: 'ignored', reason: `not a message: ${typeof type === 'string' ? type.slice(0, 40) : 'no type'}` };
  }
  // People's ids begin with 29:. Two webhooks that mention each other would never end.
  if (isRecord(from) && typeof from.id === 'string' && from.id.startsWith('28:')) {
    return { kind: 'ignored', reason: 'written by a bot' };
  }
  const own = isRecord(recipient) && typeof recipient.name === 'string' ? recipient.name : '';
  const document = { ...body, id, text: plainText(text, own), conversation: { ...conversation, id: conversation.id } };
  return { kind: 'events', events: [{ id: `${conversation.id}/${id}`, document, about: id }] };
}

/** The message that Teams posts below the one that mentioned the webhook; none without a text. */
function reply(text: string): Response {
  if (text === '') return new Response(null);
  const shown = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return Response.json({ type: 'message', text: shown });
}

function apology({ message, retry, retryAfterSeconds = 5 }: DeliveryError): string {
  const advice =
    retry === 'again'
      ? `Mention me again in ${retryAfterSeconds} seconds.`
      : 'It will not work before somebody has corrected the adapter.';
  return `Not done. ${message}. ${advice}`;
}
