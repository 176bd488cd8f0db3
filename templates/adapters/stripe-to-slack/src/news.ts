// What is told of Stripe's events, and how. Each text is an expression of the field mapping over the event.
import { evaluate } from './mapping';
import type { StripeEvent } from './stripe';

export interface News {
  /** One line. */
  summary: string;
  /** The page in Stripe's dashboard. */
  url: string;
  /** What stands below, or nothing. */
  detail: string;
}

const TEXTS: Record<string, News> = {
  'payment_intent.succeeded': {
    summary: `${money('amount_received')} paid`,
    url: 'payments/{data.object.id}',
    detail: '{data.object.description}',
  },
  'payment_intent.payment_failed': {
    summary: `Payment of ${money('amount')} failed`,
    url: 'payments/{data.object.id}',
    detail: '{data.object.last_payment_error.message}',
  },
  'checkout.session.completed': {
    summary: `Checkout of ${money('amount_total')} completed, {data.object.payment_status | replace:"_"," "}`,
    url: 'payments/{data.object.payment_intent}',
    detail: '',
  },
  'charge.refunded': {
    // Stripe tells the sum of all refunds of the charge.
    summary: `{data.object.amount_refunded | money:data.object.currency} of ${money('amount')} refunded`,
    url: 'payments/{data.object.payment_intent}',
    detail: '{data.object.description}',
  },
  'charge.dispute.created': {
    summary: `Dispute over ${money('amount')}: {data.object.reason | replace:"_"," "}`,
    url: 'disputes/{data.object.id}',
    detail: 'Answer by {data.object.evidence_details.due_by | date:day}',
  },
  'charge.dispute.closed': {
    summary: `Dispute over ${money('amount')} {data.object.status | replace:"_"," "}`,
    url: 'disputes/{data.object.id}',
    detail: '',
  },
  'invoice.paid': {
    summary: `Invoice {data.object.number} paid: ${money('amount_paid')}`,
    url: 'invoices/{data.object.id}',
    detail: '',
  },
  'invoice.payment_failed': {
    summary: `Payment of invoice {data.object.number} failed: ${money('amount_due')}`,
    url: 'invoices/{data.object.id}',
    detail: 'Attempt {data.object.attempt_count}, next: {data.object.next_payment_attempt | date:day | default:"none"}',
  },
  'customer.subscription.created': {
    summary: 'Subscription began: {data.object.status | replace:"_"," "}',
    url: 'subscriptions/{data.object.id}',
    detail: '',
  },
  'customer.subscription.deleted': {
    summary: 'Subscription ended',
    url: 'subscriptions/{data.object.id}',
    detail: '{data.object.cancellation_details.comment}',
  },
  'payout.failed': {
    summary: `Payout of ${money('amount')} failed`,
    url: 'payouts/{data.object.id}',
    detail: '{data.object.failure_message}',
  },
};

/** Undefined for what nobody needs to be told. */
export function newsOf(event: StripeEvent): News | undefined {
  if (!Object.hasOwn(TEXTS, event.type)) return undefined;
  const { summary, url, detail } = TEXTS[event.type] as News;
  const textOf = (value: string) => String(evaluate('news', { value, required: false }, event));
  const page = textOf(url) || `events/${encodeURIComponent(event.id)}`;
  return {
    // A checkout that only stores a card has no amount.
    summary: textOf(summary) || event.type,
    url: `https://dashboard.stripe.com/${event.livemode === false ? 'test/' : ''}${page}`,
    detail: textOf(detail),
  };
}

/** `49.99 EUR`: Stripe counts in minor units, of which each currency has its own number. */
function money(field: string): string {
  return `{data.object.${field} | money:data.object.currency} {data.object.currency | upper}`;
}
