import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** PagerDuty shows it once, when the webhook subscription is made. */
  PAGERDUTY_WEBHOOK_SECRET: string;
  /** Teams → the channel → Workflows. Who knows it can post, so it is a secret. */
  TEAMS_WORKFLOW_URL: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
