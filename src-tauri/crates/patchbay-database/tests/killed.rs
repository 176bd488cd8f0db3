//! `kill -9` in the middle of an upgrade leaves the old version usable.

use patchbay_database::{Format, backups, check, open};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const OLD: Format = Format {
    name: "library",
    restore: "patchbay restore",
    steps: &["CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;"],
};

#[test]
fn a_killed_upgrade_leaves_the_old_version_usable() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("library.sqlite");
    let connection = open(&path, &OLD).expect("opens");
    for number in 0..20 {
        connection.execute("INSERT INTO books VALUES (?1, 'as it was')", [number]).expect("written");
    }
    drop(connection);
    // Each round kills it further into the step, as seen by how much it has written.
    for round in 0..6_u64 {
        let mut upgrade =
            Command::new(example("slow_upgrade")).arg(&path).stderr(Stdio::null()).spawn().expect("starts");
        let log = folder.path().join("library.sqlite-wal");
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::fs::metadata(&log).map_or(0, |log| log.len()) <= round * 2_000_000 {
            assert!(upgrade.try_wait().expect("can be asked").is_none(), "round {round}: it ended too early");
            assert!(Instant::now() < deadline, "round {round}: it writes nothing");
            std::thread::yield_now();
        }
        upgrade.kill().expect("kills");
        upgrade.wait().expect("is gone");
        let connection = open(&path, &OLD).expect("opens as before");
        let unchanged: u32 = connection
            .query_row("SELECT count(*) FROM books WHERE title = 'as it was'", [], |row| row.get(0))
            .expect("reads");
        assert_eq!(unchanged, 20, "round {round}");
        drop(connection);
        check(&path, &OLD).expect("it is whole");
        assert!(backups(&path).iter().any(|backup| backup.version == 1), "round {round}: it was backed up first");
    }
}

/// An example of this crate, which Cargo builds beside the tests.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a path");
    let path = tests.ancestors().nth(2).expect("a target folder").join("examples").join(name);
    assert!(path.is_file(), "hint: `cargo build -p patchbay-database --examples` makes {}", path.display());
    path
}
