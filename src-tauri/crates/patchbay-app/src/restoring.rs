//! Putting a backup in the place of a database that is damaged, lost or not wanted any more.

use crate::app::{App, blocking};
use crate::wire::error::WireError;
use patchbay_platform::{Kept, Replacement, replace_store};
use patchbay_replay::History;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// Scripts, versions and routes of the embedded platform.
    Platform,
    /// Objects in the embedded platform's buckets.
    Buckets,
    /// Past deliveries.
    History,
}

/// What to put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The newest backup.
    Newest,
    /// A file.
    File(PathBuf),
    /// Nothing.
    Nothing,
}

/// What was done.
#[derive(Debug, Clone, Serialize)]
pub struct RestoreReport {
    /// The backup that was put there; absent for an empty database.
    pub from: Option<String>,
    /// Where the file is that was there before; absent where there was none.
    pub kept_aside: Option<String>,
}

/// Replaces a database of the open workspace. Its file is kept under another name.
///
/// # Errors
/// The platform of the workspace runs, there is no backup, or the backup is damaged. Then nothing has changed.
pub async fn restore(app: &Arc<App>, what: Restored, from: From) -> Result<RestoreReport, WireError> {
    let state = app.workspace()?.workspace.state_folder()?;
    let by = match from {
        From::Newest => Replacement::NewestBackup,
        From::File(file) => Replacement::Backup(file),
        From::Nothing => Replacement::Empty,
    };
    let replaced = blocking(move || -> Result<_, WireError> {
        Ok(match what {
            Restored::Platform => replace_store(&state.join("platform"), Kept::Store, &by)?,
            Restored::Buckets => replace_store(&state.join("platform"), Kept::Buckets, &by)?,
            Restored::History => History::replace(&state.join("history.sqlite"), &by)?,
        })
    })
    .await??;
    let shown = |path: PathBuf| path.display().to_string();
    Ok(RestoreReport { from: replaced.from.map(shown), kept_aside: replaced.kept_aside.map(shown) })
}
