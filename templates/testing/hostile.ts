// Bodies that a sender could send and that break careless adapters. Each is signed before it is sent.
import { gzipped } from './transport';

export interface HostileBody {
  body: string | Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
  /** Whether it is this event all the same, or nothing that an adapter can read. */
  isTaken: boolean;
}

/** Name of the case → what is sent. `event` is a JSON object that the adapter takes. */
export async function hostileBodies(event: object): Promise<[string, HostileBody][]> {
  const text = JSON.stringify(event);
  const beside = (fields: string) => text.replace('{', `{${fields},`);
  const taken = (name: string, body: HostileBody['body'], headers = {}): [string, HostileBody] => [
    name,
    { body, headers, isTaken: true },
  ];
  const refused = (name: string, body: HostileBody['body'], headers = {}): [string, HostileBody] => [
    name,
    { body, headers, isTaken: false },
  ];
  const utf16 = new Uint8Array(Uint16Array.from(text, (unit) => unit.charCodeAt(0)).buffer);
  return [
    taken('bom: a byte order mark', `\ufeff${text}`),
    taken('latin1-charset: UTF-8 that says it is Latin-1', text, {
      'content-type': 'application/json; charset=iso-8859-1',
    }),
    taken('dup-keys: the last one counts', beside(`${Object.keys(event).map((key) => `${JSON.stringify(key)}:null`)}`)),
    taken('odd-keys', beside('"then":1,"toString":1,"hasOwnProperty":1,"__proto__":{"x":1},"":0')),
    taken('odd-keys: a key of 10 kB', beside(`"${'k'.repeat(10_000)}":1`)),
    taken('deep-10k', beside(`"deep":${'['.repeat(10_000)}${']'.repeat(10_000)}`)),
    taken('int-2p53, num-extreme', beside('"big":9007199254740993,"huge":1e400,"small":1e-400,"zero":-0,"n":1E2')),
    taken('wide', beside(`"wide":[${'0,'.repeat(100_000)}0],${Array.from({ length: 10_000 }, (_, n) => `"k${n}":0`)}`)),
    taken('size-1mb', beside(`"large":"${'x'.repeat(1024 * 1024)}"`)),
    taken('new-fields', beside('"new":{"enum":"never_seen"}')),
    refused('size-25mb', beside(`"large":"${'x'.repeat(25 * 1024 * 1024)}"`)),
    refused('invalid-utf8', new Uint8Array([0x22, 0xff, 0x22])),
    refused('utf16-charset', utf16, { 'content-type': 'application/json; charset=utf-16' }),
    // A signature covers the bytes as they are sent, and no sender here compresses them.
    refused('gzip', await gzipped(text), { 'content-encoding': 'gzip' }),
    refused('empty', ''),
    ...['null', '42', '"x"', 'true', '[]'].map((body) => refused(`scalar-root: ${body}`, body)),
    ...['<html>', '{"a":NaN}', '{"a":1,}', '{/*a*/"a":1}', `${text}\n${text}`].map((body) =>
      refused(`not-json: ${body.slice(0, 20)}`, body),
    ),
  ];
}
