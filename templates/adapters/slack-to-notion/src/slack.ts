// Slack's Events API: is this request from Slack, and does it hold a message that a person wrote?
// https://docs.slack.dev/authentication/verifying-requests-from-slack
import { DeliveryError, misconfigured } from './errors';
import { plainText } from './slack-text';

/** Requests older or newer than this are refused, so that a copied request cannot be sent again later. */
const WINDOW_SECONDS = 300;
/** Subtypes under which people write. Edits, deletions, joins and the like have others. */
const WRITTEN_BY_PEOPLE = new Set([undefined, 'file_share', 'me_message', 'thread_broadcast']);

export interface SlackMessage {
  event_id: string;
  event: Record<string, unknown>;
  [field: string]: unknown;
}

export type Delivery =
  | { kind: 'handshake'; challenge: string }
  | { kind: 'ignored'; reason: string }
  | { kind: 'message'; message: SlackMessage };

/** Checks the signature over the bytes as they came, then reads them. */
export async function readDelivery(request: Request, signingSecret: string): Promise<Delivery> {
  if (request.method !== 'POST') throw new DeliveryError(405, 'method_not_allowed', 'Slack sends POST', 'never');
  const bytes = new Uint8Array(await request.arrayBuffer());
  await verify(bytes, request.headers, signingSecret);
  return classify(parse(bytes));
}

export async function verify(bytes: Uint8Array, headers: Headers, signingSecret: string | undefined): Promise<void> {
  if (!signingSecret) throw misconfigured('SLACK_SIGNING_SECRET is not set');
  if (signingSecret !== signingSecret.trim()) {
    throw misconfigured('SLACK_SIGNING_SECRET begins or ends with white space; set it again without');
  }
  const timestamp = headers.get('x-slack-request-timestamp') ?? '';
  const signature = /^v0=([0-9a-f]{64})$/.exec(headers.get('x-slack-signature') ?? '')?.[1];
  if (!signature || !/^[1-9]\d{0,14}$/.test(timestamp)) throw unauthorized('The Slack signature headers are missing');
  if (Math.abs(Math.floor(Date.now() / 1000) - Number(timestamp)) > WINDOW_SECONDS) {
    throw unauthorized('The Slack timestamp is more than five minutes away from now');
  }
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(signingSecret), algorithm, false, ['verify']);
  const signed = joined(encoder.encode(`v0:${timestamp}:`), bytes);
  // `verify` compares in constant time.
  if (!(await crypto.subtle.verify('HMAC', key, fromHex(signature), signed))) {
    throw unauthorized('The Slack signature does not match this body');
  }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new DeliveryError(400, 'invalid_body', 'The body is not JSON; this adapter takes the Events API', 'never');
  }
  if (!isRecord(body)) throw new DeliveryError(400, 'invalid_body', 'The body is not a JSON object', 'never');
  return body;
}

function classify(body: Record<string, unknown>): Delivery {
  if (body.type === 'url_verification') {
    if (typeof body.challenge === 'string') return { kind: 'handshake', challenge: body.challenge };
    throw new DeliveryError(400, 'invalid_body', 'The url_verification has no challenge', 'never');
  }
  if (body.type === 'app_rate_limited') return { kind: 'ignored', reason: 'Slack is holding events back (rate limit)' };
  const { event, event_id } = body;
  if (body.type !== 'event_callback' || !isRecord(event) || typeof event_id !== 'string') {
    return { kind: 'ignored', reason: `not an event: ${String(body.type).slice(0, 40)}` };
  }
  if (event.type !== 'message') return { kind: 'ignored', reason: `not a message: ${String(event.type).slice(0, 40)}` };
  // A bot's own posts come back as events. Reacting to them would go round for ever.
  if (event.bot_id || event.bot_profile || event.subtype === 'bot_message') {
    return { kind: 'ignored', reason: 'written by a bot' };
  }
  if (event.hidden || !WRITTEN_BY_PEOPLE.has(event.subtype as string | undefined)) {
    return { kind: 'ignored', reason: `not a new message: ${String(event.subtype ?? 'hidden').slice(0, 40)}` };
  }
  const text = plainText(typeof event.text === 'string' ? event.text : '');
  return { kind: 'message', message: { ...body, event_id, event: { ...event, text } } };
}

function unauthorized(message: string): DeliveryError {
  return new DeliveryError(401, 'invalid_signature', message, 'again');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
