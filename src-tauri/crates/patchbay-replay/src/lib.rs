//! Replays: sends a prepared webhook through a dispatcher, gathers what the platform saw of it into a trace, compares
//! it with an expectation, shows it and keeps it.
//!
//! Signing is `patchbay-webhooks`' business, simulated upstreams are `patchbay-upstream`'s; the app composes them.
#![warn(missing_docs)]

mod align;
pub mod compare;
pub mod error;
pub mod expect;
pub mod export;
pub mod history;
pub mod load;
mod observed;
pub mod oddities;
mod path;
pub mod platform_link;
pub mod render;
pub mod resilience;
pub mod run;
mod shapes;
pub mod trace;

pub use error::ReplayError;
pub use expect::{Difference, compare};
pub use history::{Head, History, HistoryPage, HistoryQuery, Kept, Retention, StatusFilter};
pub use patchbay_database::{Replacement, Restored};
pub use platform_link::{LoadedDraft, Observations, PlatformLink, RegisteredDelivery, TailStream};
pub use run::{ReplayTarget, Run, register, run_once, run_registered};
pub use trace::{Trace, TraceSummary};
