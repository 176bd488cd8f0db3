//! Looking at the store of a platform that does not run, and putting a backup in its place.

use crate::error::PlatformError;
use crate::running::StateLock;
use crate::store::{FORMAT, Store, file};
use patchbay_database::{Backup, Replacement, Restored};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How old the newest backup of a store may become.
const BACKUP_EVERY: Duration = Duration::from_hours(24);
/// Bytes above which a store is checked while it is served already; reading so much takes 40 ms.
const LARGE: u64 = 16 << 20;
/// The first answers come before the first backup, which keeps the disk busy.
const QUIET: Duration = Duration::from_millis(500);
/// How often its age is looked at.
const LOOK_EVERY: Duration = Duration::from_hours(1);

/// A database of the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Namespaces, scripts, versions and routes.
    Store,
    /// Which objects the buckets have.
    Buckets,
}

/// Replaces a database in a state folder. The file that was there is kept under another name.
///
/// # Errors
/// A platform runs on the folder, there is no backup, or the backup is damaged. Then nothing has changed.
pub fn replace_store(state_dir: &Path, kept: Kept, by: &Replacement) -> Result<Restored, PlatformError> {
    let _lock = StateLock::take(state_dir)?;
    let replaced = match kept {
        Kept::Store => patchbay_database::replace(&file(state_dir), &FORMAT, by),
        Kept::Buckets => patchbay_database::replace(&crate::r2::index_file(state_dir), &crate::r2::FORMAT, by),
    };
    Ok(replaced?)
}

/// Reads the whole store in a state folder, beside a platform that may run on it. `None` where there is no store yet.
/// An older version is as good as the newest: the next start brings it up to date.
pub fn examine_store(state_dir: &Path) -> Result<Option<Vec<Backup>>, PlatformError> {
    let path = file(state_dir);
    let backups = patchbay_database::backups(&path);
    if !path.exists() && backups.is_empty() {
        return Ok(None);
    }
    patchbay_database::check(&path, &FORMAT)?;
    Ok(Some(backups))
}

/// Reads the whole store beside the start of the processes, because a change on top of damage is lost. A start waits for
/// it, but for a large store: that one is served meanwhile, and refuses everything once damage is found.
pub(crate) async fn check(store: &Arc<Store>, state_dir: &Path) -> Result<(), PlatformError> {
    let is_large = std::fs::metadata(file(state_dir)).is_ok_and(|found| found.len() > LARGE);
    let store = Arc::clone(store);
    let checking = tokio::task::spawn_blocking(move || {
        let checked = store.check();
        if let Err(error) = &checked {
            tracing::error!(%error, "the store cannot be used");
        }
        checked
    });
    if is_large {
        return Ok(());
    }
    Ok(checking.await.map_err(|_| PlatformError::TaskEnded)??)
}

/// Backs the store up now and then for as long as the platform runs. A store without scripts has nothing to lose.
pub(crate) fn back_up_regularly(store: &Arc<Store>, state_dir: &Path, stop: &CancellationToken) {
    let (store, path, stop) = (Arc::clone(store), file(state_dir), stop.clone());
    tokio::spawn(async move {
        let mut pause = QUIET;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => pause = LOOK_EVERY,
            }
            #[expect(
                clippy::redundant_closure_for_method_calls,
                reason = "the method's lifetimes are not general enough"
            )]
            let has_scripts = store.change(|change| change.has_scripts()).await.unwrap_or(false);
            if has_scripts {
                let path = path.clone();
                let made = tokio::task::spawn_blocking(move || {
                    patchbay_database::back_up_regularly(&path, &FORMAT, BACKUP_EVERY)
                });
                match made.await {
                    Ok(Ok(Some(backup))) => tracing::info!(path = %backup.path.display(), "backed the store up"),
                    Ok(Err(error)) => tracing::error!(%error, "the store cannot be backed up"),
                    Ok(Ok(None)) | Err(_) => {}
                }
            }
        }
    });
}
