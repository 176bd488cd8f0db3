//! How one process finds the platform that another one runs: a lock that the kernel gives back when the holder dies,
//! and a file beside it that says where the platform is.

use crate::error::PlatformError;
use patchbay_core::Environment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LOCK: &str = "platform.lock";
const RUNNING: &str = "running.json";
/// [`RunningPlatform::find`] holds the lock for an instant; a starting platform must not take that for another one.
const LOCK_PATIENCE: Duration = Duration::from_millis(200);

/// A running platform, as `running.json` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningPlatform {
    /// Process that runs it.
    pub pid: u32,
    /// v4 API, ends in `/client/v4`.
    pub api_url: String,
    /// Where webhooks go.
    pub dispatcher_url: String,
    /// The environment that this dispatcher serves.
    #[serde(default)]
    pub environment: Environment,
    /// Where webhooks for the other environments go.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub other_dispatchers: BTreeMap<Environment, String>,
    /// Account id in the API's paths.
    pub account_id: String,
    /// File that holds the bearer token.
    pub token_file: PathBuf,
    /// RFC 3339, UTC.
    pub started_at: String,
}

impl RunningPlatform {
    /// The platform that runs on this state folder, if one does. A file that a dead process left is not believed.
    pub fn find(state_dir: &Path) -> Option<Self> {
        let lock = File::open(state_dir.join(LOCK)).ok()?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Self::read(state_dir),
            // Nobody holds it, or it cannot be asked.
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }

    fn read(state_dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(state_dir.join(RUNNING)).ok()?).ok()
    }

    pub(crate) fn write(&self, state_dir: &Path) -> Result<(), PlatformError> {
        let path = state_dir.join(RUNNING);
        let text =
            serde_json::to_vec_pretty(self).map_err(|_| PlatformError::Unreadable { what: "its own address" })?;
        let temporary = state_dir.join("running.json.new");
        std::fs::write(&temporary, text).map_err(|source| PlatformError::file("write", &temporary, source))?;
        std::fs::rename(&temporary, &path).map_err(|source| PlatformError::file("write", &path, source))
    }
}

/// The lock on a state folder. The kernel releases it when this value or its process ends.
pub(crate) struct StateLock {
    state_dir: PathBuf,
    lock: File,
}

impl StateLock {
    pub(crate) fn take(state_dir: &Path) -> Result<Self, PlatformError> {
        let path = state_dir.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .read(true)
            .open(&path)
            .map_err(|source| PlatformError::file("lock", &path, source))?;
        let since = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if since.elapsed() < LOCK_PATIENCE => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    let (pid, api_url) =
                        RunningPlatform::read(state_dir).map_or((0, String::new()), |found| (found.pid, found.api_url));
                    return Err(PlatformError::AlreadyRunning { pid, api_url });
                }
                Err(TryLockError::Error(source)) => return Err(PlatformError::file("lock", &path, source)),
            }
        }
        // What a killed platform left says nothing about this one.
        match std::fs::remove_file(state_dir.join(RUNNING)) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(PlatformError::file("write", &state_dir.join(RUNNING), source))
            }
            _ => Ok(Self { state_dir: state_dir.into(), lock }),
        }
    }
}

impl Drop for StateLock {
    fn drop(&mut self) {
        // Readers check the lock first, so a file that cannot be removed misleads nobody.
        let _ = std::fs::remove_file(self.state_dir.join(RUNNING));
        // Closing alone would leave the lock to a child that another thread is just forking, until it executes.
        let _ = self.lock.unlock();
    }
}
