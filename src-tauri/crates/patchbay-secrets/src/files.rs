//! Files that only their owner may read: whole or not at all, and one writer at a time.

use crate::error::SecretsError;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Reads a whole file; `None` where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, SecretsError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SecretsError::of_file("read", path, error)),
    }
}

/// Makes a folder that only the owner may enter, and those above it.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), SecretsError> {
    let failed = |error| SecretsError::of_file("write", path, error);
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
    // A folder that was made by hand may be open to others.
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(failed)
}

/// Replaces a file in one step, mode 0600: after a crash the old or the new content is there, never a part.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), SecretsError> {
    let folder = path.parent().expect("our files lie in a folder");
    let failed = |error| SecretsError::of_file("write", path, error);
    // Made with mode 0600 by `tempfile`.
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(failed)?;
    fill(file.as_file_mut(), content, path)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder, path)
}

/// Removes a file for good; whether it was there.
pub(crate) fn remove(path: &Path) -> Result<bool, SecretsError> {
    match fs::remove_file(path) {
        Ok(()) => {
            sync_folder(path.parent().expect("our files lie in a folder"), path)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(SecretsError::of_file("remove", path, error)),
    }
}

fn fill(file: &mut File, content: &[u8], path: &Path) -> Result<(), SecretsError> {
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| SecretsError::of_file("write", path, error))
}

fn sync_folder(folder: &Path, path: &Path) -> Result<(), SecretsError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| SecretsError::of_file("write", path, error))
}

/// The right to write, held until it is dropped; the system takes it back from a process that dies.
#[derive(Debug)]
pub(crate) struct WriteLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

/// Waits for the other writers, in this process and in others.
pub(crate) fn lock(path: &Path, patience: Duration) -> Result<WriteLock, SecretsError> {
    let failed = |error| SecretsError::of_file("write", path, error);
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed)?;
                let holder = Some(holder.trim().to_owned()).filter(|holder| !holder.is_empty());
                return Err(SecretsError::Busy { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    file.rewind()
        .and_then(|()| file.set_len(0))
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(failed)?;
    Ok(WriteLock(file))
}

#[cfg(test)]
mod tests {
    use super::{fill, lock, replace};
    use crate::error::SecretsError;
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn a_full_disk_is_named() {
        let mut full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full");
        let error = fill(&mut full, b"content", Path::new("a.vault")).expect_err("no space");
        assert!(matches!(error, SecretsError::DiskFull { .. }), "{error:?}");
    }

    #[test]
    fn a_replaced_file_is_the_owners_alone() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("a.vault");
        File::create(&path).expect("temp folder").set_permissions(PermissionsExt::from_mode(0o644)).expect("own file");
        replace(&path, b"content").expect("writable");
        assert_eq!(path.metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_second_writer_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("a.lock");
        let held = lock(&path, Duration::ZERO).expect("free");
        let error = lock(&path, Duration::from_millis(20)).expect_err("held");
        let SecretsError::Busy { holder, .. } = error else { panic!("{error:?}") };
        assert_eq!(holder, Some(std::process::id().to_string()));
        drop(held);
        lock(&path, Duration::ZERO).expect("free again");
    }
}
