//! Load: many deliveries of the same webhooks, and how the target took them.
//!
//! Each connection is a task that writes prepared bytes and reads the answer with `httparse`, on a few threads with a
//! current-thread runtime each. Measured beside a `reqwest` pool and `hyper`'s connections, that is the only one of the
//! three that never is the limit before `wrk` is. HTTP/1.1 only, directly to the target: no proxy and no redirect is followed.
//!
//! **Latency is free of coordinated omission.** With a rate, deliveries are due at times that do not depend on answers,
//! and a latency is counted from the time at which the delivery was due (*open loop*). Without one, a sender waits for
//! each answer before it sends again (*closed loop*); a stall then keeps deliveries from being sent, so the histogram
//! is corrected by the median time between two deliveries of a sender. What was measured stands beside it, uncorrected.

mod answer;
mod bytes;
mod error;
mod plan;
mod render;
mod report;
mod run;
mod sender;
mod supply;
mod tally;
mod target;
mod webhook;

pub use error::LoadError;
pub use plan::{DEFAULT_CONCURRENCY, LoadPlan, MOST_CONCURRENCY, MOST_RATE};
pub use render::{render, render_change};
pub use report::{Bar, FailureKind, FailureReport, Latencies, LoadChange, LoadReport, Loop, Resigned, WebhookReport};
pub use run::{LoadProgress, run_load};
pub use target::LoadTarget;
pub use webhook::{LoadWebhook, MOST_WEIGHT, SignFailure};
