import { base64, equal, fromBase64, hmac, isFresh, joined, verdict } from './bytes.js';

async function accepts(key, entry, signed) {
  const [version, value] = entry.split(',');
  if (key.startsWith('whpk_')) {
    if (version !== 'v1a') return false;
    const publicKey = await crypto.subtle.importKey('raw', fromBase64(key.slice(5)), { name: 'Ed25519' }, false, [
      'verify',
    ]);
    return crypto.subtle.verify('Ed25519', publicKey, fromBase64(value), signed);
  }
  const expected = base64(await hmac('SHA-256', fromBase64(key.replace('whsec_', '')), signed));
  return version === 'v1' && equal(value, expected);
}

export default {
  async fetch(request, env) {
    const [id, timestamp, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
      (name) => request.headers.get(name) ?? '',
    );
    const signed = joined(`${id}.${timestamp}.`, await request.arrayBuffer());
    let verified = false;
    for (const entry of given.split(' ')) verified ||= await accepts(env.SIGNING_SECRET, entry, signed);
    return verdict(isFresh(timestamp) && verified);
  },
};
