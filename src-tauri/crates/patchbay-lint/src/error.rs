//! What can go wrong inside the engine. What is wrong with an adapter is a diagnostic, not an error.

use patchbay_core::Hints;

/// The engine could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// No thread could be started for code that nests deep.
    #[error("A thread for deeply nested code could not be started")]
    Thread {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A fault of the parser or of a rule.
    #[error("The lint engine failed: {reason}")]
    Internal {
        /// What it said.
        reason: String,
    },
}

impl Hints for LintError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Thread { .. } => vec!["Close other programs; the machine is out of threads or memory".into()],
            Self::Internal { .. } => {
                vec!["This is a fault of Patchbay; please report it with the adapter's code".into()]
            }
        }
    }
}
