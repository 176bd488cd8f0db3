import { base64, equal, fromBase64, hex, hmac, isFresh, verdict } from './bytes.js';

const HASHES = { 'hmac-sha1': 'SHA-1', 'hmac-sha256': 'SHA-256', 'hmac-sha512': 'SHA-512' };

export default {
  async fetch(request, env) {
    const scheme = { algorithm: 'hmac-sha256', encoding: 'hex', prefix: '', separator: '.', ...env.SCHEME };
    const body = await request.arrayBuffer();
    const given = request.headers.get(scheme.header);
    if (scheme.algorithm === 'token') return verdict(equal(given, `${scheme.prefix}${env.SIGNING_SECRET}`));
    const key = scheme.key_encoding === 'base64' ? fromBase64(env.SIGNING_SECRET) : env.SIGNING_SECRET;
    const parts = [body];
    if (scheme.timestamp_header !== undefined) {
      const timestamp = request.headers.get(scheme.timestamp_header) ?? '';
      if (!isFresh(timestamp)) return verdict(false);
      parts.unshift(`${timestamp}${scheme.separator}`);
    }
    const digest = await hmac(HASHES[scheme.algorithm], key, ...parts);
    const written = scheme.encoding === 'base64' ? base64(digest) : hex(digest);
    return verdict(equal(given, `${scheme.prefix}${written}`));
  },
};
