//! The private folder of a running platform: sockets, and configs of its processes. Nothing in it outlives the platform,
//! and what one leaves that was killed, the next one removes, whoever's state it runs on.
//!
//! A lock in the folder, which the kernel gives back, says that its platform runs.

use crate::error::PlatformError;
use rustix::process::geteuid;
use std::fs::{self, File, Permissions, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

const PREFIX: &str = "patchbay-run-";
const LOCK: &str = "lock";
/// A folder without a lock may be of a platform that is about to take it.
const NEW: Duration = Duration::from_mins(1);
/// Tries to make a folder that nobody takes for a dead one meanwhile.
const TRIES: usize = 10;

/// The folder, removed with this value.
pub(crate) struct RunFolder {
    folder: TempDir,
    _lock: File,
}

impl RunFolder {
    /// Makes a folder, after removing those of platforms that are gone.
    pub(super) fn make() -> Result<Self, PlatformError> {
        let place = std::env::temp_dir();
        sweep(&place);
        let failed = |source| PlatformError::file("create", &place, source);
        for _ in 0..TRIES {
            let folder = tempfile::Builder::new()
                .prefix(PREFIX)
                // Whoever can enter it can connect to the sockets.
                .permissions(Permissions::from_mode(0o700))
                .tempdir_in(&place)
                .map_err(failed)?;
            let lock = folder.path().join(LOCK);
            let file = File::create(&lock).map_err(failed)?;
            // Somebody who swept at this moment has the lock, and then the folder goes.
            match file.try_lock() {
                Ok(()) if lock.exists() => return Ok(Self { folder, _lock: file }),
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
        Err(failed(std::io::ErrorKind::AlreadyExists.into()))
    }

    /// Where it is. Short, because a socket's path may have 108 bytes.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders of this user's platforms that are gone.
fn sweep(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    let ours = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in ours.map(|entry| entry.path()) {
        // A lock is held until everything is gone.
        let Some(_left) = left_behind(&folder) else { continue };
        if let Err(error) = fs::remove_dir_all(&folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %folder.display(), %error, "a folder that a killed platform left cannot be removed");
        }
    }
}

/// A folder whose platform is gone.
enum Left {
    /// With its lock, which nobody else can take now.
    Locked(#[expect(dead_code, reason = "held, not used")] File),
    /// Its platform was killed before it had one.
    Bare,
}

/// Whether a folder is one whose platform is gone, and not one that may be alive or is somebody else's.
fn left_behind(folder: &Path) -> Option<Left> {
    let found = fs::symlink_metadata(folder).ok()?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() {
        return None;
    }
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok().then_some(Left::Locked(lock)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let age = found.modified().ok()?.elapsed().ok()?;
            (age > NEW).then_some(Left::Bare)
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LOCK, PREFIX, RunFolder, sweep};
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    #[test]
    fn folders_of_the_dead_go_and_all_others_stay() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = |name: &str| {
            let folder = place.path().join(name);
            fs::create_dir(&folder).expect("made");
            fs::write(folder.join("socket"), "").expect("written");
            folder
        };
        let (dead, living) = (folder(&format!("{PREFIX}dead")), folder(&format!("{PREFIX}living")));
        File::create(dead.join(LOCK)).expect("made");
        let held = File::create(living.join(LOCK)).expect("made");
        held.lock().expect("locks");
        let (new, old) = (folder(&format!("{PREFIX}new")), folder(&format!("{PREFIX}old")));
        let long_ago = SystemTime::now() - Duration::from_hours(1);
        File::open(&old).and_then(|old| old.set_modified(long_ago)).expect("set");
        let other = folder("patchbay-other");
        let linked = place.path().join(format!("{PREFIX}link"));
        std::os::unix::fs::symlink(&other, &linked).expect("linked");
        sweep(place.path());
        assert!(!dead.exists() && !old.exists());
        for kept in [living, new, other.join("socket"), linked] {
            assert!(kept.exists(), "{}", kept.display());
        }
    }

    #[test]
    fn a_folder_of_a_platform_that_runs_is_no_leftover() {
        let mine = RunFolder::make().expect("made");
        let path = mine.path().to_owned();
        let other = RunFolder::make().expect("made");
        assert!(path.is_dir() && other.path().is_dir());
        drop(mine);
        assert!(!path.exists());
    }
}
