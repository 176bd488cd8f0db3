//! What happens to a file that is new, old, damaged, shared or lost.

use patchbay_core::Hints;
use patchbay_database::{
    DatabaseError, Format, back_up, back_up_regularly, backups, check, open, restore, start_empty,
};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const STEPS: [&str; 3] = [
    "CREATE TABLE shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
     CREATE TABLE books (id INTEGER PRIMARY KEY, shelf INTEGER NOT NULL REFERENCES shelves (id), title TEXT NOT NULL) STRICT;",
    // Rebuilds a table that another refers to, which foreign keys would refuse.
    "CREATE TABLE new_shelves (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, height INTEGER NOT NULL DEFAULT 1) STRICT;
     INSERT INTO new_shelves (id, name) SELECT id, name FROM shelves;
     DROP TABLE shelves;
     ALTER TABLE new_shelves RENAME TO shelves;",
    "CREATE INDEX books_by_shelf ON books (shelf);",
];

const FORMAT: Format = Format { name: "library", restore: "patchbay restore", steps: &STEPS };

/// The format as an earlier program knew it.
fn format_of(version: usize) -> Format {
    Format { name: "library", restore: "patchbay restore", steps: &STEPS[..version] }
}

struct Library {
    folder: TempDir,
}

impl Library {
    fn of_version(version: usize) -> Self {
        let library = Self { folder: tempfile::tempdir().expect("a folder") };
        library.add(&format_of(version), 0..40);
        library
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("library.sqlite")
    }

    fn add(&self, format: &Format, numbers: std::ops::Range<u32>) {
        let connection = open(&self.path(), format).expect("opens");
        connection.execute("INSERT OR IGNORE INTO shelves (id, name) VALUES (1, 'upper')", []).expect("written");
        for number in numbers {
            let title = format!("{number} {}", "of many pages ".repeat(100));
            connection.execute("INSERT INTO books VALUES (?1, 1, ?2)", (number + 1, title)).expect("written");
        }
    }

    fn books(&self) -> u32 {
        count(&open(&self.path(), &FORMAT).expect("opens"))
    }

    /// The refusal to open it, after a look that the file was left as it was.
    fn refusal(&self) -> DatabaseError {
        let before = std::fs::read(self.path()).ok();
        let error = open(&self.path(), &FORMAT).expect_err("is refused");
        assert_eq!(std::fs::read(self.path()).ok(), before, "a refused file stays as it is");
        error
    }
}

fn count(connection: &Connection) -> u32 {
    connection.query_row("SELECT count(*) FROM books", [], |row| row.get(0)).expect("readable")
}

fn overwrite(path: &Path, at: usize, with: &[u8]) {
    let mut bytes = std::fs::read(path).expect("readable");
    bytes[at..at + with.len()].copy_from_slice(with);
    std::fs::write(path, bytes).expect("writable");
}

#[test]
fn a_new_file_is_private_durable_and_whole() {
    let library = Library::of_version(3);
    let connection = open(&library.path(), &FORMAT).expect("opens");
    let pragma = |name: &str| -> String {
        connection
            .query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| row.get(0))
            .expect("known")
    };
    assert_eq!(
        ["journal_mode", "synchronous", "foreign_keys", "fullfsync", "user_version"].map(pragma),
        ["wal", "2", "1", "1", "3"],
        "an acknowledged commit is on the disk"
    );
    let entries: Vec<_> = std::fs::read_dir(library.folder.path()).expect("readable").flatten().collect();
    assert!(
        entries.iter().all(|entry| entry.file_name().to_string_lossy().starts_with("library.sqlite")),
        "{entries:?}"
    );
    #[cfg(unix)]
    for entry in entries {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(entry.metadata().expect("there").permissions().mode() & 0o077, 0, "{entry:?}");
    }
}

#[test]
fn every_earlier_version_is_upgraded_after_a_backup_of_it() {
    for version in 1..STEPS.len() {
        let library = Library::of_version(version);
        assert_eq!(library.books(), 40, "nothing is lost from version {version}");
        check(&library.path(), &FORMAT).expect("it is whole");
        let kept = backups(&library.path());
        assert_eq!(
            kept.iter().map(|backup| backup.version).collect::<Vec<_>>(),
            [i64::try_from(version).expect("small")]
        );
        let old = Connection::open(&kept[0].path).expect("opens");
        assert_eq!(count(&old), 40, "the backup has everything");
        let upgraded = open(&library.path(), &FORMAT).expect("opens");
        let orphan = upgraded.execute("INSERT INTO books VALUES (999, 77, 'of no shelf')", []);
        assert!(orphan.is_err(), "foreign keys hold again after an upgrade");
    }
}

