// Standard Webhooks, version 1, against the library of the specification.
import { Webhook } from 'standardwebhooks';
import { agree, now, withHeaders } from './agreement.js';

agree({
  provider: 'standard-webhooks',
  library: 'standardwebhooks',
  accepts({ headers, text }, secret) {
    return typeof new Webhook(secret).verify(text, headers) === 'object';
  },
  signs(request, secret) {
    const timestamp = now();
    const id = request.headers['webhook-id'];
    const signature = new Webhook(secret).sign(id, new Date(timestamp * 1000), request.text);
    return withHeaders(request, { 'webhook-timestamp': String(timestamp), 'webhook-signature': signature });
  },
});
