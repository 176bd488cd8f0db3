import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** The endpoint's signing secret, `whsec_…`. */
  STRIPE_WEBHOOK_SECRET: string;
  /** Notion → Settings → Connections → your integration → Internal Integration Secret. */
  NOTION_TOKEN: string;
  /** The data source (table) that gets the pages. */
  NOTION_DATA_SOURCE_ID: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
