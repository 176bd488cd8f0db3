// Slack against the verifier of Bolt, which has no signer.
import bolt from '@slack/bolt';
import { agree } from './agreement.js';

agree({
  provider: 'slack',
  library: '@slack/bolt',
  accepts({ headers, text }, signingSecret) {
    bolt.verifySlackRequest({
      signingSecret,
      body: text,
      headers: {
        'x-slack-signature': headers['x-slack-signature'],
        'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
      },
    });
    return true;
  },
});
