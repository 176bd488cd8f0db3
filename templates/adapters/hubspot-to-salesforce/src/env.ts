import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** The client secret of the private app, with which HubSpot signs. */
  HUBSPOT_CLIENT_SECRET: string;
  /** The access token of the private app, with the scope crm.objects.contacts.read. */
  HUBSPOT_TOKEN: string;
  /** `api.hubapi.com`, or `api-eu1.hubapi.com`. */
  HUBSPOT_HOST: string;
  /** The org: `example.my.salesforce.com`. */
  SALESFORCE_DOMAIN: string;
  /** The consumer key of the external client app. */
  SALESFORCE_CLIENT_ID: string;
  /** The consumer secret of the external client app. */
  SALESFORCE_CLIENT_SECRET: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
