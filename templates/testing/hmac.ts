// What senders compute over the bytes that they send.

export type Bytes = string | Uint8Array;

/** HMAC of the parts, one after the other. */
export async function hmac(hash: 'SHA-1' | 'SHA-256' | 'SHA-512', key: Bytes, ...parts: Bytes[]): Promise<Uint8Array> {
  const raw = await new Blob([key]).arrayBuffer();
  const imported = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, await new Blob(parts).arrayBuffer()));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
