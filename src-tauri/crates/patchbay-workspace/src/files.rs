//! Reading with a limit, writing whole or not at all, and one writer at a time.

use crate::error::WorkspaceError;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Largest source file. Nothing a Worker can run comes near it.
pub(crate) const SOURCE_MAX: u64 = 20_000_000;

/// Prefix of files and folders that are not finished yet. Listings skip everything that begins with a dot.
const UNFINISHED: &str = ".new-";

/// Reads a whole file; `None` where there is none. A larger one than `max` is refused without reading it.
pub(crate) fn read(path: &Path, max: u64) -> Result<Option<Vec<u8>>, WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("read", path, error);
    let too_large = |bytes| WorkspaceError::TooLarge { path: path.to_owned(), bytes, max };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let bytes = file.metadata().map_err(failed)?.len();
    if bytes > max {
        return Err(too_large(bytes));
    }
    let mut content = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
    // A file may grow while it is read.
    file.take(max + 1).read_to_end(&mut content).map_err(failed)?;
    if content.len() as u64 > max {
        return Err(too_large(content.len() as u64));
    }
    Ok(Some(content))
}

/// Reads a text file; `None` where there is none.
pub(crate) fn read_text(path: &Path, max: u64) -> Result<Option<String>, WorkspaceError> {
    read(path, max)?
        .map(|bytes| String::from_utf8(bytes).map_err(|_| WorkspaceError::NotText { path: path.to_owned() }))
        .transpose()
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), WorkspaceError> {
    fs::create_dir_all(path).map_err(|error| WorkspaceError::of_file("write", path, error))
}

/// Replaces or makes a file in one step: after a crash the old or the new content is there, never a part. The mode of an
/// existing file is kept.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("write", path, error);
    let folder = path.parent().expect("files of a workspace lie in a folder");
    // The umask applies to the mode of a new file, as it does to any program's.
    let mode = fs::metadata(path).map_or(0o666, |metadata| metadata.permissions().mode());
    let permissions = fs::Permissions::from_mode(mode);
    let mut file = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .permissions(permissions.clone())
        .tempfile_in(folder)
        .map_err(failed)?;
    fill(file.as_file_mut(), content, path)?;
    if path.exists() {
        file.as_file().set_permissions(permissions).map_err(failed)?;
    }
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder)
}

/// The same for a new file that is locked from its first moment on, until the returned file is closed.
pub(crate) fn replace_locked(path: &Path, content: &[u8]) -> Result<File, WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("write", path, error);
    let folder = path.parent().expect("files of a workspace lie in a folder");
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(failed)?;
    fill(file.as_file_mut(), content, path)?;
    file.as_file().lock().map_err(failed)?;
    let file = file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder)?;
    Ok(file)
}

/// Makes a folder with files in one step. Fails where the folder is there already.
pub(crate) fn make_folder_with(path: &Path, files: &[(String, Vec<u8>)]) -> Result<(), WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("write", path, error);
    let parent = path.parent().expect("folders of a workspace lie in a folder");
    make_folder(parent)?;
    let unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .permissions(fs::Permissions::from_mode(0o777))
        .tempdir_in(parent)
        .map_err(failed)?;
    for (relative, content) in files {
        let file = unfinished.path().join(relative);
        let folder = file.parent().expect("joined to a folder");
        make_folder(folder)?;
        let mut open = File::create(&file).map_err(|error| WorkspaceError::of_file("write", &file, error))?;
        fill(&mut open, content, &path.join(relative))?;
        sync_folder(folder)?;
    }
    sync_folder(unfinished.path())?;
    fs::rename(unfinished.path(), path).map_err(failed)?;
    // The folder has its final name; there is nothing left to clean up.
    let _ = unfinished.keep();
    sync_folder(parent)
}

/// Removes a folder so that it is either there or not, also after a crash half-way.
pub(crate) fn remove_folder(path: &Path) -> Result<(), WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("remove", path, error);
    let parent = path.parent().expect("folders of a workspace lie in a folder");
    let removed = tempfile::Builder::new().prefix(".removed-").tempdir_in(parent).map_err(failed)?;
    fs::rename(path, removed.path().join("folder")).map_err(failed)?;
    sync_folder(parent)?;
    removed.close().map_err(failed)
}

