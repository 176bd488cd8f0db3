//! The process that the next start begins with: that of the script which was asked for last. Whoever starts the platform
//! again nearly always goes on with the script that they left.

use super::Runtime;
use super::parent::placed;
use super::placement::ScriptName;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

/// Beside the database, which it is no part of: without it everything works the same.
const FILE: &str = "last-served.json";

#[derive(Serialize, Deserialize)]
struct LastServed {
    namespace: String,
    script: String,
}

impl Runtime {
    /// Notes that a dispatcher asked where a script is.
    pub(super) fn note_served(&self, namespace: &str, script: &str) {
        let name = ScriptName { namespace: namespace.into(), script: script.into() };
        *self.last_served.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
    }

    /// Writes down what was noted, for the next start.
    pub(crate) fn keep_last_served(&self) {
        let noted = self.last_served.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(ScriptName { namespace, script }) = noted else { return };
        let served = LastServed { namespace: namespace.to_string(), script: script.to_string() };
        let written = serde_json::to_vec(&served).map_err(std::io::Error::other);
        if let Err(error) = written.and_then(|text| std::fs::write(self.last_served_path(), text)) {
            tracing::debug!(%error, "the next start will not know which script was served last");
        }
    }

    /// Starts the process of the script that was served last, beside everything else that starts.
    pub(crate) fn warm_up(self: &Arc<Self>) {
        // It may be missing or cut off, and the script may be gone: then its process starts with the first request.
        let Ok(text) = std::fs::read(self.last_served_path()) else { return };
        let Ok(LastServed { namespace, script }) = serde_json::from_slice(&text) else { return };
        let runtime = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = placed(&runtime, &namespace, &script).await {
                tracing::debug!(%error, "the process of the script that was served last does not start");
            }
        });
    }

    fn last_served_path(&self) -> PathBuf {
        self.state_dir.join(FILE)
    }
}
