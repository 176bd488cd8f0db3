// What happens to money in PayPal becomes a record in an Airtable table, one for each event.
import { airtable, upsertRecord } from './airtable';
import { keyField, recordFields } from './airtable-fields';
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { entryOf } from './ledger';
import { type PayPalEvent, paypalEvents } from './paypal';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = paypalEvents(env.PAYPAL_WEBHOOK_ID);
    return deliver(request, sender, (event, answerBy) => write(event, env, answerBy));
  },
};

/** The event's id is the record's key: PayPal sends an event up to 25 times, and Airtable keeps one record of it. */
async function write({ document }: WebhookEvent<PayPalEvent>, env: Env, answerBy: number): Promise<Outcome> {
  const entry = entryOf(document);
  if (!entry) return { status: 'ignored', reason: 'no kind of entry in src/ledger.ts' };
  const table = airtable(env.AIRTABLE_TOKEN, env.AIRTABLE_BASE_ID, env.AIRTABLE_TABLE_ID, answerBy);
  const fields = recordFields(env.MAPPING, { ...document, entry });
  const { id, url, isNew } = await upsertRecord(table, keyField(env.MAPPING, '{id}'), fields);
  return { status: isNew ? 'created' : 'duplicate', record_id: id, record_url: url };
}