#[test]
fn a_step_that_fails_leaves_the_old_version_usable() {
    static FAILING: [&str; 3] = [STEPS[0], STEPS[1], "CREATE TABLE books (id INTEGER);"];
    static DANGLING: [&str; 2] = [STEPS[0], "DELETE FROM shelves;"];
    let library = Library::of_version(1);
    let error = open(&library.path(), &Format { name: "library", restore: "patchbay restore", steps: &FAILING })
        .expect_err("cannot be taken");
    assert!(matches!(error, DatabaseError::Failed { .. }), "{error:?}");
    let error = open(&library.path(), &Format { name: "library", restore: "patchbay restore", steps: &DANGLING })
        .expect_err("cannot be taken");
    assert!(error.to_string().contains("damaged"), "{error:?}");
    assert_eq!(count(&open(&library.path(), &format_of(1)).expect("opens as before")), 40);
}

#[test]
fn processes_that_open_at_once_upgrade_once() {
    let library = Library::of_version(1);
    let path = library.path();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(count(&open(&path, &FORMAT).expect("opens")), 40));
        }
    });
    let fresh = library.folder.path().join("other.sqlite");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(count(&open(&fresh, &FORMAT).expect("opens")), 0));
        }
    });
}

#[test]
fn damage_is_named_and_answered_with_the_newest_backup() {
    type Spoil = fn(&Path);
    let spoil: [(&str, Spoil); 5] = [
        ("cut in half", |path| {
            let length = std::fs::metadata(path).expect("there").len();
            let file = std::fs::OpenOptions::new().write(true).open(path).expect("writable");
            file.set_len(length / 2).expect("writable");
        }),
        ("emptied", |path| std::fs::write(path, "").expect("writable")),
        ("another file", |path| std::fs::write(path, "not a database ".repeat(1000)).expect("writable")),
        ("another program's", |path| {
            std::fs::remove_file(path).expect("there");
            let other = Connection::open(path).expect("opens");
            other.execute_batch("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 3;").expect("written");
        }),
        ("header overwritten", |path| overwrite(path, 0, &[0x5a; 200])),
    ];
    for (how, spoil) in spoil {
        let library = Library::of_version(3);
        let backup = back_up(&library.path(), &FORMAT).expect("a backup").path;
        spoil(&library.path());
        let error = match open(&library.path(), &FORMAT) {
            // What lies in the middle of the file is found by reading all of it.
            Ok(connection) => {
                drop(connection);
                check(&library.path(), &FORMAT).expect_err(how)
            }
            Err(error) => error,
        };
        let DatabaseError::Damaged { path, .. } = &error else { panic!("{how}: {error:?}") };
        assert_eq!(*path, library.path(), "{how}");
        let hints = error.hints().join("\n");
        assert!(hints.contains("patchbay restore") && hints.contains(&*backup.to_string_lossy()), "{how}: {hints}");
        restore(&library.path(), &FORMAT, None).expect(how);
        assert_eq!(library.books(), 40, "{how}");
    }
}

#[test]
fn an_overwritten_page_is_found_and_never_backed_up() {
    let library = Library::of_version(3);
    let good = back_up(&library.path(), &FORMAT).expect("a backup");
    let length = std::fs::read(library.path()).expect("readable").len();
    overwrite(&library.path(), length / 2, &[0x5a; 4096]);
    let error = check(&library.path(), &FORMAT).expect_err("is damaged");
    assert!(matches!(error, DatabaseError::Damaged { .. }), "{error:?}");
    assert!(back_up(&library.path(), &FORMAT).is_err(), "a damaged file must not push out good backups");
    assert_eq!(backups(&library.path()), [good]);
}

#[test]
fn nothing_starts_empty_in_the_place_of_what_was_lost() {
    let library = Library::of_version(3);
    back_up(&library.path(), &FORMAT).expect("a backup");
    std::fs::remove_file(library.path()).expect("there");
    let error = library.refusal();
    assert!(matches!(error, DatabaseError::Missing { .. }), "{error:?}");
    let restored = restore(&library.path(), &FORMAT, None).expect("restored");
    assert_eq!(restored.kept_aside, None);
    assert_eq!(library.books(), 40);

    let emptied = Connection::open(library.path()).expect("opens");
    emptied.execute_batch("DROP TABLE books; DROP TABLE shelves; PRAGMA user_version = 0;").expect("written");
    drop(emptied);
    assert!(matches!(library.refusal(), DatabaseError::Damaged { .. }));
    let restored = start_empty(&library.path(), &FORMAT).expect("on purpose it may be empty");
    assert!(restored.kept_aside.is_some_and(|kept| kept.is_file()));
    assert_eq!(library.books(), 0);
}

