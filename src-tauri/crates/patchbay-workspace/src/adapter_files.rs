//! The files in an adapter's folder, as an editor reads and writes them.

use crate::error::WorkspaceError;
use crate::files;
use crate::paths;
use crate::workspace::Workspace;
use patchbay_core::AdapterRef;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Most files that are listed of one adapter.
const FILES_MAX: usize = 2000;

/// Deepest folder that is listed.
const DEPTH_MAX: usize = 16;

/// Stands for the exact content of a file: SHA-256, 64 hex digits. It does not depend on times, which copies and
/// checkouts change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(String);

impl Revision {
    /// The revision of this content.
    pub fn of(content: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(content)))
    }

    /// Takes a revision back that was given out as text.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a writer takes for granted about the file it replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// There is no such file.
    Absent,
    /// It is the one that was read.
    Revision(Revision),
    /// Nothing: whatever is there is replaced.
    Anything,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileContent {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their revision, for a later write.
    pub revision: Revision,
}

/// A file in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Path in the adapter's folder, with `/`.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// The files of an adapter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdapterFiles {
    /// Those that can be read and written, by path.
    pub files: Vec<ListedFile>,
    /// Those that cannot (names that are not UTF-8, links that lead out, devices), and `node_modules`; for people.
    pub skipped: Vec<String>,
}

impl Workspace {
    /// Every file of an adapter but hidden ones and `node_modules`.
    pub fn adapter_files(&self, adapter: &AdapterRef) -> Result<AdapterFiles, WorkspaceError> {
        list(&self.adapter_folder(adapter)?)
    }

    /// Reads a file of an adapter, 20 MB at most.
    pub fn read_adapter_file(&self, adapter: &AdapterRef, path: &str) -> Result<FileContent, WorkspaceError> {
        let place = paths::inside(&self.adapter_folder(adapter)?, path)?;
        let bytes = files::read(&place, files::SOURCE_MAX)?
            .ok_or_else(|| WorkspaceError::FileMissing { adapter: adapter.clone(), path: path.to_owned() })?;
        Ok(FileContent { revision: Revision::of(&bytes), bytes })
    }

    /// Writes a file of an adapter and the folders above it, unless it is not as the writer expects.
    pub fn write_adapter_file(
        &self,
        adapter: &AdapterRef,
        path: &str,
        content: &[u8],
        expected: &Expected,
    ) -> Result<Revision, WorkspaceError> {
        let bytes = content.len() as u64;
        if bytes > files::SOURCE_MAX {
            return Err(WorkspaceError::TooLarge { path: path.into(), bytes, max: files::SOURCE_MAX });
        }
        let _lock = self.lock()?;
        let place = paths::inside(&self.adapter_folder(adapter)?, path)?;
        check_expected(&place, expected)?;
        files::make_folder(place.parent().expect("inside a folder"))?;
        files::replace(&place, content)?;
        Ok(Revision::of(content))
    }

    /// Removes a file of an adapter, unless it is not as the caller expects.
    pub fn remove_adapter_file(
        &self,
        adapter: &AdapterRef,
        path: &str,
        expected: &Expected,
    ) -> Result<(), WorkspaceError> {
        let _lock = self.lock()?;
        let place = paths::inside(&self.adapter_folder(adapter)?, path)?;
        check_expected(&place, expected)?;
        if files::remove(&place)? {
            Ok(())
        } else {
            Err(WorkspaceError::FileMissing { adapter: adapter.clone(), path: path.to_owned() })
        }
    }
}

pub(crate) fn check_expected(place: &Path, expected: &Expected) -> Result<(), WorkspaceError> {
    let is_as_expected = match expected {
        Expected::Anything => true,
        Expected::Absent => !place.exists(),
        Expected::Revision(revision) => {
            files::read(place, files::SOURCE_MAX)?.is_some_and(|content| Revision::of(&content) == *revision)
        }
    };
    if is_as_expected { Ok(()) } else { Err(WorkspaceError::Changed { path: place.to_owned() }) }
}

/// Walks a folder without following links out of it.
pub(crate) fn list(folder: &Path) -> Result<AdapterFiles, WorkspaceError> {
    let mut listed = AdapterFiles::default();
    let mut waiting = vec![(folder.to_path_buf(), String::new(), 0_usize)];
    while let Some((place, above, depth)) = waiting.pop() {
        let failed = |error| WorkspaceError::of_file("read", &place, error);
        for entry in fs::read_dir(&place).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let shown = format!("{above}{}", entry.file_name().to_string_lossy());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let readable = entry.file_name().to_str().is_some() && paths::inside(folder, &shown).is_ok();
            // Follows links, which were just seen to stay inside.
            let Some(metadata) = readable.then(|| fs::metadata(entry.path()).ok()).flatten() else {
                listed.skipped.push(shown);
                continue;
            };
            if metadata.is_dir() {
                let is_link = entry.file_type().map_err(failed)?.is_symlink();
                // A link to a folder may lead back up; its files are listed where they are.
                if shown == "node_modules" || is_link || depth == DEPTH_MAX {
                    listed.skipped.push(shown);
                } else {
                    waiting.push((entry.path(), format!("{shown}/"), depth + 1));
                }
            } else if metadata.is_file() {
                listed.files.push(ListedFile { path: shown, bytes: metadata.len() });
            } else {
                listed.skipped.push(shown);
            }
            if listed.files.len() > FILES_MAX {
                return Err(WorkspaceError::TooMuch { path: folder.to_owned(), max: "2000 files" });
            }
        }
    }
    listed.files.sort_by(|one, other| one.path.cmp(&other.path));
    listed.skipped.sort();
    Ok(listed)
}
