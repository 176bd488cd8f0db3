import { base64, equal, hex, hmac, joined, verdict } from './bytes.js';

const ESCAPES = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

export default {
  async fetch(request, env) {
    const body = await request.arrayBuffer();
    const v3 = request.headers.get('x-hubspot-signature-v3');
    if (v3 !== null) {
      const uri = request.url.replace(/%[0-9a-f]{2}/gi, (escape) => ESCAPES[escape.toUpperCase()] ?? escape);
      const timestamp = request.headers.get('x-hubspot-request-timestamp') ?? '';
      const expected = base64(await hmac('SHA-256', env.SIGNING_SECRET, request.method, uri, body, timestamp));
      return verdict(Math.abs(Date.now() - Number(timestamp)) <= 300_000 && equal(v3, expected), { version: 'v3' });
    }
    const version = request.headers.get('x-hubspot-signature-version') ?? 'v1';
    const signed =
      version === 'v2'
        ? joined(env.SIGNING_SECRET, request.method, request.url, body)
        : joined(env.SIGNING_SECRET, body);
    const expected = hex(await crypto.subtle.digest('SHA-256', signed));
    return verdict(equal(request.headers.get('x-hubspot-signature'), expected), { version });
  },
};
