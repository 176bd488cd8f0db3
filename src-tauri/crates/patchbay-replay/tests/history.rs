//! The history file: reopened, shared, bounded, and refused when it is of a later time.

mod support;

use patchbay_core::Hints;
use patchbay_replay::history::RunResult;
use patchbay_replay::trace::Origin;
use patchbay_replay::{History, HistoryQuery, Kept, Replacement, ReplayError, Retention, StatusFilter, Trace};
use std::path::Path;
use time::macros::datetime;

fn trace(id: &str, tenant: &str, adapter: &str) -> Trace {
    let whole = if adapter == "broken" { support::failed() } else { support::trace() };
    Trace { id: id.into(), tenant: tenant.into(), adapter: adapter.into(), ..whole }
}

fn new(folder: &tempfile::TempDir) -> History {
    History::open(&folder.path().join("history.sqlite")).expect("a history")
}

fn ids(history: &History, query: &HistoryQuery) -> Vec<String> {
    let page = history.search(query).expect("a page");
    page.deliveries.into_iter().map(|head| head.summary.id).collect()
}

fn whole(history: &History, id: &str) -> Trace {
    match history.show(id).expect("readable").expect("there") {
        Kept::Whole(trace) => *trace,
        Kept::Head(head) => panic!("only the head is kept: {head:?}"),
    }
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
    assert_eq!(whole(&history, "1"), first, "nothing of a trace should get lost");
    assert_eq!(history.show("9").expect("readable"), None);
    assert_eq!(ids(&history, &HistoryQuery::default()), ["3", "2", "1"]);
    let of_a = HistoryQuery { tenant: Some("customer-a".into()), ..HistoryQuery::default() };
    assert_eq!(ids(&history, &of_a), ["2", "1"]);
    let adapter = HistoryQuery { adapter: Some("echo".into()), limit: Some(1), ..of_a };
    let found = history.search(&adapter).expect("a page").deliveries;
    assert_eq!(found[0].summary, first.summary());
    assert_eq!((found[0].answer_bytes, found[0].outcome.as_deref()), (Some(69), Some("ok")));
    let broken = ids(&history, &HistoryQuery { status: Some(StatusFilter::NoAnswer), ..HistoryQuery::default() });
    assert_eq!(broken, ["2"]);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else on the machine should read it");
    }
}

#[test]
fn every_condition_has_to_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = new(&folder);
    let started = |minute: i64| datetime!(2026-11-21 08:00 UTC) + time::Duration::minutes(minute);
    let mut limited = Trace {
        started: started(1),
        run: Some("run-1".into()),
        event_id: Some("Ev0AB-12".into()),
        ..trace("1", "customer-a", "notes")
    };
    limited.response.as_mut().expect("an answer").status = 429;
    let received = Trace { started: started(2), origin: Origin::Inbox, ..trace("2", "customer-a", "notes") };
    let failed = Trace { started: started(3), run: Some("run-1".into()), ..trace("3", "customer-a", "broken") };
    let other = Trace { started: started(4), event_id: Some("ev0ab-12".into()), ..trace("4", "customer-b", "notes") };
    for trace in [&other, &failed, &received, &limited] {
        history.append(trace).expect("kept");
    }
    let found = |query: HistoryQuery| ids(&history, &query);
    let any = HistoryQuery::default;
    assert_eq!(found(any()), ["4", "3", "2", "1"], "by time, whatever order they were kept in");
    let run = Some("run-1".to_owned());
    assert_eq!(found(HistoryQuery { run: run.clone(), ..any() }), ["3", "1"]);
    assert_eq!(found(HistoryQuery { status: Some(StatusFilter::Class(4)), run, ..any() }), ["1"]);
    assert_eq!(found(HistoryQuery { status: Some(StatusFilter::Exactly(200)), ..any() }), ["4", "2"]);
    assert_eq!(
        found(HistoryQuery { event_id: Some("Ev0AB-12".into()), ..any() }),
        ["1"],
        "ids have upper and lower case"
    );
    assert_eq!(found(HistoryQuery { since: Some(started(2)), until: Some(started(3)), ..any() }), ["3", "2"]);
    assert_eq!(found(HistoryQuery { until: Some(started(1)), tenant: Some("customer-b".into()), ..any() }), [""; 0]);

    let text = |words: &str| found(HistoryQuery { text: Some(words.into()), ..any() });
    assert_eq!(text("ev0ab-12"), ["4", "1"], "a text has no upper and lower case");
    assert_eq!(text("Cannot read undefin*"), ["3"], "a message of an exception, and the beginning of a word");
    assert_eq!(text("data_sources"), ["4", "3", "2", "1"], "the URL of an outbound call");
    assert_eq!(text("rate_limited"), ["3"], "the answer of one");
    assert_eq!(text("5f0e3c1a-0000-4000-8000-000000000001").len(), 3, "an id in the answer");
    assert_eq!((text("efined"), text("undefin")), (Vec::new(), Vec::new()), "a part of a word is no word");
    assert_eq!(text("\" AND OR NOT ( * ^ nothing"), [""; 0], "a text is no language");
    let both = HistoryQuery { text: Some("TypeError".into()), adapter: Some("notes".into()), ..any() };
    assert_eq!(found(both), [""; 0]);
    let refused = |words: &str| history.search(&HistoryQuery { text: Some(words.into()), ..any() }).expect_err(words);
    assert!(matches!(refused("-- \" *"), ReplayError::NoWords { .. }));
    assert!(matches!(refused("created cr*"), ReplayError::ShortStart { .. }));
}

