import { equal, hex, hmac, isFresh, verdict } from './bytes.js';

export default {
  async fetch(request, env) {
    const body = await request.arrayBuffer();
    const timestamp = request.headers.get('x-slack-request-timestamp') ?? '';
    const expected = `v0=${hex(await hmac('SHA-256', env.SIGNING_SECRET, `v0:${timestamp}:`, body))}`;
    return verdict(isFresh(timestamp) && equal(request.headers.get('x-slack-signature'), expected));
  },
};
