// GitHub against Octokit: the bare functions, and the receiver that is built on them.
import { Webhooks } from '@octokit/webhooks';
import { sign, verify } from '@octokit/webhooks-methods';
import { agree, withHeaders } from './agreement.js';

agree({
  provider: 'github',
  library: '@octokit/webhooks',
  async accepts({ headers, text }, secret) {
    const bare = await verify(secret, text, headers['x-hub-signature-256']);
    const receiver = new Webhooks({ secret });
    if (bare !== (await receiver.verify(text, headers['x-hub-signature-256']))) {
      throw new TypeError('Octokit disagrees with itself');
    }
    if (!bare || !text.startsWith('{')) return bare;
    const received = [];
    receiver.onAny(({ id, name, payload }) => received.push({ id, name, payload }));
    await receiver.verifyAndReceive({
      id: headers['x-github-delivery'],
      name: headers['x-github-event'],
      payload: text,
      signature: headers['x-hub-signature-256'],
    });
    return received.length === 1 && received[0].name === headers['x-github-event'];
  },
  async signs(request, secret) {
    return withHeaders(request, { 'x-hub-signature-256': await sign(secret, request.text) });
  },
});
