// Teams has no library for outgoing webhooks: this is the code of learn.microsoft.com, "Add an outgoing webhook", in
// which the security token is base64 of the key.
import { createHmac } from 'node:crypto';
import { agree, withHeaders } from './agreement.js';

const header = (body, token) =>
  `HMAC ${createHmac('sha256', Buffer.from(token, 'base64')).update(body).digest('base64')}`;

agree({
  provider: 'teams',
  library: 'node:crypto',
  accepts: ({ headers, body }, token) => headers.authorization === header(body, token),
  signs: (request, token) => withHeaders(request, { authorization: header(request.body, token) }),
});
