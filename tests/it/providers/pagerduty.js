import { equal, hex, hmac, verdict } from './bytes.js';

export default {
  async fetch(request, env) {
    const expected = `v1=${hex(await hmac('SHA-256', env.SIGNING_SECRET, await request.arrayBuffer()))}`;
    const given = (request.headers.get('x-pagerduty-signature') ?? '').split(',');
    return verdict(given.some((entry) => equal(entry.trim(), expected)));
  },
};
