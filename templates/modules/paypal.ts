// PayPal's webhooks: is this request from PayPal, and what happened?
// https://developer.paypal.com/api/rest/webhooks/rest/ (self verification, which PayPal prefers)
import { isRecord, parseObject, readBody } from './body';
import { type Upstream, send } from './calls';
import { certifiedKey } from './certificate';
import type { Delivery, Sender } from './deliveries';
import { setting } from './errors';
import { fromBase64, invalidSignature } from './signature';

const ANSWER_WITHIN_MS = 8000;
/** Who may name the certificate: the request says where it is, and anybody can write a request. */
const CERTIFICATE = /^https:\/\/api(\.sandbox)?\.paypal\.com\/v1\/notifications\/certs\/[\w-]+$/;
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

export interface PayPalEvent {
  /** `WH-…`, the same in every attempt. */
  id: string;
  event_type: string;
  resource: Record<string, unknown>;
  [field: string]: unknown;
}

/** Events of a webhook. `webhookId` is the binding PAYPAL_WEBHOOK_ID, which is part of what is signed. */
export function paypalEvents(webhookId: string | undefined): Sender<PayPalEvent> {
  return {
    name: 'paypal',
    // PayPal does not say how long it waits.
    answerWithinMs: ANSWER_WITHIN_MS,
    async read(request) {
      const bytes = await readBody('PayPal', request);
      await verify(bytes, request.headers, webhookId, Date.now() + ANSWER_WITHIN_MS);
      return classify(parseObject(bytes, 'events of PayPal'));
    },
    // PayPal sends again, 25 times in three days, after anything but 2xx. An event that a person has to make room for
    // arrives when they have done so.
    refused: (error) => error.toResponse(),
  };
}

/** PayPal signs no time that it asks to check: a retry may be three days old, and the event's id tells it again. */
export async function verify(
  bytes: Uint8Array,
  headers: Headers,
  webhookId: string | undefined,
  answerBy: number,
): Promise<void> {
  const webhook = setting('PAYPAL_WEBHOOK_ID', webhookId);
  const [id, time, given, address, algorithm] = [
    'transmission-id',
    'transmission-time',
    'transmission-sig',
    'cert-url',
    'auth-algo',
  ].map((name) => headers.get(`paypal-${name}`) ?? '') as [string, string, string, string, string];
  const signature = fromBase64(given);
  if (!id || !time || !signature) throw invalidSignature('The headers PAYPAL-TRANSMISSION-… are not all there');
  if (algorithm !== 'SHA256withRSA') throw invalidSignature('The PAYPAL-AUTH-ALGO is not SHA256withRSA');
  if (!CERTIFICATE.test(address)) throw invalidSignature('The PAYPAL-CERT-URL is not at PayPal');
  const pem = await certificate(address, answerBy);
  const spki = certifiedKey(pem, '.paypal.com');
  const signed = new TextEncoder().encode(`${id}|${time}|${webhook}|${crc32(bytes)}`);
  if (!spki || !(await isSigned(spki, signature, signed))) {
    throw invalidSignature(
      'The PAYPAL-TRANSMISSION-SIG does not match this body; PAYPAL_WEBHOOK_ID has to be the id of this webhook',
    );
  }
}

export async function isSigned(spki: Uint8Array, signature: Uint8Array, signed: Uint8Array): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('spki', spki.slice(), ALGORITHM, false, ['verify']);
    return await crypto.subtle.verify(ALGORITHM, key, signature.slice(), signed.slice());
  } catch {
    // Not a key for RSA.
    return false;
  }
}

/** Fetched for each webhook; TLS vouches that it is PayPal's. */
async function certificate(url: string, answerBy: number): Promise<string> {
  const paypal: Upstream = {
    name: 'PayPal',
    headers: {},
    answerBy,
    said: () => '',
    advice: () => 'The address of the certificate came from the request',
    // Nothing that we could correct: PayPal sends the event again.
    passes: () => true,
  };
  const response = await send(paypal, { method: 'GET', url, repeatable: true });
  return response.text();
}

function classify(body: Record<string, unknown>): Delivery<PayPalEvent> {
  const { id, event_type, resource } = body;
  if (typeof id !== 'string' || typeof event_type !== 'string' || !isRecord(resource)) {
    return { kind: 'ignored', reason: 'not an event' };
  }
  const document = { ...body, id, event_type, resource };
  return { kind: 'events', events: [{ id, document, about: `${id} ${event_type}` }] };
}

/** CRC-32 of the bytes, unsigned. */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) crc = (crc >>> 8) ^ (REMAINDERS[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}

/** Bit by bit a large body would take more time than a script has. */
const REMAINDERS = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});
