//! `kill -9` while deliveries are written loses none that was acknowledged.

#[expect(dead_code, reason = "this needs a part of them")]
mod support;

use patchbay_replay::{History, HistoryQuery};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How often two writers are killed.
const ROUNDS: usize = 12;

#[test]
fn killed_writers_lose_nothing_that_they_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("history.sqlite");
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let mut writers = [writer(&path, &format!("{round}-a")), writer(&path, &format!("{round}-b"))];
        // Each round kills them further on their way.
        let mut lines = BufReader::new(writers[0].stdout.take().expect("piped")).lines();
        for _ in 0..=round * 3 {
            acknowledged.push(lines.next().expect("it goes on").expect("readable"));
        }
        for writer in &mut writers {
            writer.kill().expect("kills");
        }
        let others = writers[1].stdout.take().expect("piped");
        acknowledged.extend(lines.map_while(Result::ok).filter(|line| !line.is_empty()));
        acknowledged.extend(BufReader::new(others).lines().map_while(Result::ok));
        for writer in &mut writers {
            writer.wait().expect("is gone");
        }

        History::examine(&path).expect("it is whole").expect("it is there");
        let history = History::open(&path).expect("opens");
        let trace = support::trace();
        for id in &acknowledged {
            assert!(history.show(id).expect("readable").is_some(), "round {round}: {id} was acknowledged");
        }
        let all = history.search(&HistoryQuery::default()).expect("a list").deliveries;
        // Beyond what was acknowledged there may be what a writer did not live to tell, one a writer and round.
        let untold = all.len() - acknowledged.len();
        assert!(untold <= 2 * (round + 1), "round {round}: {untold}");
        let words = HistoryQuery { text: trace.sample.clone(), ..HistoryQuery::default() };
        let found = history.search(&words).expect("a list").deliveries;
        assert_eq!(found, all, "round {round}: the index knows what the list has");
    }
}

fn writer(path: &Path, name: &str) -> Child {
    let mut writer = Command::new(example("append_deliveries"))
        .arg(path)
        .arg(name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let trace = serde_json::to_vec(&support::trace()).expect("JSON");
    writer.stdin.take().expect("piped").write_all(&trace).expect("readable");
    writer
}

/// An example of this crate, which Cargo builds beside the tests.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a path");
    let path = tests.ancestors().nth(2).expect("a target folder").join("examples").join(name);
    assert!(path.is_file(), "hint: `cargo build -p patchbay-replay --examples` makes {}", path.display());
    path
}
