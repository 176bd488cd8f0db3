import { equal, hex, hmac, isFresh, verdict } from './bytes.js';

export default {
  async fetch(request, env) {
    const body = await request.arrayBuffer();
    const entries = (request.headers.get('stripe-signature') ?? '').split(',').map((entry) => entry.split('='));
    const timestamp = entries.find(([name]) => name === 't')?.[1] ?? '';
    const expected = hex(await hmac('SHA-256', env.SIGNING_SECRET, `${timestamp}.`, body));
    const signed = entries.some(([name, value]) => name === 'v1' && equal(value, expected));
    return verdict(isFresh(timestamp) && signed);
  },
};
