import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** Stripe → Workbench → Webhooks → your endpoint → Signing secret. */
  STRIPE_WEBHOOK_SECRET: string;
  /** Slack app → OAuth & Permissions → Bot User OAuth Token. */
  SLACK_BOT_TOKEN: string;
  /** The channel that gets the messages, if the mapping names no other. */
  SLACK_CHANNEL_ID: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
