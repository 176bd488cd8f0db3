// Stripe against the webhook half of its own library.
import Stripe from 'stripe';
import { agree, now, withHeaders } from './agreement.js';

const stripe = new Stripe('example-key');

agree({
  provider: 'stripe',
  library: 'stripe',
  accepts({ headers, text }, secret) {
    const { object, type } = JSON.parse(text);
    const header = headers['stripe-signature'];
    // Thin events have a reader of their own.
    const event =
      object === 'v2.core.event'
        ? stripe.parseEventNotification(text, header, secret)
        : stripe.webhooks.constructEvent(text, header, secret);
    return event.type === type;
  },
  signs(request, secret) {
    const header = stripe.webhooks.generateTestHeaderString({ payload: request.text, secret, timestamp: now() });
    return withHeaders(request, { 'stripe-signature': header });
  },
});
