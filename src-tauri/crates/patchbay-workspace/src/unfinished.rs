//! `….patchbay/versions/<tenant>/<adapter>/<environment>/unfinished/<number>.json`: versions that are on their way to a
//! target, written down before they leave. What a killed publish made live is known by them.

use crate::error::WorkspaceError;
use crate::files;
use crate::json_file;
use crate::versions::{RECORD_MAX, VersionRecord};
use crate::workspace::Workspace;
use patchbay_core::{AdapterRef, Environment};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A version that is on its way, or was when its publisher was killed. The system gives the lock on it back when the
/// publisher ends, however it ends.
#[derive(Debug)]
pub struct UnfinishedVersion {
    record: VersionRecord,
    path: PathBuf,
    /// Held for as long as this value lives.
    _lock: File,
}

impl UnfinishedVersion {
    /// The record as it was before the upload: without the id that the target gives it.
    pub fn record(&self) -> &VersionRecord {
        &self.record
    }

    /// Removes it: the version is recorded, or it never went live.
    pub fn forget(self) -> Result<(), WorkspaceError> {
        files::remove(&self.path).map(|_| ())
    }
}

impl Workspace {
    /// Writes a version down that is about to be uploaded. It stays until somebody [forgets](UnfinishedVersion::forget) it.
    pub fn begin_version(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
        record: &VersionRecord,
    ) -> Result<UnfinishedVersion, WorkspaceError> {
        record.refuse_secrets()?;
        let folder = self.unfinished_folder(adapter, environment);
        files::make_folder(&folder)?;
        let path = folder.join(format!("{}.json", record.number));
        let text = serde_json::to_vec(record).expect("a record is texts, numbers and JSON");
        let lock = files::replace_locked(&path, &text)?;
        Ok(UnfinishedVersion { record: record.clone(), path, _lock: lock })
    }

    /// Versions whose publisher is gone, newest first. One that is still on its way is not among them.
    pub fn abandoned_versions(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
    ) -> Result<Vec<UnfinishedVersion>, WorkspaceError> {
        let folder = self.unfinished_folder(adapter, environment);
        let mut abandoned = Vec::new();
        for name in files::json_names(&folder)? {
            abandoned.extend(take(&folder.join(format!("{name}.json")))?);
        }
        abandoned.sort_by_key(|unfinished| std::cmp::Reverse(unfinished.record.number));
        Ok(abandoned)
    }

    fn unfinished_folder(&self, adapter: &AdapterRef, environment: Environment) -> PathBuf {
        self.versions_folder(adapter, environment).join("unfinished")
    }
}

/// Takes one over, unless somebody holds it or has just finished it.
fn take(path: &Path) -> Result<Option<UnfinishedVersion>, WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("read", path, error);
    let lock = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let Some(text) = files::read_text(path, RECORD_MAX)? else { return Ok(None) };
    Ok(Some(UnfinishedVersion { record: json_file::parse(path, &text)?, path: path.to_owned(), _lock: lock }))
}