#[test]
fn a_list_goes_on_where_the_page_before_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = new(&folder);
    // More than a millisecond keeps in exact order: the rest comes after it.
    for number in 0..150 {
        history.append(&trace(&number.to_string(), "customer-a", "echo")).expect("kept");
    }
    for text in [None, Some("notion".to_owned())] {
        let mut query = HistoryQuery { limit: Some(40), text, ..HistoryQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = history.search(&query).expect("a page");
            seen.extend(page.deliveries.into_iter().map(|head| head.summary.id));
            query.before = page.next;
            if query.before.is_none() {
                break;
            }
        }
        let expected: Vec<String> = (0..150).rev().map(|number| number.to_string()).collect();
        assert_eq!(seen, expected);
    }
    let unknown = HistoryQuery { before: Some("999".into()), ..HistoryQuery::default() };
    assert!(matches!(history.search(&unknown), Err(ReplayError::UnknownDelivery { .. })));
}

#[test]
fn only_the_newest_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Retention { deliveries: 3, ..Retention::default() };
    let history = History::open_keeping(&folder.path().join("history.sqlite"), keep).expect("a history");
    for number in 0..7 {
        history.append(&trace(&number.to_string(), "customer-a", "echo")).expect("kept");
    }
    assert_eq!(ids(&history, &HistoryQuery::default()), ["6", "5", "4"]);
    let again = Trace { total_ms: 1.0, ..trace("5", "customer-a", "echo") };
    history.append(&again).expect("replaced");
    assert_eq!(ids(&history, &HistoryQuery::default()), ["6", "5", "4"], "an id stands once, at its time");
    assert_eq!(whole(&history, "5"), again);
    let found = HistoryQuery { text: Some("notion".into()), ..HistoryQuery::default() };
    assert_eq!(ids(&history, &found), ["6", "5", "4"], "nor are the others found by their words");
}

#[test]
fn heads_outlive_contents() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    let keep = Retention { content_bytes: 3_000, ..Retention::default() };
    let history = History::open_keeping(&path, keep).expect("a history");
    let started = |number: i64| datetime!(2026-11-21 08:00 UTC) + time::Duration::seconds(number);
    for number in 0..20 {
        let trace = Trace { started: started(number), ..trace(&number.to_string(), "customer-a", "echo") };
        history.append(&trace).expect("kept");
    }
    assert_eq!(ids(&history, &HistoryQuery::default()).len(), 20);
    let Some(Kept::Head(head)) = history.show("0").expect("readable") else { panic!("its contents are too old") };
    assert_eq!((head.summary.status, head.has_contents, head.summary.started), (Some(200), false, started(0)));
    assert_eq!(whole(&history, "19").started, started(19));
    let found = HistoryQuery { text: Some("notion".into()), ..HistoryQuery::default() };
    assert_eq!(ids(&history, &found).len(), 20, "what they were about is still known");
    let connection = rusqlite::Connection::open(&path).expect("opens");
    let (counted, stored): (i64, i64) = connection
        .query_row("SELECT (SELECT content_bytes FROM totals), (SELECT sum(length(trace)) FROM contents)", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("readable");
    assert_eq!(counted, stored);
    assert!(stored <= 3_000, "{stored}");
}

#[test]
fn what_was_received_is_there_before_it_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = new(&folder);
    let over = trace("1", "customer-a", "echo");
    let received = Trace { response: None, adapter_run: None, outbound: Vec::new(), ..over.clone() };
    history.begin(&received).expect("kept");
    let waiting = HistoryQuery { status: Some(StatusFilter::Received), ..HistoryQuery::default() };
    assert_eq!(ids(&history, &waiting), ["1"]);
    assert_eq!(whole(&history, "1"), received);
    history.append(&over).expect("completed");
    assert_eq!(ids(&history, &waiting), [""; 0]);
    assert_eq!(ids(&history, &HistoryQuery::default()), ["1"]);
    assert_eq!(whole(&history, "1"), over);
}

