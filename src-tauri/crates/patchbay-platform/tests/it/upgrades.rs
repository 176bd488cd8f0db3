//! Stores that earlier versions of Patchbay wrote, as the SQL that made them. Each is served by this one.

use crate::support::{Fixture, NAMESPACE};
use http::Method;
use patchbay_platform::examine_store;
use sha2::{Digest, Sha256};

/// Version 1, word for word: tables, and rows as an upload made them.
const VERSION_1: &str = r#"
    CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE namespaces (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        trusted INTEGER NOT NULL DEFAULT 0,
        created_on TEXT NOT NULL,
        modified_on TEXT NOT NULL
    ) STRICT;
    CREATE TABLE scripts (
        id INTEGER PRIMARY KEY,
        namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        tag TEXT NOT NULL UNIQUE,
        tags TEXT NOT NULL,
        live_version TEXT NOT NULL,
        created_on TEXT NOT NULL,
        modified_on TEXT NOT NULL,
        UNIQUE (namespace_id, name)
    ) STRICT;
    CREATE TABLE versions (
        id TEXT PRIMARY KEY,
        script_id INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL,
        entry TEXT NOT NULL,
        etag TEXT NOT NULL,
        bindings TEXT NOT NULL,
        details TEXT NOT NULL,
        created_on TEXT NOT NULL,
        UNIQUE (script_id, sequence)
    ) STRICT;
    CREATE TABLE contents (hash TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
    CREATE TABLE modules (
        version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        hash TEXT NOT NULL REFERENCES contents (hash),
        PRIMARY KEY (version_id, position)
    ) STRICT;
    CREATE INDEX modules_by_hash ON modules (hash);
    CREATE TABLE routing (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

    INSERT INTO facts VALUES ('account_id', CAST('0123456789abcdef0123456789abcdef' AS BLOB));
    INSERT INTO namespaces VALUES
        ('5f2a3c9e-0000-4000-8000-000000000001', 'demo-production', 0, '2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z');
    INSERT INTO scripts VALUES
        (1, '5f2a3c9e-0000-4000-8000-000000000001', 'customer-a-notion', '00000000000000000000000000000011',
         '["tenant:customer-a"]', '00000000000000000000000000000021', '2026-01-02T03:04:05.000000Z', '2026-01-02T03:04:05.000000Z');
    INSERT INTO versions VALUES
        ('00000000000000000000000000000021', 1, 1, 'index.js', 'an-etag', '[{"type":"plain_text","name":"WORD","text":"kept"}]',
         '{"compatibility_date":"2026-06-01","compatibility_flags":[],"limits":null,"handlers":["fetch"],"named_handlers":[],"startup_time_ms":1,"deployed_from":"api","other":{"logpush":true}}',
         '2026-01-02T03:04:05.000000Z');
    INSERT INTO routing VALUES ('key:hooks.example.test', '{"tenant":"customer-a","adapter":"notion"}');
    PRAGMA user_version = 1;
"#;

const SOURCE: &str = "export default { fetch: (_, env) => new Response(env.WORD) }";

/// Writes a store of a version into a folder.
fn write(folder: &std::path::Path, version: &str) {
    let store = rusqlite::Connection::open(folder.join("platform.sqlite")).expect("opens");
    store.execute_batch(version).expect("written");
    let hash = hex::encode(Sha256::digest(SOURCE));
    store.execute("INSERT INTO contents VALUES (?1, ?2)", (&hash, SOURCE.as_bytes())).expect("written");
    store
        .execute(
            "INSERT INTO modules SELECT id, 0, 'index.js', 'application/javascript+module', ?1 FROM versions",
            [&hash],
        )
        .expect("written");
}

#[tokio::test]
async fn the_store_of_each_earlier_version_is_served_and_backed_up_before_it_is_changed() {
    for (version, sql) in (1_i64..).zip([VERSION_1]) {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), sql);
        let fixture = Fixture::start_in(folder).await.expect("starts");
        assert_eq!(fixture.platform.account_id(), "0123456789abcdef0123456789abcdef");
        assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "kept", "version {version}");
        let headers = [("x-route", "key:hooks.example.test")];
        assert_eq!(fixture.deliver("", "", &headers, "").await.json()["adapter"], "notion", "version {version}");
        // A version of today follows the one of then.
        let answer = fixture.script(
            Method::PUT,
            "customer-a-notion/secrets",
            r#"{"type":"secret_text","name":"NEW","text":"one"}"#,
        );
        assert_eq!(answer.await.status, 200);
        let scripts = fixture.api(Method::GET, &format!("/workers/dispatch/namespaces/{NAMESPACE}/scripts"), "").await;
        assert_eq!(scripts.json()["result"][0]["created_on"], "2026-01-02T03:04:05.000000Z", "version {version}");
        let folder = fixture.stop().await;
        let store = rusqlite::Connection::open(folder.path().join("platform.sqlite")).expect("opens");
        let newest: i64 = store.pragma_query_value(None, "user_version", |row| row.get(0)).expect("reads");
        let backups = examine_store(folder.path()).expect("whole").expect("there");
        let has_backup = backups.iter().any(|backup| backup.version == version);
        assert!(newest == version || has_backup, "version {version} is kept: {backups:?}");
    }
}

#[test]
fn every_released_version_stands_here() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), VERSION_1);
    // Fails when a released step is edited: then the store of that time is one of another program.
    examine_store(folder.path()).expect("is a store of version 1");
}
