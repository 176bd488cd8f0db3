//! Exports as files that only their owner reads.

use crate::error::ReplayError;
use std::io::Write as _;
use std::path::Path;

/// Puts a text into a file, in the place of one that is there, with the mode 0600: the whole text or, when that fails,
/// nothing.
pub fn write(path: &Path, text: &str) -> Result<(), ReplayError> {
    let failed = |source| ReplayError::ExportFile { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
