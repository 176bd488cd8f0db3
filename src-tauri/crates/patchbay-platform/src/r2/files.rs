//! The files that hold objects' bodies.
//!
//! A file belongs to nobody until a committed row names it, so an upload that is cut off at any moment leaves at most a
//! file that nobody can see. Each run of the platform writes into a folder of its own: what earlier runs left behind can
//! be told from what is being written now, and is removed while the platform already serves.

use super::Buckets;
use super::refusal::{BucketError, InTransaction};
use crate::error::PlatformError;
use crate::store::new_id;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Uploads that nobody finishes are forgotten after a week, as by R2's default life-cycle rule.
const UNFINISHED_UPLOAD_DAYS: i64 = 7;

/// The folder of files.
pub(super) struct Files {
    folder: PathBuf,
    /// Name of this run's folder in it.
    run: String,
    readers: Mutex<HashMap<String, Readers>>,
}

/// Who reads a file at this moment.
#[derive(Default)]
struct Readers {
    count: usize,
    /// No row names it any more; the last reader removes it.
    doomed: bool,
}

impl Files {
    pub(super) fn open(folder: &Path) -> Result<Self, PlatformError> {
        let run = new_id();
        let own = folder.join(&run);
        fs::create_dir_all(&own).map_err(|source| PlatformError::file("create", &own, source))?;
        Ok(Self { folder: folder.to_owned(), run, readers: Mutex::default() })
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A new file, removed again unless it is kept.
    pub(super) fn create(self: &Arc<Self>) -> Result<(File, Unclaimed), PlatformError> {
        let name = format!("{}/{}", self.run, new_id());
        let path = self.path(&name);
        let file = File::create_new(&path).map_err(|source| PlatformError::file("create", &path, source))?;
        Ok((file, Unclaimed { files: Arc::clone(self), name: Some(name) }))
    }

    /// Makes the names of this run's files durable; their content is the writer's business.
    pub(super) fn sync_names(&self) -> io::Result<()> {
        File::open(self.folder.join(&self.run))?.sync_all()
    }

    /// Keeps files readable until the lease is dropped. Called while the index is locked, so that no file can go
    /// between the look at its row and the lease.
    pub(super) fn lease(self: &Arc<Self>, names: Vec<String>) -> Lease {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &names {
            readers.entry(name.clone()).or_default().count += 1;
        }
        drop(readers);
        Lease { files: Arc::clone(self), names }
    }

    /// Removes files that no row names any more, those that are being read as soon as they are not.
    pub(super) fn discard(&self, names: &[String]) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            match readers.get_mut(name) {
                Some(reading) => reading.doomed = true,
                None => self.remove(name),
            }
        }
    }

    fn remove(&self, name: &str) {
        // The next start removes what stays behind here.
        if let Err(error) = fs::remove_file(self.path(name))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(name, %error, "the file of a deleted object cannot be removed");
        }
    }
}

/// A file that no row names yet.
pub(super) struct Unclaimed {
    files: Arc<Files>,
    name: Option<String>,
}

impl Unclaimed {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// A committed row names it now.
    pub(super) fn keep(mut self) {
        self.name = None;
    }
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            self.files.remove(name);
        }
    }
}

/// Files that are being read.
pub(super) struct Lease {
    files: Arc<Files>,
    names: Vec<String>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut readers = self.files.readers.lock().unwrap_or_else(PoisonError::into_inner);
        for name in &self.names {
            let Some(reading) = readers.get_mut(name) else { continue };
            reading.count -= 1;
            if reading.count == 0 && readers.remove(name).is_some_and(|reading| reading.doomed) {
                self.files.remove(name);
            }
        }
    }
}

impl Buckets {
    /// Forgets uploads that nobody finished, and removes files of earlier runs that no row names.
    pub(super) fn sweep(&self) -> Result<(), BucketError> {
        let oldest = super::objects::now() - UNFINISHED_UPLOAD_DAYS * 86_400_000;
        self.index.change_now(move |change| {
            change.execute("DELETE FROM uploads WHERE created < ?1", [oldest])?;
            Ok(())
        })?;
        let failed = |source| BucketError::Failed(PlatformError::file("read", &self.files.folder, source));
        for run in fs::read_dir(&self.files.folder).map_err(failed)?.flatten() {
            let Ok(run) = run.file_name().into_string() else { continue };
            if run != self.files.run {
                self.sweep_run(&run)?;
            }
        }
        Ok(())
    }

    fn sweep_run(&self, run: &str) -> Result<(), BucketError> {
        let folder = self.files.folder.join(run);
        let failed = |source| BucketError::Failed(PlatformError::file("read", &folder, source));
        // A file of an earlier run that has no row now can never get one.
        let found: Vec<String> = fs::read_dir(&folder)
            .map_err(failed)?
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .map(|name| format!("{run}/{name}"))
            .collect();
        let prefix = format!("{run}/*");
        let named: HashSet<String> = self.index.change_now(move |change| {
            let mut statement = change.prepare(
                "SELECT file FROM pieces WHERE file GLOB ?1 UNION SELECT file FROM parts WHERE file GLOB ?1",
            )?;
            let rows = statement.query_map([prefix], |row| row.get(0))?;
            rows.collect::<Result<_, _>>().map_err(InTransaction::from)
        })?;
        let left: Vec<String> = found.into_iter().filter(|name| !named.contains(name)).collect();
        if !left.is_empty() {
            tracing::info!(run, files = left.len(), "removing what a killed platform left in the buckets' folder");
        }
        self.files.discard(&left);
        if named.is_empty() {
            // Fails when somebody reads one of its files: then the next start removes it.
            let _ = fs::remove_dir(&folder);
        }
        Ok(())
    }
}
