/** What the adapter finds in `env`. adapter.toml declares the same names. */
export interface Env {
  /** The secret with which the sender signs: `whsec_` and base64. */
  WEBHOOK_SECRET: string;
}