/// Removes a file; whether it was there.
pub(crate) fn remove(path: &Path) -> Result<bool, WorkspaceError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path.parent().expect("files of a workspace lie in a folder")).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(WorkspaceError::of_file("remove", path, error)),
    }
}

/// Names of the folders in a folder, sorted. Names that are not UTF-8 come with replacement characters, so that they
/// are listed and then refused as ids. Names that begin with a dot are skipped. A missing folder has none.
pub(crate) fn folder_names(path: &Path) -> Result<Vec<String>, WorkspaceError> {
    names(path, |entry| entry.path().is_dir())
}

/// Names of the `.json` files in a folder without their extension, sorted.
pub(crate) fn json_names(path: &Path) -> Result<Vec<String>, WorkspaceError> {
    let names = names(path, |entry| entry.path().is_file())?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".json")).map(str::to_owned).collect())
}

fn names(path: &Path, wanted: impl Fn(&fs::DirEntry) -> bool) -> Result<Vec<String>, WorkspaceError> {
    let failed = |error| WorkspaceError::of_file("read", path, error);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && wanted(&entry) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn fill(file: &mut File, content: &[u8], path: &Path) -> Result<(), WorkspaceError> {
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(|error| WorkspaceError::of_file("write", path, error))
}

fn sync_folder(folder: &Path) -> Result<(), WorkspaceError> {
    File::open(folder).and_then(|open| open.sync_all()).map_err(|error| WorkspaceError::of_file("write", folder, error))
}

/// The right to write, held until it is dropped; the system takes it back from a process that dies.
#[derive(Debug)]
pub(crate) struct WriteLock(#[expect(dead_code, reason = "the lock lives as long as the open file")] File);

/// Waits for the other writers, in this process and in others.
pub(crate) fn lock(state_folder: &Path, patience: Duration) -> Result<WriteLock, WorkspaceError> {
    make_state_folder(state_folder)?;
    let path = state_folder.join("write.lock");
    let failed = |error| WorkspaceError::of_file("write", &path, error);
    let mut file =
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path).map_err(failed)?;
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(Duration::from_millis(2)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed)?;
                let holder = Some(holder.trim().to_owned()).filter(|holder| !holder.is_empty());
                return Err(WorkspaceError::Busy { path, holder });
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

/// Makes `.patchbay/` with a `.gitignore` of its own, for workspaces whose root `.gitignore` does not name it.
pub(crate) fn make_state_folder(path: &Path) -> Result<(), WorkspaceError> {
    if path.join(".gitignore").exists() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| WorkspaceError::of_file("write", path, error))?;
    replace(&path.join(".gitignore"), b"*\n")
}

#[cfg(test)]
mod tests {
    use super::{fill, lock, replace};
    use crate::error::WorkspaceError;
    use std::fs::{self, OpenOptions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn a_full_disk_is_named() {
        let mut full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full");
        let error = fill(&mut full, b"content", Path::new("routes.json")).expect_err("no space");
        assert!(matches!(error, WorkspaceError::DiskFull { .. }), "{error:?}");
    }

    #[test]
    fn a_folder_that_takes_no_files_is_a_permission_error() {
        // Nobody may make files in sysfs, not even root.
        let error = replace(Path::new("/sys/kernel/patchbay.toml"), b"").expect_err("refused");
        assert!(matches!(error, WorkspaceError::Permission { .. } | WorkspaceError::ReadOnly { .. }), "{error:?}");
    }

    #[test]
    fn replacing_keeps_the_mode_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("temp folder");
        let path = folder.path().join("a.toml");
        fs::write(&path, "old").expect("writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("own file");
        replace(&path, b"new").expect("writable");
        assert_eq!(fs::read(&path).expect("there"), b"new");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o640);
        assert_eq!(folder.path().read_dir().expect("readable").count(), 1);
    }

    #[test]
    fn a_second_writer_is_told_who_writes() {
        let folder = tempfile::tempdir().expect("temp folder");
        let state = folder.path().join(".patchbay");
        let held = lock(&state, Duration::ZERO).expect("free");
        let error = lock(&state, Duration::from_millis(20)).expect_err("held");
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        drop(held);
        lock(&state, Duration::ZERO).expect("free again");
    }
}
