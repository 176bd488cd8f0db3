// The public key in an X.509 certificate (RFC 5280), of which as much is read as is needed.
import { fromBase64 } from './signature';

/** An element of DER: its tag, and where its content and the element end. */
interface Element {
  tag: number;
  start: number;
  content: number;
  end: number;
}

const SEQUENCE = 0x30;
const VERSION = 0xa0;
const UTC_TIME = 0x17;
/** 2.5.4.3, the common name, as DER. */
const COMMON_NAME = [0x06, 0x03, 0x55, 0x04, 0x03];

/**
 * The key (SubjectPublicKeyInfo) of the first certificate in a PEM, if it is valid now and its name ends with `ending`.
 * Who signed the certificate is not looked at: it has to come from a place that is trusted.
 */
export function certifiedKey(pem: string, ending: string, now = Date.now()): Uint8Array | undefined {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]+)-----END CERTIFICATE-----/.exec(pem) ?? [];
  const der = fromBase64(base64.replace(/\s/g, ''));
  const certificate = der && element(der, 0);
  const signed = certificate && children(der, certificate)[0];
  if (!der || !signed) return undefined;
  const [first, ...others] = children(der, signed);
  // Serial number, algorithm, issuer, validity, subject, key; the version stands before them in all but the oldest.
  const [, , , validity, subject, key] = first?.tag === VERSION ? others : [first, ...others];
  if (!validity || !subject || key?.tag !== SEQUENCE) return undefined;
  const [from = Number.NaN, until = Number.NaN] = children(der, validity).map((time) => milliseconds(der, time));
  if (!(from <= now && now <= until)) return undefined;
  return commonName(der, subject)?.endsWith(ending) ? der.slice(key.start, key.end) : undefined;
}

function element(der: Uint8Array, start: number): Element | undefined {
  const [tag, first] = [der[start], der[start + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const size = first < 0x80 ? 0 : first & 0x7f;
  if (size > 3) return undefined;
  const length = size === 0 ? first : der.slice(start + 2, start + 2 + size).reduce((sum, byte) => sum * 256 + byte, 0);
  const content = start + 2 + size;
  return content + length <= der.length ? { tag, start, content, end: content + length } : undefined;
}

function children(der: Uint8Array, { content, end }: Element): Element[] {
  const found: Element[] = [];
  for (let at = content; at < end;) {
    const child = element(der, at);
    if (!child || child.end > end) return [];
    found.push(child);
    at = child.end;
  }
  return found;
}

/** `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`. */
function milliseconds(der: Uint8Array, { tag, content, end }: Element): number {
  const written = String.fromCharCode(...der.slice(content, Math.min(end, content + 20)));
  const century = tag !== UTC_TIME ? '' : Number(written.slice(0, 2)) < 50 ? '20' : '19';
  return Date.parse(`${century}${written}`.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function commonName(der: Uint8Array, subject: Element): string | undefined {
  for (const name of children(der, subject).flatMap((set) => children(der, set))) {
    const [type, value] = children(der, name);
    if (type && value && COMMON_NAME.every((byte, index) => der[type.start + index] === byte)) {
      return new TextDecoder().decode(der.slice(value.content, value.end));
    }
  }
  return undefined;
}
