//! Traces in the formats that other programs and people without Patchbay read.
//!
//! A trace is redacted before it is kept, so nothing is redacted here.

mod file;
mod har;
mod html;
mod junit;
mod moments;
mod otel;
mod resilience_html;

pub use file::write;
pub use har::har;
pub use html::{Report, html};
pub use junit::junit;
pub use otel::otel;
pub use resilience_html::resilience_html;
