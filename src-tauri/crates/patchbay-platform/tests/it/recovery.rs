//! A store that is damaged, lost or of another time: said at the start, never replaced by an empty one, brought back.

use crate::support::{Fixture, answering, options};
use patchbay_core::Hints;
use patchbay_platform::{DatabaseError, Kept, Platform, PlatformError, Replacement, examine_store, replace_store};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn database(folder: &Path) -> PathBuf {
    folder.join("platform.sqlite")
}

async fn refusal(folder: &Path) -> PlatformError {
    let gateway = Arc::new(crate::support::Gateway::default());
    Platform::start(options(folder), gateway).await.err().expect("does not start")
}

/// A stopped platform's folder with one script and a backup of it. The script was published after the start, so the
/// backup is one of the second start.
async fn with_a_backup() -> TempDir {
    let fixture = Fixture::start().await;
    let secret = json!([{ "type": "secret_text", "name": "TOKEN", "text": "kept" }]);
    fixture.publish("customer-a-notion", "export default { fetch: (_, env) => new Response(env.TOKEN) }", secret).await;
    let folder = fixture.stop().await;
    let fixture = Fixture::start_in(folder).await.expect("starts");
    let deadline = Instant::now() + Duration::from_secs(20);
    while examine_store(fixture.folder.path()).expect("whole").expect("there").is_empty() {
        assert!(Instant::now() < deadline, "a start backs up what has no backup");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    fixture.stop().await
}

async fn serves_again(folder: TempDir) {
    let fixture = Fixture::start_in(folder).await.expect("starts");
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "kept");
    fixture.stop().await;
}

#[tokio::test]
async fn a_damaged_store_is_named_at_the_start_and_the_backup_brings_everything_back() {
    let spoil: [fn(&Path); 4] = [
        |path| std::fs::write(path, "").expect("writable"),
        |path| std::fs::remove_file(path).expect("there"),
        |path| {
            let length = std::fs::metadata(path).expect("there").len();
            let file = std::fs::OpenOptions::new().write(true).open(path).expect("writable");
            file.set_len(length - 8192).expect("writable");
        },
        // The header and the names of the tables stay readable.
        |path| {
            let mut bytes = std::fs::read(path).expect("readable");
            let from = bytes.len() / 2;
            bytes[from..].fill(0x5a);
            std::fs::write(path, bytes).expect("writable");
        },
    ];
    for (number, spoil) in spoil.into_iter().enumerate() {
        let folder = with_a_backup().await;
        spoil(&database(folder.path()));
        let error = refusal(folder.path()).await;
        assert!(
            matches!(error, PlatformError::Database(DatabaseError::Damaged { .. } | DatabaseError::Missing { .. })),
            "{number}: {error:?}"
        );
        assert!(error.to_string().contains(&*database(folder.path()).to_string_lossy()), "{number}: {error}");
        assert!(error.hints()[0].contains("patchbay restore"), "{number}: {:?}", error.hints());
        let restored = replace_store(folder.path(), Kept::Store, &Replacement::NewestBackup).expect("restored");
        assert!(restored.from.is_some_and(|backup| error.hints()[0].contains(&*backup.to_string_lossy())), "{number}");
        serves_again(folder).await;
    }
}

#[tokio::test]
async fn another_database_in_the_stores_place_is_refused() {
    let folder = with_a_backup().await;
    std::fs::remove_file(database(folder.path())).expect("there");
    let other = rusqlite::Connection::open(database(folder.path())).expect("opens");
    other.execute_batch("CREATE TABLE deliveries (id TEXT); PRAGMA user_version = 1;").expect("written");
    drop(other);
    let error = refusal(folder.path()).await;
    assert!(matches!(error, PlatformError::Database(DatabaseError::Damaged { .. })), "{error:?}");
    replace_store(folder.path(), Kept::Store, &Replacement::NewestBackup).expect("restored");
    serves_again(folder).await;
}

#[tokio::test]
async fn an_empty_store_takes_a_decision_and_keeps_the_old_one() {
    let folder = with_a_backup().await;
    let restored = replace_store(folder.path(), Kept::Store, &Replacement::Empty).expect("replaced");
    let aside = restored.kept_aside.expect("kept");
    let fixture = Fixture::start_in(folder).await.expect("starts");
    assert!(fixture.deliver("customer-a", "notion", &[], "").await.text().contains("Worker not found"));
    let running = replace_store(fixture.folder.path(), Kept::Store, &Replacement::NewestBackup);
    assert!(matches!(running, Err(PlatformError::AlreadyRunning { .. })), "{running:?}");
    let folder = fixture.stop().await;
    replace_store(folder.path(), Kept::Store, &Replacement::Backup(aside)).expect("what was kept can be put back");
    serves_again(folder).await;
}

#[tokio::test]
async fn without_a_backup_the_error_says_what_an_empty_store_would_mean() {
    let fixture = Fixture::start().await;
    let folder = fixture.stop().await;
    std::fs::write(database(folder.path()), "not a database".repeat(1000)).expect("writable");
    let error = refusal(folder.path()).await;
    assert!(error.hints()[0].contains("patchbay restore --empty"), "{:?}", error.hints());
    assert!(error.hints()[1].contains("publish those again"), "{:?}", error.hints());
    let none = replace_store(folder.path(), Kept::Store, &Replacement::NewestBackup).expect_err("there is none");
    assert!(matches!(none, PlatformError::Database(DatabaseError::NoBackup { .. })), "{none:?}");
    replace_store(folder.path(), Kept::Store, &Replacement::Empty).expect("replaced");
    let fixture = Fixture::start_in(folder).await.expect("starts");
    fixture.publish("customer-a-notion", &answering("again"), json!([])).await;
    fixture.stop().await;
}

#[tokio::test]
async fn a_large_store_is_served_while_it_is_checked_and_refuses_everything_once_damage_is_found() {
    let fixture = Fixture::start().await;
    for number in 0..6 {
        let source = format!("{}\n// {number} {}", answering("kept"), "x".repeat(3_500_000));
        fixture.publish(&format!("customer-a-{number}"), &source, json!([])).await;
    }
    let folder = fixture.stop().await;
    let mut bytes = std::fs::read(database(folder.path())).expect("readable");
    assert!(bytes.len() > 16 << 20, "it is large: {}", bytes.len());
    let from = bytes.len() - (1 << 20);
    bytes[from..].fill(0x5a);
    std::fs::write(database(folder.path()), bytes).expect("writable");
    let fixture = Fixture::start_in(folder).await.expect("starts");
    let deadline = Instant::now() + Duration::from_secs(20);
    let refusal = loop {
        let answer = fixture.upload("customer-b-notion", &answering("new"), json!([])).await;
        if answer.status != 200 {
            break answer.text();
        }
        assert!(Instant::now() < deadline, "damage is found");
    };
    assert!(refusal.contains("damaged") && refusal.contains("patchbay restore"), "{refusal}");
    fixture.stop().await;
}
