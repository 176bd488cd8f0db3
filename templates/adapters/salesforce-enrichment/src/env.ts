import type { Mapping } from './mapping';

/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** With which the sender signs: `whsec_` and base64. */
  WEBHOOK_SECRET: string;
  /** The consumer secret of the external client app. */
  SALESFORCE_CLIENT_SECRET: string;
  /** The whole value of the header Authorization, for example `Bearer …`. */
  TARGET_AUTHORIZATION: string;
  /** Where an event has the person's e-mail address: `{data.user.email}`. */
  PERSON_EMAIL: string;
  /** The org: `example.my.salesforce.com`. */
  SALESFORCE_DOMAIN: string;
  /** The consumer key of the external client app. */
  SALESFORCE_CLIENT_ID: string;
  /** Where the joined events go, an https address. */
  TARGET_URL: string;
  /** The table `[mapping]` of adapter.toml. */
  MAPPING: Mapping;
}
