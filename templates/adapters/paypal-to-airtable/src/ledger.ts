// What an event of PayPal means for the ledger. A kind of event is one line.
import { isRecord } from './body';
import type { PayPalEvent } from './paypal';

/** What the mapping reads as `{entry.…}`. */
export interface Entry {
  what: string;
  /** The capture, refund, order, subscription or dispute. */
  object?: string;
  /** Decimal text as PayPal writes it, with `currency`. */
  value?: string;
  currency?: string;
  /** The address, where PayPal tells it: not with captures and refunds. */
  payer?: string;
  /** Your own number of the invoice, else your own id. */
  reference?: string;
}

type Fields = Record<string, unknown>;

const KINDS = new Map<string, { what: string; amount?: (resource: Fields) => unknown }>([
  ['PAYMENT.CAPTURE.COMPLETED', { what: 'Payment', amount: ({ amount }) => amount }],
  ['PAYMENT.CAPTURE.DENIED', { what: 'Denied payment', amount: ({ amount }) => amount }],
  ['PAYMENT.CAPTURE.REFUNDED', { what: 'Refund', amount: ({ amount }) => amount }],
  ['CHECKOUT.ORDER.APPROVED', { what: 'Approved order', amount: (order) => onlyUnit(order).amount }],
  ['CUSTOMER.DISPUTE.CREATED', { what: 'Dispute', amount: ({ dispute_amount }) => dispute_amount }],
  // What the last payment was is not what the subscription costs.
  ['BILLING.SUBSCRIPTION.ACTIVATED', { what: 'New subscription' }],
  ['BILLING.SUBSCRIPTION.CANCELLED', { what: 'Ended subscription' }],
]);

/** The event's entry; undefined for kinds that are not written down. */
export function entryOf({ event_type, resource }: PayPalEvent): Entry | undefined {
  const kind = KINDS.get(event_type);
  if (!kind) return undefined;
  const { value, currency_code } = record(kind.amount?.(resource));
  const hasAmount = /^-?\d+(\.\d+)?$/.test(text(value) ?? '') && /^[A-Z]{3}$/.test(text(currency_code) ?? '');
  const unit = onlyUnit(resource);
  const references = [resource.invoice_id, resource.custom_id, unit.invoice_id, unit.custom_id];
  return {
    what: kind.what,
    object: text(resource.id) ?? text(resource.dispute_id),
    ...(hasAmount && { value: text(value), currency: text(currency_code) }),
    payer: text(record(resource.payer).email_address) ?? text(record(resource.subscriber).email_address),
    reference: references.map(text).find(Boolean),
  };
}

/** The unit of an order that has one: amounts of several may be of several sellers. */
function onlyUnit({ purchase_units }: Fields): Fields {
  return Array.isArray(purchase_units) && purchase_units.length === 1 ? record(purchase_units[0]) : {};
}

const record = (value: unknown): Fields => (isRecord(value) ? value : {});
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