#[test]
fn a_run_is_read_in_the_order_in_which_it_was_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = new(&folder);
    let run = |id: &str, run: &str| Trace { run: Some(run.into()), ..trace(id, "customer-a", "echo") };
    history.append_all(&[run("1", "run-1"), run("2", "run-2"), run("3", "run-1")]).expect("kept");
    let ids: Vec<String> = history.run("run-1").expect("a run").into_iter().map(|trace| trace.id).collect();
    assert_eq!(ids, ["1", "3"]);
    assert!(history.run("run-9").expect("none").is_empty());

    let result = |run: &str, result: &str| RunResult {
        run: run.into(),
        kind: "load".into(),
        tenant: "customer-a".into(),
        adapter: "echo".into(),
        result: result.into(),
    };
    history.keep_result(&result("run-1", "{}")).expect("kept");
    history.keep_result(&result("run-2", "[]")).expect("kept");
    assert_eq!(history.last_result("load", "customer-a", "echo").expect("readable"), Some(result("run-2", "[]")));
    assert_eq!(history.last_result("load", "customer-a", "other").expect("readable"), None);
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
    assert_eq!(ids(&history, &HistoryQuery::default()).len(), 150);
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
    assert!(error.to_string().ends_with("has version 99, this Patchbay knows 2"), "{error}");
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
    let mut insert = connection
        .prepare(
            "INSERT INTO deliveries (id, tenant, adapter, started_ms, status, trace) VALUES (?, ?, 'echo', 0, 200, ?)",
        )
        .expect("a statement");
    // As version 1 wrote them: without what came later.
    let mut kept: Vec<Trace> = Vec::new();
    for number in 0..450 {
        let trace = trace(&number.to_string(), "customer-a", "echo");
        let mut text = serde_json::to_value(&trace).expect("JSON");
        let members = text.as_object_mut().expect("an object");
        members.retain(|name, _| !["run", "origin", "against", "event_id", "sender"].contains(&name.as_str()));
        insert.execute([&trace.id, &trace.tenant, &text.to_string()]).expect("written");
        kept.push(trace);
    }
    insert.execute(["damaged", "customer-a", "{"]).expect("written");
    drop(insert);
    drop(connection);

    let history = History::open(&path).expect("opens");
    assert_eq!(history.run("none").expect("readable").len(), 0);
    let expected: Vec<String> = (0..450).rev().map(|number| number.to_string()).collect();
    assert_eq!(ids(&history, &HistoryQuery::default()), expected);
    let words = HistoryQuery { text: Some("created".into()), limit: Some(1), ..HistoryQuery::default() };
    assert_eq!(ids(&history, &words), ["449"]);
    assert_eq!(whole(&history, "7"), kept[7]);
    history.append(&trace("new", "customer-a", "echo")).expect("kept");
    let backups = folder.path().join("backups").read_dir().expect("a backup is made first").count();
    assert_eq!(backups, 1);
    drop(history);
    let history = History::open(&path).expect("opens again");
    assert_eq!(ids(&history, &HistoryQuery::default()).len(), 451);
    let connection = rusqlite::Connection::open(&path).expect("opens");
    let left: String = connection.query_row("SELECT id FROM carried", [], |row| row.get(0)).expect("one row");
    assert_eq!(left, "damaged", "what cannot be read is not thrown away");
}

