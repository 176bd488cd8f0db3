//! Simulated upstreams: they refuse what the real API refuses, answer in its shapes, keep state for the run, and
//! break on purpose when a fault asks for it.
//!
//! Nothing here listens or sends: a call comes in as a value and an [`Outcome`] goes out. One upstream is one
//! file (with its own folder where it grows) that implements [`Upstream`], plus its row in [`upstreams::ALL`].
//! Objects that a sender's webhook may name (a Stripe customer, a Slack channel, a CRM contact) exist as soon
//! as a call names them by an id of the right shape; what must be absent is asked for with a fault (`stripe:404`).
#![warn(missing_docs)]

pub mod airtable;
mod call;
mod complaint;
pub mod custom;
pub mod entra;
pub mod fault;
pub mod fields;
mod form;
pub mod hubspot;
pub mod notion;
mod pace;
pub mod pagerduty;
pub mod paypal;
mod random_id;
mod replays;
pub mod salesforce;
pub mod scopes;
pub mod slack;
pub mod stripe;
pub mod teams;
mod token;
pub mod upstream;
pub mod upstreams;

pub use custom::DescriptionError;
pub use fault::{Calls, Fault, FaultError, FaultKind};
pub use fields::fields_of;
pub use scopes::ScopeState;
pub use upstream::{Kept, Outcome, Senders, Upstream};
pub use upstreams::{Description, Overview, Upstreams};