#[test]
fn a_newer_version_is_refused_and_an_older_backup_offered() {
    let library = Library::of_version(2);
    assert_eq!(library.books(), 40);
    let error = open(&library.path(), &format_of(2)).expect_err("is newer");
    let DatabaseError::TooNew { found: 3, known: 2, backup: Some(backup), .. } = &error else { panic!("{error:?}") };
    assert!(error.hints()[1].contains(&*backup.to_string_lossy()), "{:?}", error.hints());
    restore(&library.path(), &format_of(2), None).expect("restored");
    assert_eq!(count(&open(&library.path(), &format_of(2)).expect("opens")), 40);
}

#[test]
fn a_restore_keeps_what_was_there_with_its_log() {
    let library = Library::of_version(3);
    back_up(&library.path(), &FORMAT).expect("a backup");
    let connection = open(&library.path(), &FORMAT).expect("opens");
    connection.execute("INSERT INTO books VALUES (500, 1, 'written since')", []).expect("written");
    let log = std::fs::read(library.folder.path().join("library.sqlite-wal")).expect("there is a log");
    drop(connection);
    // As after `kill -9`: the log is there, and nobody has the file open.
    std::fs::write(library.folder.path().join("library.sqlite-wal"), log).expect("writable");
    let restored = restore(&library.path(), &FORMAT, None).expect("restored");
    assert_eq!(library.books(), 40, "the old log is not applied to the backup");
    let kept = restored.kept_aside.expect("kept");
    assert_eq!(count(&open(&kept, &FORMAT).expect("opens")), 41, "what was there is kept with its log");

    let damaged = library.folder.path().join("copy.sqlite");
    std::fs::write(&damaged, "nothing of ours".repeat(1000)).expect("writable");
    let error = restore(&library.path(), &FORMAT, Some(&damaged)).expect_err("is no backup");
    assert!(matches!(&error, DatabaseError::Damaged { path, .. } if *path == damaged), "{error:?}");
    assert_eq!(library.books(), 40, "a restore that fails changes nothing");
}

#[test]
fn backups_are_regular_few_and_in_order_whatever_the_clock_says() {
    const DAY: Duration = Duration::from_hours(24);
    let library = Library::of_version(2);
    library.add(&FORMAT, 100..101);
    let newest = |library: &Library| backups(&library.path()).remove(0);
    assert_eq!(newest(&library).version, 2);
    assert_eq!(back_up_regularly(&library.path(), &FORMAT, DAY).expect("possible"), None, "one of today is enough");
    for clock in [SystemTime::now() - 2 * DAY, SystemTime::now() + 400 * DAY] {
        let last = newest(&library);
        let file = std::fs::File::options().write(true).open(&last.path).expect("writable");
        file.set_modified(clock).expect("settable");
        let made = back_up_regularly(&library.path(), &FORMAT, DAY).expect("possible").expect("it is time");
        assert_eq!(newest(&library), made, "the newest is the last one made");
        assert_eq!(made.number, last.number + 1);
    }
    for _ in 0..10 {
        back_up(&library.path(), &FORMAT).expect("possible");
    }
    let kept: Vec<_> = backups(&library.path()).iter().map(|backup| (backup.number, backup.version)).collect();
    let expected: Vec<_> = (7..=13).rev().map(|number| (number, 3)).chain([(1, 2)]).collect();
    assert_eq!(kept, expected, "seven, and the last one of the version before");
}

#[test]
fn a_backup_under_writes_has_only_whole_transactions() {
    let library = Library::of_version(3);
    let path = library.path();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut connection = open(&path, &FORMAT).expect("opens");
            let mut next = 1000;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let transaction = connection.transaction().expect("begins");
                for _ in 0..2 {
                    next += 1;
                    transaction.execute("INSERT INTO books VALUES (?1, 1, 'one of two')", [next]).expect("written");
                }
                transaction.commit().expect("commits");
            }
        });
        for _ in 0..5 {
            let copy = Connection::open(back_up(&path, &FORMAT).expect("a backup").path).expect("opens");
            assert_eq!(count(&copy) % 2, 0, "both books of a transaction, or none");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
