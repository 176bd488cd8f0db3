// A message that mentions the webhook in Teams becomes a record in an Airtable table.
import { airtable, upsertRecord } from './airtable';
import { keyField, recordFields } from './airtable-fields';
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { type TeamsMessage, teamsMessages } from './teams';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = teamsMessages(env.TEAMS_SECURITY_TOKEN);
    return deliver(request, sender, (message, answerBy) => save(message, env, answerBy));
  },
};

/** The message's id is the record's key, so a copy of the request finds the record and makes no second one. */
async function save({ document }: WebhookEvent<TeamsMessage>, env: Env, answerBy: number): Promise<Outcome> {
  if (document.text === '') {
    return { status: 'ignored', reason: 'nothing but the mention', reply: 'Write after my name what I am to save.' };
  }
  const table = airtable(env.AIRTABLE_TOKEN, env.AIRTABLE_BASE_ID, env.AIRTABLE_TABLE_ID, answerBy);
  const key = keyField(env.MAPPING, '{conversation.id}/{id}');
  const { id, url, isNew } = await upsertRecord(table, key, recordFields(env.MAPPING, document));
  return isNew
    ? { status: 'created', record_id: id, reply: `Saved: ${url}` }
    : { status: 'duplicate', record_id: id, reply: `Already saved: ${url}` };
}
