import { expect, it } from 'vitest';
import { stripeEvent } from '../../../testing/stripe';
import { newsOf } from './news';

const DASHBOARD = 'https://dashboard.stripe.com/test';
const news = (type: string, object: Record<string, unknown>) => newsOf(stripeEvent('evt_1', type, object));

it.each<[string, Record<string, unknown>, string, string, string]>([
  [
    'payment_intent.succeeded',
    { id: 'pi_1', amount: 9999, amount_received: 4999, currency: 'eur', description: 'Order 1042' },
    '49.99 EUR paid',
    'payments/pi_1',
    'Order 1042',
  ],
  [
    'payment_intent.succeeded',
    { id: 'pi_1', amount_received: 5, currency: 'usd' },
    '0.05 USD paid',
    'payments/pi_1',
    '',
  ],
  [
    'payment_intent.payment_failed',
    { id: 'pi_1', amount: 4999, currency: 'eur', last_payment_error: { message: 'Insufficient funds' } },
    'Payment of 49.99 EUR failed',
    'payments/pi_1',
    'Insufficient funds',
  ],
  [
    'checkout.session.completed',
    { id: 'cs_1', amount_total: 4999, currency: 'eur', payment_status: 'no_payment_required', payment_intent: null },
    'Checkout of 49.99 EUR completed, no payment required',
    'events/evt_1',
    '',
  ],
  [
    'checkout.session.completed',
    { id: 'cs_1', mode: 'setup', amount_total: null, currency: null, payment_status: 'no_payment_required' },
    'checkout.session.completed',
    'events/evt_1',
    '',
  ],
  [
    'charge.refunded',
    { id: 'ch_1', amount: 4999, amount_refunded: 1500, currency: 'eur', payment_intent: 'pi_1', description: null },
    '15.00 of 49.99 EUR refunded',
    'payments/pi_1',
    '',
  ],
  [
    'charge.dispute.created',
    { id: 'du_1', amount: 4999, currency: 'eur', reason: 'fraudulent', evidence_details: { due_by: 1800000000 } },
    'Dispute over 49.99 EUR: fraudulent',
    'disputes/du_1',
    'Answer by 2027-01-15',
  ],
  [
    'charge.dispute.created',
    { id: 'du_1', amount: 4999, currency: 'eur', reason: 'general', evidence_details: { due_by: null } },
    'Dispute over 49.99 EUR: general',
    'disputes/du_1',
    '',
  ],
  [
    'charge.dispute.closed',
    { id: 'du_1', amount: 4999, currency: 'eur', status: 'won' },
    'Dispute over 49.99 EUR won',
    'disputes/du_1',
    '',
  ],
  [
    'invoice.paid',
    { id: 'in_1', number: 'A-1', amount_paid: 1200, currency: 'usd' },
    'Invoice A-1 paid: 12.00 USD',
    'invoices/in_1',
    '',
  ],
  [
    'invoice.payment_failed',
    { id: 'in_1', number: 'A-1', amount_due: 1200, currency: 'usd', attempt_count: 4, next_payment_attempt: null },
    'Payment of invoice A-1 failed: 12.00 USD',
    'invoices/in_1',
    'Attempt 4, next: none',
  ],
  [
    'customer.subscription.created',
    { id: 'sub_1', status: 'past_due' },
    'Subscription began: past due',
    'subscriptions/sub_1',
    '',
  ],
  [
    'customer.subscription.deleted',
    { id: 'sub_1', cancellation_details: { comment: 'Too dear' } },
    'Subscription ended',
    'subscriptions/sub_1',
    'Too dear',
  ],
  [
    'payout.failed',
    { id: 'po_1', amount: 120000, currency: 'kwd', failure_message: 'Account closed' },
    'Payout of 120.000 KWD failed',
    'payouts/po_1',
    'Account closed',
  ],
])('tells of %s', (type, object, summary, page, detail) => {
  expect(news(type, object)).toEqual({ summary, url: `${DASHBOARD}/${page}`, detail });
});

it.each([
  ['jpy', '4999 JPY paid'],
  ['bhd', '4.999 BHD paid'],
  ['gbp', '49.99 GBP paid'],
])('num-extreme: writes %s in its own units', (currency, summary) => {
  expect(news('payment_intent.succeeded', { id: 'pi_1', amount_received: 4999, currency })?.summary).toBe(summary);
});

it('leads to the live dashboard when the data are real', () => {
  const event = { ...stripeEvent('evt_1', 'customer.subscription.deleted', { id: 'sub_1' }), livemode: true };
  expect(newsOf(event)?.url).toBe('https://dashboard.stripe.com/subscriptions/sub_1');
});

it.each(['customer.subscription.updated', 'constructor', '__proto__', ''])('says nothing of %s', (type) => {
  expect(news(type, {})).toBeUndefined();
});
