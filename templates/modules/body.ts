// The body of a webhook, as bytes first: a signature covers them exactly as they came.
import { DeliveryError } from './errors';

const MEBIBYTE = 1024 * 1024;

/** The bytes of a POST, at most so many. `sender` names it in errors. */
export async function readBody(sender: string, request: Request, limit = 2 * MEBIBYTE): Promise<Uint8Array> {
  if (request.method !== 'POST') {
    throw new DeliveryError(405, 'method_not_allowed', `${sender} sends POST`, 'never');
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).length;
    if (length > limit) {
      throw new DeliveryError(413, 'too_large', `The body has more than ${limit / MEBIBYTE} MiB`, 'never');
    }
  }
  return joined(chunks);
}

/** The JSON object in the body. `expected` ends the sentence about what this adapter takes. */
export function parseObject(bytes: Uint8Array, expected: string): Record<string, unknown> {
  const body = parseJson(textOf(bytes, expected), expected);
  if (!isRecord(body)) throw invalidBody('The body is not a JSON object');
  return body;
}

/** Any JSON in the body, for senders whose body is a list. */
export function parseJson(text: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody(`The body is not JSON; this adapter takes ${expected}`);
  }
}

/** The body's text; a byte order mark at its beginning is left out. */
export function textOf(bytes: Uint8Array, expected: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw invalidBody(`The body is not UTF-8; this adapter takes ${expected}`);
  }
}

/** The sender wrote something else than it should: sending the same again cannot help. */
export function invalidBody(message: string): DeliveryError {
  return new DeliveryError(400, 'invalid_body', message, 'never');
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function joined(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  chunks.reduce((start, chunk) => (all.set(chunk, start), start + chunk.length), 0);
  return all;
}
