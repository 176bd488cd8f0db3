//! Alarms of Durable Objects. The runtime rings them by itself, and they survive its end on disk, but only while the
//! process of their script runs. So when such a process has gone, and when the platform starts, the next alarm of each
//! script is read, and the process is started in time for it.
//!
//! The runtime keeps the alarms of a class beside its objects, in the table `_cf_ALARM` of `metadata.sqlite`: a row for
//! each object with the time in nanoseconds since the Unix epoch, which stays until the alarm's handler has succeeded.

use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::observe::epoch_ms;
use crate::runtime::parent::placed;
use crate::runtime::placement::{Key, Occupant};
use rusqlite::{Connection, OpenFlags};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long before its alarm a process is started, in milliseconds.
const LEAD_MS: f64 = 500.0;
/// A process stays when an alarm rings so soon, in milliseconds. More than the lead, or it would go again at once.
const SOON_MS: f64 = 1500.0;
/// Until a script is tried again whose process could not be started or whose alarms could not be read.
const AGAIN_MS: f64 = 5000.0;
/// How long the database of alarms may be locked by the process that writes it.
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// When scripts have to run whose processes do not.
#[derive(Default)]
pub(crate) struct Alarms {
    /// By the script's tag, in milliseconds since the Unix epoch.
    due: Mutex<HashMap<String, f64>>,
}

impl Alarms {
    fn due(&self) -> MutexGuard<'_, HashMap<String, f64>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the scripts that have to run now.
    fn take(&self, now_ms: f64) -> Vec<String> {
        self.due().extract_if(|_, due_ms| *due_ms <= now_ms).map(|(tag, _)| tag).collect()
    }
}

impl Runtime {
    /// Notes when each script has to run. Called once, when the platform starts.
    pub(crate) async fn note_all_alarms(&self) -> Result<(), PlatformError> {
        let folder = self.state_dir.join("objects");
        let scripts = match std::fs::read_dir(&folder) {
            Ok(scripts) => scripts,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(PlatformError::file("read", &folder, source)),
        };
        for script in scripts.flatten() {
            self.note_alarms(script.file_name().to_string_lossy().into_owned()).await;
        }
        Ok(())
    }

    /// Notes when the script of a process that has ended has to run again.
    pub(crate) async fn note_alarms_of(&self, key: &Key) {
        let Occupant::Dedicated { script, exclusive: true, .. } = &key.occupant else { return };
        let place = script.clone();
        match self.store.change(move |change| change.script_tag(&place.namespace, &place.script)).await {
            Ok(Some(tag)) => self.note_alarms(tag).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(script = %script.script, %error, "the alarms of a script are not known"),
        }
    }

    async fn note_alarms(&self, tag: String) {
        let next_ms = self.next_alarm(&tag).await.unwrap_or_else(|error| {
            tracing::warn!(tag, %error, "the alarms of a script cannot be read; it is started to ring what is due");
            Some(epoch_ms() + AGAIN_MS)
        });
        if let Some(next_ms) = next_ms {
            self.alarms.due().insert(tag, next_ms - LEAD_MS);
        }
    }

    /// Whether a process is needed for an alarm that rings now or in a moment.
    pub(crate) async fn rings_soon(&self, key: &Key) -> bool {
        let Occupant::Dedicated { script, exclusive: true, .. } = &key.occupant else { return false };
        let place = script.clone();
        let tag = self.store.change(move |change| change.script_tag(&place.namespace, &place.script)).await;
        let Ok(Some(tag)) = tag else { return false };
        // One whose alarms cannot be read just now is asked again later.
        self.next_alarm(&tag).await.map_or(true, |next| next.is_some_and(|next_ms| next_ms <= epoch_ms() + SOON_MS))
    }

    /// Starts the processes whose alarms are about to ring.
    pub(crate) fn ring_alarms(self: &Arc<Self>) {
        for tag in self.alarms.take(epoch_ms()) {
            let runtime = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = runtime.wake(&tag).await {
                    tracing::warn!(tag, %error, "a script could not be started for its alarm; it is tried again");
                    runtime.alarms.due().insert(tag, epoch_ms() + AGAIN_MS);
                }
            });
        }
    }

    async fn wake(self: &Arc<Self>, tag: &str) -> Result<(), PlatformError> {
        let wanted = tag.to_owned();
        let found = self.store.change(move |change| change.script_with_tag(&wanted)).await?;
        // A script that was deleted took its objects along.
        let Some((namespace, script)) = found else { return Ok(()) };
        placed(self, &namespace, &script).await.map(drop)
    }

    /// When the next alarm of a script's objects rings, in milliseconds since the Unix epoch.
    async fn next_alarm(&self, tag: &str) -> Result<Option<f64>, PlatformError> {
        let folder = self.objects_of(tag);
        let read = tokio::task::spawn_blocking(move || next_alarm(&folder));
        read.await.map_err(|_| PlatformError::TaskEnded)?
    }
}

/// The earliest alarm of all classes whose objects are in a folder, in milliseconds since the Unix epoch.
fn next_alarm(folder: &Path) -> Result<Option<f64>, PlatformError> {
    let classes = match std::fs::read_dir(folder) {
        Ok(classes) => classes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(PlatformError::file("read", folder, source)),
    };
    let mut next: Option<f64> = None;
    for class in classes.flatten() {
        let path = class.path().join("metadata.sqlite");
        if !path.is_file() {
            continue;
        }
        let found =
            read_alarm(&path).map_err(|error| PlatformError::file("read", &path, std::io::Error::other(error)))?;
        next = next.into_iter().chain(found).min_by(f64::total_cmp);
    }
    Ok(next)
}

fn read_alarm(path: &Path) -> rusqlite::Result<Option<f64>> {
    // Writable, although nothing is written: a process that was killed leaves a journal that the next reader applies.
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    database.busy_timeout(LOCK_PATIENCE)?;
    // The runtime makes the table with the first object, a moment after the file.
    if !database.table_exists(None, "_cf_ALARM")? {
        return Ok(None);
    }
    database.query_row("SELECT min(scheduled_time) / 1e6 FROM _cf_ALARM", [], |row| row.get(0))
}
