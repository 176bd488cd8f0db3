import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** The secret that was entered for the webhook at GitHub. */
  GITHUB_WEBHOOK_SECRET: string;
  /** Slack app → OAuth & Permissions → Bot User OAuth Token. */
  SLACK_BOT_TOKEN: string;
  /** The channel that gets the messages, if the mapping names no other. */
  SLACK_CHANNEL_ID: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
