import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** Teams shows it once, when the outgoing webhook is created. */
  TEAMS_SECURITY_TOKEN: string;
  /** A personal access token with the scope data.records:write. */
  AIRTABLE_TOKEN: string;
  /** The base: `app…` in the address of the table. */
  AIRTABLE_BASE_ID: string;
  /** The table that gets the records: `tbl…` in its address. */
  AIRTABLE_TABLE_ID: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
