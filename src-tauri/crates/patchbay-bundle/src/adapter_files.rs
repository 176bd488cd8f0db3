//! The adapter's folder as the bundler sees it: nothing outside exists, and nothing unreasonable is read.
//!
//! The bundler works on paths under a fixed, made-up root, so that no path of this machine can reach its output, and
//! the same sources give the same bytes on every machine.

use crate::error::BundleError;
use oxc_resolver::{FileMetadata, FileSystem as ResolverFileSystem, ResolveError};
use patchbay_core::nesting;
use rolldown_fs::FileSystem;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that one source file may have.
pub const LARGEST_SOURCE: u64 = 20 * 1024 * 1024;
/// Bytes that all source files of an adapter, its npm packages included, may have together.
const LARGEST_TOTAL: u64 = 64 * 1024 * 1024;

/// Where the bundler believes the adapter to be.
#[cfg(not(windows))]
pub(crate) const VIRTUAL_ROOT: &str = "/adapter";
/// Where the bundler believes the adapter to be.
#[cfg(windows)]
pub(crate) const VIRTUAL_ROOT: &str = "C:\\adapter";

/// A view of one adapter's folder. Clones share what was refused.
#[derive(Debug, Clone)]
pub(crate) struct AdapterFiles(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Canonical path of the folder.
    root: PathBuf,
    /// Texts that stand in place of files, by path relative to the root with `/`.
    overlay: BTreeMap<String, String>,
    /// Bytes read so far.
    total: AtomicU64,
    /// What was refused, by path. The bundler reports a refusal only as text, so the error itself is kept here.
    refusals: Mutex<BTreeMap<String, BundleError>>,
}

impl AdapterFiles {
    /// Opens the folder.
    pub(crate) fn open(root: &Path, overlay: &[(String, String)]) -> Result<Self, BundleError> {
        let root = fs::canonicalize(root)
            .map_err(|source| BundleError::Unreadable { path: root.display().to_string(), source })?;
        let overlay = overlay.iter().map(|(path, text)| (path.replace('\\', "/"), text.clone())).collect();
        Ok(Self(Arc::new(Inner { root, overlay, ..Inner::default() })))
    }

    /// Takes what was refused, in the order of paths.
    pub(crate) fn take_refusals(&self) -> Vec<BundleError> {
        let mut refusals = self.0.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *refusals).into_values().collect()
    }

    /// The text of a file, by its path relative to the root. For code frames.
    pub(crate) fn text(&self, file: &str) -> Option<String> {
        self.read_to_string(&Path::new(VIRTUAL_ROOT).join(file)).ok()
    }

    /// Whether there is such a file, by its path relative to the root.
    pub(crate) fn has_file(&self, file: &str) -> bool {
        self.metadata(&Path::new(VIRTUAL_ROOT).join(file)).is_ok_and(FileMetadata::is_file)
    }

    /// Whether there is such a folder, by its path relative to the root.
    pub(crate) fn has_folder(&self, folder: &str) -> bool {
        self.metadata(&Path::new(VIRTUAL_ROOT).join(folder)).is_ok_and(FileMetadata::is_dir)
    }

    /// The path relative to the root, with `/`; nothing when it is outside.
    pub(crate) fn relative(path: &Path) -> Option<String> {
        let mut parts: Vec<&str> = Vec::new();
        for component in path.strip_prefix(VIRTUAL_ROOT).ok()?.components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str()?),
                Component::CurDir => {}
                Component::ParentDir => {
                    parts.pop()?;
                }
                Component::RootDir | Component::Prefix(_) => return None,
            }
        }
        Some(parts.join("/"))
    }

    /// Path on this machine of a path under the virtual root, links followed. Outside the folder nothing exists.
    fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let relative = Self::relative(path).ok_or(io::ErrorKind::NotFound)?;
        let real = fs::canonicalize(self.0.root.join(&relative))?;
        if real.starts_with(&self.0.root) {
            return Ok(real);
        }
        self.refuse(relative.clone(), BundleError::LeavesFolder { path: relative });
        Err(io::ErrorKind::NotFound.into())
    }

    fn refuse(&self, path: String, error: BundleError) {
        self.0.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(path).or_insert(error);
    }

    fn refused(&self, path: String, error: BundleError) -> io::Error {
        let message = error.to_string();
        self.refuse(path, error);
        io::Error::new(io::ErrorKind::InvalidData, message)
    }

    fn overlaid(&self, path: &Path) -> Option<&str> {
        self.0.overlay.get(&Self::relative(path)?).map(String::as_str)
    }

    fn read_checked(&self, path: &Path) -> io::Result<Vec<u8>> {
        let relative = Self::relative(path).ok_or(io::ErrorKind::NotFound)?;
        let too_large = |length| BundleError::TooLarge { path: relative.clone(), length, max: LARGEST_SOURCE };
        let bytes = if let Some(text) = self.0.overlay.get(&relative) {
            if text.len() as u64 > LARGEST_SOURCE {
                return Err(self.refused(relative.clone(), too_large(text.len() as u64)));
            }
            text.clone().into_bytes()
        } else {
            let real = self.real(path)?;
            let metadata = fs::metadata(&real)?;
            if !metadata.is_file() {
                // A device or a pipe might never end.
                return Err(io::ErrorKind::NotFound.into());
            }
            if metadata.len() > LARGEST_SOURCE {
                return Err(self.refused(relative.clone(), too_large(metadata.len())));
            }
            let mut bytes = Vec::new();
            let outcome = File::open(&real).and_then(|file| file.take(LARGEST_SOURCE + 1).read_to_end(&mut bytes));
            if let Err(source) = outcome {
                let copy = io::Error::from(source.kind());
                self.refuse(relative.clone(), BundleError::Unreadable { path: relative, source });
                return Err(copy);
            }
            if bytes.len() as u64 > LARGEST_SOURCE {
                return Err(self.refused(relative.clone(), too_large(bytes.len() as u64)));
            }
            bytes
        };
        let total = self.0.total.fetch_add(bytes.len() as u64, Ordering::Relaxed) + bytes.len() as u64;
        if total > LARGEST_TOTAL {
            return Err(self.refused(relative, BundleError::TooMuchSource { max: LARGEST_TOTAL }));
        }
        Ok(bytes)
    }
}

