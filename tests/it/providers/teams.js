import { base64, equal, fromBase64, hmac, verdict } from './bytes.js';

export default {
  async fetch(request, env) {
    const digest = await hmac('SHA-256', fromBase64(env.SIGNING_SECRET), await request.arrayBuffer());
    return verdict(equal(request.headers.get('authorization'), `HMAC ${base64(digest)}`));
  },
};
