// What the receivers beside this file share: bytes, digests, and comparing them in constant time.
const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

export const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

export const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

export function joined(...parts) {
  const all = parts.map((part) => (typeof part === 'string' ? utf8(part) : new Uint8Array(part)));
  const whole = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export async function hmac(hash, key, ...parts) {
  const bytes = typeof key === 'string' ? utf8(key) : key;
  const imported = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, ['sign']);
  return crypto.subtle.sign('HMAC', imported, joined(...parts));
}

export function equal(given, expected) {
  const [left, right] = [utf8(given ?? ''), utf8(expected)];
  return left.length === right.length && crypto.subtle.timingSafeEqual(left, right);
}

export const isFresh = (seconds) => Math.abs(Date.now() / 1000 - Number(seconds)) <= 300;

export function verdict(verified, facts = {}) {
  return Response.json({ verified, ...facts }, { status: verified ? 200 : 401 });
}
