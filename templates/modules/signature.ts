// What the senders' signatures have in common.
import { joined } from './body';
import { DeliveryError } from './errors';

/** Whether this is the HMAC of the parts, one after the other. Compared in constant time. */
export async function isHmac(
  hash: 'SHA-1' | 'SHA-256' | 'SHA-512',
  key: Uint8Array | string,
  signature: Uint8Array,
  ...parts: (Uint8Array | string)[]
): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', bytesOf(key), { name: 'HMAC', hash }, false, ['verify']);
  return crypto.subtle.verify('HMAC', imported, joined([signature]), joined(parts.map(bytesOf)));
}

/** Whether two texts are the same, without telling by the time it takes how much of them is. */
export async function isSameText(left: string, right: string): Promise<boolean> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
  const signed = await crypto.subtle.sign('HMAC', imported, bytesOf(left));
  return crypto.subtle.verify('HMAC', imported, signed, bytesOf(right));
}

/** Whether a time in Unix seconds is close enough to now that nobody copied an old request. */
export function isRecent(seconds: number, windowSeconds = 300): boolean {
  return Math.abs(Math.floor(Date.now() / 1000) - seconds) <= windowSeconds;
}

/** 401. A sender that keeps its events may send again when the secret is right. */
export function invalidSignature(message: string): DeliveryError {
  return new DeliveryError(401, 'invalid_signature', message, 'again');
}

/** The bytes of a hexadecimal text, undefined if it is none. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})+$/.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The bytes of a base64 text with its padding, undefined if it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) || text === '') return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function bytesOf(value: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return joined([typeof value === 'string' ? new TextEncoder().encode(value) : value]);
}
