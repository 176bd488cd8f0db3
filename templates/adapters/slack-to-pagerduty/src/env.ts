import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** Slack app → Basic Information → App Credentials → Signing Secret. */
  SLACK_SIGNING_SECRET: string;
  /** PagerDuty → service → Integrations → Events API V2 → Integration Key. */
  PAGERDUTY_ROUTING_KEY: string;
  /** `events.pagerduty.com`, or `events.eu.pagerduty.com` for an account in the EU. */
  PAGERDUTY_HOST: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
