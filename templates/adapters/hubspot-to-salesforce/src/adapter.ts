// Contacts that come up or change in HubSpot become leads in Salesforce, and stay up to date there.
import { type Outcome, type WebhookEvent, deliver } from './deliveries';
import type { Env } from './env';
import { type HubSpotChanges, hubspotContacts } from './hubspot';
import { hubspotCrm, propertiesIn, readContacts } from './hubspot-crm';
import { externalIdIn, leadsOf } from './leads';
import { salesforce, upsertRecords } from './salesforce';

export default {
  fetch(request: Request, env: Env): Promise<Response | object> {
    const sender = hubspotContacts(env.HUBSPOT_CLIENT_SECRET);
    return deliver(request, sender, (changes, answerBy) => sync(changes, env, answerBy));
  },
};

/**
 * Reads the contacts as they are now, because events come out of order and say little, and writes them as they are: doing
 * it twice, or late, leaves the same leads.
 */
async function sync({ document }: WebhookEvent<HubSpotChanges>, env: Env, answerBy: number): Promise<Outcome> {
  const { contactIds } = document;
  const crm = hubspotCrm(env.HUBSPOT_HOST, env.HUBSPOT_TOKEN, answerBy);
  const org = salesforce(env.SALESFORCE_DOMAIN, env.SALESFORCE_CLIENT_ID, env.SALESFORCE_CLIENT_SECRET, answerBy);
  const externalId = externalIdIn(env.MAPPING);
  const contacts = await readContacts(crm, contactIds, propertiesIn(env.MAPPING));
  const { records, misfit } = leadsOf(env.MAPPING, contacts);
  const { created, updated } = await upsertRecords(org, 'Lead', externalId, records);
  if (misfit) throw misfit;
  return { status: 'synced', created, updated, gone: contactIds.length - contacts.length };
}
