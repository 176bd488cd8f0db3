import { equal, hex, hmac, verdict } from './bytes.js';

export default {
  async fetch(request, env) {
    const expected = `sha256=${hex(await hmac('SHA-256', env.SIGNING_SECRET, await request.arrayBuffer()))}`;
    return verdict(equal(request.headers.get('x-hub-signature-256'), expected));
  },
};
