// What an event of Stripe means for the ledger. A kind of event is one line.
import { isRecord } from './body';
import type { StripeEvent } from './stripe';

/** What the mapping reads as `{entry.…}`. */
export interface Entry {
  what: string;
  /** In minor units, with `currency`. */
  amount?: number;
  currency?: string;
  /** The address, else Stripe's id of the customer. */
  customer?: string;
}

type Fields = Record<string, unknown>;

const KINDS = new Map<string, { what: string; amount: (object: Fields, previous: Fields) => unknown }>([
  ['payment_intent.succeeded', { what: 'Payment', amount: (object) => object.amount_received }],
  ['charge.refunded', { what: 'Refund', amount: refunded }],
  ['charge.dispute.created', { what: 'Dispute', amount: (object) => object.amount }],
  ['invoice.payment_failed', { what: 'Unpaid invoice', amount: (object) => object.amount_due }],
  ['customer.subscription.created', { what: 'New subscription', amount: perPeriod }],
  ['customer.subscription.deleted', { what: 'Ended subscription', amount: perPeriod }],
]);

/** The event's entry; undefined for kinds that are not written down. */
export function entryOf({ type, data }: StripeEvent): Entry | undefined {
  const kind = KINDS.get(type);
  if (!kind) return undefined;
  const { object } = data;
  const amount = kind.amount(object, isRecord(data.previous_attributes) ? data.previous_attributes : {});
  const hasAmount = Number.isSafeInteger(amount) && /^[a-z]{3}$/i.test(String(object.currency));
  const details = isRecord(object.billing_details) ? object.billing_details : {};
  const names = [object.receipt_email, object.customer_email, details.email, object.customer];
  return {
    what: kind.what,
    ...(hasAmount && { amount: Number(amount), currency: String(object.currency) }),
    customer: names.find((name): name is string => typeof name === 'string' && name !== ''),
  };
}

/** This refund alone: the charge says how much was given back in all. */
function refunded({ amount_refunded }: Fields, previous: Fields): number {
  return Number(amount_refunded) - Number(previous.amount_refunded ?? 0);
}

/** The sum of the items; not a number if one has tiers instead of a price. */
function perPeriod({ items }: Fields): number {
  const all = isRecord(items) && Array.isArray(items.data) ? items.data.filter(isRecord) : [];
  return all.reduce((sum, { price, quantity }) => {
    const unit = isRecord(price) ? price.unit_amount : null;
    return sum + (typeof unit === 'number' ? unit : Number.NaN) * Number(quantity ?? 1);
  }, 0);
}
