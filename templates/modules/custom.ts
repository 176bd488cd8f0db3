// A sender of one's own, or one without a module here: which header holds the signature, and how it is made.
import { parseObject, readBody } from './body';
import type { Sender } from './deliveries';
import { misconfigured, setting } from './errors';
import { fromBase64, fromHex, invalidSignature, isHmac, isRecent, isSameText } from './signature';

/** The same facts as `[provider_settings]` in adapter.toml, by which replays sign. */
export interface Scheme {
  /** The header that carries the signature. */
  header: string;
  /** How it is computed; `token` sends the secret itself. */
  algorithm?: 'hmac-sha256' | 'hmac-sha1' | 'hmac-sha512' | 'token';
  /** How it is written, `hex` unless said otherwise. */
  encoding?: 'hex' | 'base64';
  /** What stands before it in the header, for example `sha256=`. */
  prefix?: string;
  /** What the secret is, `text` unless said otherwise. */
  keyEncoding?: 'text' | 'hex' | 'base64';
  /** The header with the time in Unix seconds; with it, time, separator and body are signed. */
  timestampHeader?: string;
  /** Between time and body, `.` unless said otherwise. */
  separator?: string;
  /** How far the time may be from now, 300 unless said otherwise. */
  toleranceSeconds?: number;
  /** The header that names an event, the same when it is sent again. Without it the body is the event's name. */
  eventIdHeader?: string;
}

const HASHES = { 'hmac-sha256': 'SHA-256', 'hmac-sha1': 'SHA-1', 'hmac-sha512': 'SHA-512' } as const;
const LONGEST_ID = 200;

/** Events with a JSON object as their body. `secret` is the binding WEBHOOK_SECRET. */
export function customEvents(secret: string | undefined, scheme: Scheme): Sender<Record<string, unknown>> {
  return {
    name: 'custom',
    // Most senders wait ten seconds at least.
    answerWithinMs: 8000,
    async read(request) {
      const bytes = await readBody('This sender', request);
      await verify(bytes, request.headers, secret, scheme);
      const document = parseObject(bytes, 'JSON objects');
      const id = await eventId(bytes, request.headers, scheme);
      return { kind: 'events', events: [{ id, document, about: id }] };
    },
    refused: (error) => error.toResponse(),
  };
}

export async function verify(
  bytes: Uint8Array,
  headers: Headers,
  secret: string | undefined,
  { header, algorithm = 'hmac-sha256', encoding, prefix = '', keyEncoding, ...scheme }: Scheme,
): Promise<void> {
  const text = setting('WEBHOOK_SECRET', secret);
  const given = headers.get(header);
  if (!given?.startsWith(prefix)) {
    throw invalidSignature(`The header ${header} is missing${prefix && ` or does not begin with ${prefix}`}`);
  }
  const time = timestamp(headers, scheme);
  const value = given.slice(prefix.length);
  const isRight =
    algorithm === 'token'
      ? await isSameText(value, text)
      : await isHmacOf(value, HASHES[algorithm], keyOf(text, keyEncoding), encoding, [...time, bytes]);
  if (!isRight) throw invalidSignature(`The signature in ${header} does not match this body`);
}

/** What is signed before the body. */
function timestamp(
  headers: Headers,
  { timestampHeader, separator = '.', toleranceSeconds = 300 }: Partial<Scheme>,
): string[] {
  if (!timestampHeader) return [];
  const time = headers.get(timestampHeader) ?? '';
  if (!/^[1-9]\d{0,14}$/.test(time)) throw invalidSignature(`The header ${timestampHeader} has no time in seconds`);
  if (!isRecent(Number(time), toleranceSeconds)) {
    throw invalidSignature(`The time in ${timestampHeader} is more than ${toleranceSeconds} seconds away from now`);
  }
  return [time, separator];
}

async function isHmacOf(
  value: string,
  hash: 'SHA-1' | 'SHA-256' | 'SHA-512',
  key: Uint8Array | string,
  encoding: Scheme['encoding'],
  parts: (Uint8Array | string)[],
): Promise<boolean> {
  const signature = encoding === 'base64' ? fromBase64(value) : fromHex(value);
  return signature !== undefined && isHmac(hash, key, signature, ...parts);
}

function keyOf(secret: string, encoding: Scheme['keyEncoding'] = 'text'): Uint8Array | string {
  if (encoding === 'text') return secret;
  const key = encoding === 'hex' ? fromHex(secret) : fromBase64(secret);
  if (!key)
    throw misconfigured(`WEBHOOK_SECRET is not ${encoding}, as keyEncoding says; copy it again from the sender`);
  return key;
}

/** Printable ASCII, because it goes on to the upstream in a header. */
async function eventId(bytes: Uint8Array, headers: Headers, { eventIdHeader }: Scheme): Promise<string> {
  const given = eventIdHeader && headers.get(eventIdHeader);
  if (given && given.length <= LONGEST_ID && /^[\x21-\x7e]+$/.test(given)) return given;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
  return `body-${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
