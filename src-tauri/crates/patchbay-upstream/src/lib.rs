//! Simulated upstreams: they refuse what the real API refuses, answer in its shapes, keep state for the run, and
//! break on purpose when a fault asks for it.
//!
//! Nothing here listens or sends: a call comes in as a value and an [`Outcome`] goes out. One upstream is one
//! file (with its own folder where it grows) that implements [`Upstream`], plus its row in [`upstreams::ALL`].
#![warn(missing_docs)]

pub mod fault;
pub mod notion;
pub mod upstream;
pub mod upstreams;

pub use fault::{Fault, FaultError, FaultKind};
pub use upstream::{Outcome, Upstream};
pub use upstreams::Upstreams;
