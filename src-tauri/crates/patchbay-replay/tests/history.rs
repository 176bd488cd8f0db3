//! The history file: reopened, shared, bounded, and refused when it is of a later time.

mod support;

use patchbay_core::Hints;
use patchbay_replay::{History, HistoryFilter, Replacement, ReplayError, Trace};
use std::path::Path;

fn trace(id: &str, tenant: &str, adapter: &str) -> Trace {
    let whole = if adapter == "broken" { support::failed() } else { support::trace() };
    Trace { id: id.into(), tenant: tenant.into(), adapter: adapter.into(), ..whole }
}

fn ids(history: &History, filter: &HistoryFilter) -> Vec<String> {
    history.list(filter).expect("a list").into_iter().map(|summary| summary.id).collect()
}

#[test]
fn traces_survive_reopening_and_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(".patchbay/history.sqlite");
    let history = History::open(&path).expect("a new history");
    let mut first = trace("1", "customer-a", "echo");
    first.expect(&serde_json::json!({ "status": 500 }));
    history.append(&first).expect("kept");
    history.append(&trace("2", "customer-a", "broken")).expect("kept");
    history.append(&trace("3", "customer-b", "echo")).expect("kept");
    drop(history);

    let history = History::open(&path).expect("the same history");
    assert_eq!(history.show("1").expect("readable"), Some(first), "nothing of a trace should get lost");
    assert_eq!(history.show("9").expect("readable"), None);
    assert_eq!(ids(&history, &HistoryFilter::default()), ["3", "2", "1"]);
    let of_a = HistoryFilter { tenant: Some("customer-a".into()), ..HistoryFilter::default() };
    assert_eq!(ids(&history, &of_a), ["2", "1"]);
    let adapter = HistoryFilter { adapter: Some("echo".into()), limit: Some(1), ..of_a };
    let found = history.list(&adapter).expect("a list");
    assert_eq!((found[0].id.as_str(), found[0].as_expected, found[0].outbound_calls), ("1", Some(false), 2));
    let broken = history.show("2").expect("readable").expect("there").summary();
    assert_eq!((broken.status, broken.as_expected), (None, None));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else on the machine should read it");
    }
}

#[test]
fn only_the_newest_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::open_keeping(&folder.path().join("history.sqlite"), 3).expect("a history");
    for number in 0..7 {
        history.append(&trace(&number.to_string(), "customer-a", "echo")).expect("kept");
    }
    assert_eq!(ids(&history, &HistoryFilter::default()), ["6", "5", "4"]);
    history.append(&trace("5", "customer-a", "echo")).expect("replaced");
    assert_eq!(ids(&history, &HistoryFilter::default()), ["5", "6", "4"], "an id stands once");
}

#[test]
fn many_writers_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    // Each thread has a connection of its own, as another process would, and also races to make the file.
    let write = |path: &Path, writer: u32| {
        let history = History::open(path).expect("a history");
        for number in 0..25 {
            history.append(&trace(&format!("{writer}-{number}"), "customer-a", "echo")).expect("kept");
        }
    };
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let (path, write) = (&path, &write);
            scope.spawn(move || write(path, writer));
        }
    });
    let history = History::open(&path).expect("a history");
    assert_eq!(ids(&history, &HistoryFilter::default()).len(), 150);
}

#[test]
fn a_newer_format_and_a_file_that_is_no_history_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    drop(History::open(&path).expect("a history"));
    let connection = rusqlite::Connection::open(&path).expect("the file");
    connection.pragma_update(None, "user_version", 99).expect("a version of the future");
    drop(connection);
    let error = History::open(&path).err().expect("a newer history");
    assert!(error.to_string().ends_with("has version 99, this Patchbay knows 1"), "{error}");
    assert_eq!(error.hints(), ["Use the Patchbay that wrote it, or a newer one"]);

    let text = folder.path().join("text.sqlite");
    std::fs::write(&text, "this is not a database, and it is long enough to be looked at".repeat(20)).expect("written");
    let error = History::open(&text).err().expect("a text file");
    assert!(error.to_string().contains("text.sqlite") && error.to_string().contains("damaged"), "{error}");
    assert!(error.hints()[0].contains("patchbay restore history --empty"), "{:?}", error.hints());
    let replaced = History::replace(&text, &Replacement::Empty).expect("replaced");
    assert!(replaced.kept_aside.is_some_and(|kept| kept.is_file()), "nothing is thrown away");
    History::open(&text).expect("an empty history");

    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let error = History::open(&file.join("history.sqlite")).err().expect("a folder that is a file");
    assert!(matches!(error, ReplayError::HistoryFile { .. }), "{error:?}");
}

/// Version 1, word for word.
const VERSION_1: &str = "
    CREATE TABLE deliveries (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        tenant TEXT NOT NULL,
        adapter TEXT NOT NULL,
        started_ms INTEGER NOT NULL,
        status INTEGER,
        trace TEXT NOT NULL
    ) STRICT;
    CREATE INDEX deliveries_by_adapter ON deliveries (tenant, adapter, sequence);
    PRAGMA user_version = 1;
";

#[test]
fn the_history_of_each_earlier_version_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    let connection = rusqlite::Connection::open(&path).expect("opens");
    connection.execute_batch(VERSION_1).expect("written");
    let kept = trace("1", "customer-a", "echo");
    let text = serde_json::to_string(&kept).expect("JSON");
    connection
        .execute("INSERT INTO deliveries VALUES (1, '1', 'customer-a', 'echo', 0, 200, ?1)", [text])
        .expect("written");
    drop(connection);
    let history = History::open(&path).expect("opens");
    assert_eq!(history.show("1").expect("readable"), Some(kept));
    history.append(&trace("2", "customer-a", "echo")).expect("kept");
    assert_eq!(ids(&history, &HistoryFilter::default()), ["2", "1"]);
}
