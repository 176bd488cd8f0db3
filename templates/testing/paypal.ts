// Sends what PayPal sends, with a key and a certificate of its own.
import { base64 } from './hmac';
import { crc32 } from '../modules/paypal';

export const PAYPAL_WEBHOOK = 'EXAMPLEWEBHOOK001';
export const CERTIFICATE_URL = 'https://api.sandbox.paypal.com/v1/notifications/certs/CERT-example';
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

const pair = (async () => {
  const parameters = { ...ALGORITHM, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  return (await crypto.subtle.generateKey(parameters, true, ['sign', 'verify'])) as CryptoKeyPair;
})();

/** What may differ in a certificate. */
export interface Certified {
  name?: string;
  from?: string;
  until?: string;
}

/** A certificate of the key as PEM. Its own signature is empty: it is trusted for where it comes from. */
export async function certificate({ name, from, until }: Certified = {}): Promise<string> {
  const spki = new Uint8Array((await crypto.subtle.exportKey('spki', (await pair).publicKey)) as ArrayBuffer);
  const text = (tag: number, value: string) => der(tag, new TextEncoder().encode(value));
  const commonName = der(0x06, new Uint8Array([0x55, 0x04, 0x03]));
  const subject = der(
    0x30,
    der(0x31, der(0x30, commonName, text(0x0c, name ?? 'messageverificationcerts.paypal.com'))),
  );
  const validity = der(0x30, text(0x17, from ?? '250101000000Z'), text(0x18, until ?? '20450101000000Z'));
  const algorithm = der(0x30, der(0x05));
  const version = der(0xa0, der(0x02, new Uint8Array([2])));
  const serial = der(0x02, new Uint8Array([1]));
  const signed = der(0x30, version, serial, algorithm, subject, validity, subject, spki);
  const all = der(0x30, signed, algorithm, der(0x03, new Uint8Array([0])));
  const lines = base64(all).replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** The headers with which PayPal sends these bytes. */
export async function paypalHeaders(body: string | Uint8Array, webhook = PAYPAL_WEBHOOK, checksum?: string | number) {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const [id, time] = [crypto.randomUUID(), '2026-11-21T08:30:00Z'];
  const signed = new TextEncoder().encode(`${id}|${time}|${webhook}|${checksum ?? crc32(bytes)}`);
  return {
    'paypal-transmission-id': id,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': base64(
      new Uint8Array(await crypto.subtle.sign(ALGORITHM, (await pair).privateKey, signed)),
    ),
    'paypal-cert-url': CERTIFICATE_URL,
    'paypal-auth-algo': 'SHA256withRSA',
  };
}

export async function paypalRequest(body: unknown, headers: Record<string, string> = {}): Promise<Request> {
  const text = JSON.stringify(body);
  const all = { ...(await paypalHeaders(text)), ...headers };
  return new Request('https://x.example/', { method: 'POST', body: text, headers: all });
}

/** An event about this resource. */
export function paypalEvent(id: string, event_type: string, resource: Record<string, unknown>) {
  return { id, event_version: '1.0', create_time: '2026-11-21T08:29:59.000Z', event_type, summary: 'x', resource };
}

function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = parts.flatMap((part) => Array.from(part));
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return new Uint8Array([tag, ...length, ...content]);
}
