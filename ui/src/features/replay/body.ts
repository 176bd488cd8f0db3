import { parseJson } from '../../components/json';
import type { WireBody } from '../../ipc/generated/bindings';

/** How a body is best looked at. */
export type BodyLook =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly value: Record<string, unknown> }
  | { readonly kind: 'bytes'; readonly dump: string; readonly cut: boolean }
  | { readonly kind: 'text' };

/** Bytes of a body that are shown as such. */
const DUMPED = 1024;

/** Reads a body as its content and its header say. It is only ever looked at, never run. */
export function readBody(body: WireBody, headers: readonly (readonly [string, string])[]): BodyLook {
  if (!body.text) return { kind: 'none' };
  if (body.base64) {
    const bytes = Uint8Array.from(atob(body.text), (character) => character.charCodeAt(0));
    return { kind: 'bytes', dump: hexDump(bytes.subarray(0, DUMPED)), cut: bytes.length > DUMPED };
  }
  const value = parseJson(body.text);
  if (value !== undefined) return { kind: 'json', value };
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return { kind: 'form', value: readForm(body.text) };
  return { kind: 'text' };
}

/** Fields of a form; one that holds JSON, as Slack's `payload` does, is read, one that comes twice is a list. */
function readForm(text: string): Record<string, unknown> {
  const fields = new Map<string, unknown[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    fields.set(name, [...(fields.get(name) ?? []), parseJson(value) ?? value]);
  }
  return Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}

/** Sixteen bytes a line: offset, hexadecimal, and ASCII where it can be shown. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16) {
    const line = [...bytes.subarray(offset, offset + 16)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${offset.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${ascii}`);
  }
  return lines.join('\n');
}
