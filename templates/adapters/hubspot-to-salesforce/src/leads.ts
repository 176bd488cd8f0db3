// From HubSpot's contacts to Salesforce's leads.
import { DeliveryError, misconfigured } from './errors';
import type { Contact } from './hubspot-crm';
import { type Mapping, mapFields } from './mapping';

export interface Leads {
  records: Record<string, unknown>[];
  /** Why contacts have no lead, if there are such. */
  misfit?: DeliveryError;
}

/** A lead for each contact that the mapping fits; one that it does not fit keeps nobody else from being written. */
export function leadsOf(mapping: Mapping | undefined, contacts: Contact[]): Leads {
  const leads: Leads = { records: [] };
  for (const contact of contacts) {
    try {
      leads.records.push(mapFields(mapping, { contact }));
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      leads.misfit = error;
    }
  }
  return leads;
}

/** The external id field of the lead that holds `{contact.id}`: an upsert finds its record by it. */
export function externalIdIn(mapping: Mapping | undefined): string {
  const found = Object.entries(mapping ?? {}).find(([field, entry]) => {
    const expression = typeof entry === 'string' ? entry : entry.value;
    return field.endsWith('__c') && expression.replaceAll(' ', '') === '{contact.id}';
  });
  if (found) return found[0];
  throw misconfigured(
    'The mapping has no field of your own (…__c) for {contact.id}; without it a contact that changes twice would be two leads',
  );
}