#[test]
fn an_export_has_what_a_search_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let keep = Retention { content_bytes: 100_000, ..Retention::default() };
    let history = History::open_keeping(&folder.path().join("history.sqlite"), keep).expect("a history");
    let started = |number: i64| datetime!(2026-11-21 08:00 UTC) + time::Duration::seconds(number);
    let traces: Vec<Trace> = (0..500)
        .map(|number| Trace { started: started(number), ..trace(&number.to_string(), "customer-a", "echo") })
        .collect();
    history.append_all(&traces).expect("kept");
    history.append(&trace("other", "customer-b", "echo")).expect("kept");
    let query = HistoryQuery { tenant: Some("customer-a".into()), ..HistoryQuery::default() };
    let output = folder.path().join("export.jsonl");
    let exported = history.export_to(&query, &output).expect("exported");
    let text = std::fs::read_to_string(&output).expect("readable");
    assert_eq!((exported.deliveries, exported.bytes), (500, text.len() as u64));
    assert!(exported.without_contents > 0 && exported.without_contents < 500, "{exported:?}");
    for (number, line) in text.lines().enumerate() {
        let expected = &traces[499 - number];
        let line: serde_json::Value = serde_json::from_str(line).expect("a line is a document");
        if line["contents_dropped"] == true {
            assert_eq!((line["id"].as_str(), line["status"].as_u64()), (Some(expected.id.as_str()), Some(200)));
        } else {
            assert_eq!(&serde_json::from_value::<Trace>(line).expect("a trace"), expected);
        }
    }
    let few = HistoryQuery { limit: Some(150), before: Some("400".into()), ..query };
    let mut lines = Vec::new();
    assert_eq!(history.export(&few, &mut lines).expect("exported").deliveries, 150);
    assert_eq!(lines.split(|byte| *byte == b'\n').count(), 151);

    let nowhere = folder.path().join("no/such/folder/export.jsonl");
    assert!(matches!(history.export_to(&few, &nowhere), Err(ReplayError::ExportFile { .. })));
    let unknown = HistoryQuery { before: Some("nobody".into()), ..HistoryQuery::default() };
    std::fs::write(&output, "as it was").expect("written");
    history.export_to(&unknown, &output).expect_err("no such delivery");
    assert_eq!(std::fs::read_to_string(&output).expect("readable"), "as it was");
}

#[test]
fn nothing_of_a_purged_tenant_stands_in_any_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    let connection = rusqlite::Connection::open(&path).expect("opens");
    connection.execute_batch(VERSION_1).expect("written");
    let about = |id: &str, tenant: &str, word: &str| Trace {
        sample: Some(format!("{word}-sample")),
        event_id: Some(format!("Ev{word}{id}")),
        ..trace(id, tenant, "echo")
    };
    let old = about("old", "customer-a", "zanzibar");
    let text = serde_json::to_string(&old).expect("JSON");
    connection
        .execute("INSERT INTO deliveries VALUES (1, 'old', 'customer-a', 'echo', 0, 200, ?1)", [text])
        .expect("written");
    drop(connection);

    let keep = Retention { deliveries: 150, content_bytes: 90_000 };
    let history = History::open_keeping(&path, keep).expect("opens");
    for number in 0..100 {
        history.append(&about(&format!("a{number}"), "customer-a", "zanzibar")).expect("kept");
        history.append(&about(&format!("b{number}"), "customer-b", "madagascar")).expect("kept");
    }
    let result = RunResult {
        run: "run-1".into(),
        kind: "load".into(),
        tenant: "customer-a".into(),
        adapter: "echo".into(),
        result: "\"zanzibar\"".into(),
    };
    history.keep_result(&result).expect("kept");
    let connection = rusqlite::Connection::open(&path).expect("opens");
    let contents: Vec<u8> = connection
        .query_row("SELECT trace FROM contents JOIN deliveries USING (sequence) WHERE id = 'a99'", [], |row| row.get(0))
        .expect("kept");
    let needles: [&[u8]; 4] = [b"zanzibar", b"anzibara", b"customer-a", &contents[contents.len() - 40..]];
    let files_with = |needle: &[u8]| -> Vec<String> {
        let backups = folder.path().join("backups");
        let files = [folder.path(), backups.as_path()].map(|folder| std::fs::read_dir(folder).expect("there"));
        files
            .into_iter()
            .flatten()
            .map(|file| file.expect("there").path())
            .filter(|file| file.is_file())
            .filter(|file| std::fs::read(file).expect("readable").windows(needle.len()).any(|part| part == needle))
            .map(|file| file.display().to_string())
            .collect()
    };
    for needle in needles {
        assert!(!files_with(needle).is_empty(), "there is something to remove: {}", String::from_utf8_lossy(needle));
    }

    let purged = history.purge("customer-a").expect("purged");
    assert_eq!((purged.deliveries, purged.backups.len()), (75, 1));
    for needle in needles {
        assert_eq!(files_with(needle), [""; 0], "{}", String::from_utf8_lossy(needle));
    }
    assert_eq!(ids(&history, &HistoryQuery::default()).len(), 75, "the other tenant's are there");
    assert_eq!(whole(&history, "b99"), about("b99", "customer-b", "madagascar"));
    assert_eq!(history.last_result("load", "customer-a", "echo").expect("readable"), None);
    let again = history.purge("customer-a").expect("purged");
    assert_eq!(again.deliveries, 0);
    drop((history, connection));
    History::replace(&path, &Replacement::NewestBackup).expect("the backup can be restored");
    assert!(ids(&History::open(&path).expect("opens"), &HistoryQuery::default()).is_empty());
}
