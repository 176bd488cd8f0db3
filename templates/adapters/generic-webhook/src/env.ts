import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** The secret that you share with the sender. */
  WEBHOOK_SECRET: string;
  /** The whole value of the header Authorization, for example `Bearer …`. */
  TARGET_AUTHORIZATION: string;
  /** Where the mapped events go, an https address. */
  TARGET_URL: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