impl ResolverFileSystem for AdapterFiles {
    /// An empty folder. The resolver is always given a file system, so this is only there for the trait.
    fn new(_yarn_pnp: bool) -> Self {
        Self(Arc::default())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read_checked(path)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        let relative = Self::relative(path).ok_or(io::ErrorKind::NotFound)?;
        let text = String::from_utf8(self.read_checked(path)?).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            self.refused(relative.clone(), BundleError::NotUtf8 { path: relative.clone(), offset })
        })?;
        let depth = nesting::depth_bound(&text);
        if depth > nesting::DEEPEST {
            let error = BundleError::NestsTooDeep { path: relative.clone(), depth, max: nesting::DEEPEST };
            return Err(self.refused(relative, error));
        }
        Ok(text)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        if self.overlaid(path).is_some() {
            return Ok(FileMetadata::new(true, false, false));
        }
        match self.real(path).and_then(fs::metadata) {
            Ok(metadata) => Ok(FileMetadata::new(metadata.is_file(), metadata.is_dir(), false)),
            Err(error) => {
                let folder = Self::relative(path).map(|folder| folder + "/");
                if folder.is_some_and(|folder| self.0.overlay.keys().any(|file| file.starts_with(&folder))) {
                    return Ok(FileMetadata::new(false, true, false));
                }
                Err(error)
            }
        }
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        if self.overlaid(path).is_some() {
            return Ok(FileMetadata::new(true, false, false));
        }
        let relative = Self::relative(path).ok_or(io::ErrorKind::NotFound)?;
        match fs::symlink_metadata(self.0.root.join(relative)) {
            Ok(metadata) => Ok(FileMetadata::new(metadata.is_file(), metadata.is_dir(), metadata.is_symlink())),
            Err(_) => self.metadata(path),
        }
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        Ok(self.canonicalize(path)?)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        if self.overlaid(path).is_some() {
            return Ok(path.to_path_buf());
        }
        let real = self.real(path)?;
        let inside = real.strip_prefix(&self.0.root).map_err(|_| io::ErrorKind::NotFound)?;
        // The bundler requires paths that are text.
        if inside.to_str().is_none() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Path::new(VIRTUAL_ROOT).join(inside))
    }
}

/// The bundle is made in memory, so nothing is ever written.
impl FileSystem for AdapterFiles {
    fn remove_dir_all(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn create_dir_all(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn write(&self, _path: &Path, _content: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn exists(&self, path: &Path) -> bool {
        self.metadata(path).is_ok()
    }

    fn read_dir(&self, _path: &Path) -> io::Result<Vec<PathBuf>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn remove_file(&self, _path: &Path) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }
}
