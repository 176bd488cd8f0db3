import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** The id of the webhook, which is part of what PayPal signs. */
  PAYPAL_WEBHOOK_ID: string;
  /** A personal access token with the scope data.records:write. */
  AIRTABLE_TOKEN: string;
  /** The base: `app…` in the address of the table. */
  AIRTABLE_BASE_ID: string;
  /** The table that gets the records: `tbl…` in its address. */
  AIRTABLE_TABLE_ID: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
