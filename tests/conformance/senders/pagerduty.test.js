// PagerDuty has no library that verifies: this follows developer.pagerduty.com, "Verifying Signatures", step by step.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { agree, withHeaders } from './agreement.js';

const digest = (body, secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

agree({
  provider: 'pagerduty',
  library: 'node:crypto',
  accepts({ headers, body }, secret) {
    const expected = Buffer.from(digest(body, secret));
    const given = headers['x-pagerduty-signature'].split(',').map((entry) => Buffer.from(entry.trim()));
    return given.some((entry) => entry.length === expected.length && timingSafeEqual(entry, expected));
  },
  signs: (request, secret) => withHeaders(request, { 'x-pagerduty-signature': digest(request.body, secret) }),
});
