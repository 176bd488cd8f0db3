//! How a runtime process came to its end.

use std::time::{SystemTime, UNIX_EPOCH};

/// Why a process is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    /// By itself, or by a signal of somebody else.
    #[default]
    Crashed,
    /// It did not do what it was asked in time.
    Hung,
    /// A script in it used more CPU time than it may.
    Cpu,
    /// A script in it used more memory than it may.
    Memory,
    /// It was no longer needed, finished what it had, and went.
    Retired,
}

/// An end that happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) why: Ending,
    /// When it became known, in milliseconds since the Unix epoch.
    pub(crate) at_ms: f64,
}

impl Ended {
    pub(crate) fn now(why: Ending) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { why, at_ms: since_epoch.as_secs_f64() * 1000.0 }
    }
}
