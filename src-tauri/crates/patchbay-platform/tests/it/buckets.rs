//! R2 buckets behind the runtime's own binding: each method of it, in a script that was uploaded.

use crate::support::{Fixture, NAMESPACE};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

const SOURCE: &str = include_str!("../fixtures/buckets.js");

/// A platform with the script `acme-bucket`, whose binding is the bucket `mine`.
struct Buckets(Fixture);

impl Buckets {
    async fn start() -> Self {
        let fixture = Fixture::start().await;
        publish(&fixture, "acme-bucket", "mine").await;
        Self(fixture)
    }

    /// What the steps of `tests/fixtures/buckets.js` return.
    async fn run(&self, steps: Value) -> Value {
        run(&self.0, "acme", steps).await
    }

    /// Files that hold bodies.
    fn files(&self) -> usize {
        files(self.0.folder.path()).len()
    }
}

async fn publish(fixture: &Fixture, script: &str, bucket: &str) {
    let tenant = script.rsplit_once('-').map_or(script, |(tenant, _)| tenant);
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": [format!("tenant:{tenant}")],
        "bindings": [{ "name": "BUCKET", "type": "r2_bucket", "bucket_name": bucket }] });
    let files = [("index.js", "application/javascript+module", SOURCE.as_bytes())];
    let answer = fixture.upload_parts(&format!("{NAMESPACE}/scripts/{script}"), &metadata, &files).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn run(fixture: &Fixture, tenant: &str, steps: Value) -> Value {
    let answer = fixture.deliver(tenant, "bucket", &[], &steps.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn files(state: &Path) -> Vec<PathBuf> {
    let runs = std::fs::read_dir(state.join("r2/files")).into_iter().flatten().flatten();
    runs.flat_map(|run| std::fs::read_dir(run.path()).into_iter().flatten().flatten().map(|file| file.path())).collect()
}

fn errors(answers: &Value) -> Vec<&str> {
    answers.as_array().expect("a list").iter().map(|answer| answer["error"].as_str().unwrap_or("-")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_comes_back_as_it_was_put() {
    let fixture = Buckets::start().await;
    let options = json!({ "httpMetadata": { "contentType": "text/plain", "contentLanguage": "de",
            "cacheControl": "no-store", "cacheExpiry": { "$date": 7000 } },
        "customMetadata": { "größe": "é", "a": "b" }, "storageClass": "InfrequentAccess",
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" });
    let answers = fixture
        .run(json!([
            ["get", "ordner/größe ?#%"],
            ["head", "ordner/größe ?#%"],
            ["put", "ordner/größe ?#%", "hello", options],
            ["get", "ordner/größe ?#%"],
            ["head", "ordner/größe ?#%"],
            ["put", "empty", null],
            ["get", "empty"]
        ]))
        .await;
    let expected = json!({ "key": "ordner/größe ?#%", "size": 5, "etag": "5d41402abc4b2a76b9719d911017c592",
        "httpMetadata": { "contentType": "text/plain", "contentLanguage": "de", "cacheControl": "no-store",
            "cacheExpiry": "1970-01-01T00:00:07.000Z" },
        "customMetadata": { "größe": "é", "a": "b" }, "storageClass": "InfrequentAccess",
        "checksums": { "md5": "5d41402abc4b2a76b9719d911017c592",
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" },
        "facts": [32, true, true] });
    assert_eq!(answers[0], Value::Null);
    assert_eq!(answers[1], Value::Null);
    assert_eq!(answers[2], expected);
    assert_eq!(answers[4], expected);
    let mut read = expected.clone();
    read["range"] = json!({ "offset": 0, "length": 5 });
    read["body"] = "hello".into();
    assert_eq!(answers[3], read);
    assert_eq!(answers[6]["body"], "");
    assert_eq!(answers[6]["etag"], "d41d8cd98f00b204e9800998ecf8427e");
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_conditions_hold() {
    let fixture = Buckets::start().await;
    let answers = fixture
        .run(json!([
            ["put", "k", "0123456789"],
            ["get", "k", { "range": { "offset": 3, "length": 4 } }],
            ["get", "k", { "range": { "suffix": 2 } }],
            ["get", "k", { "range": { "$headers": { "range": "bytes=8-" } } }],
            ["get", "k", { "range": { "offset": 11 } }],
            ["get", "k", { "onlyIf": { "etagMatches": "781e5e245d69b566979b86e28d23f2c7" } }],
            ["get", "k", { "onlyIf": { "etagDoesNotMatch": "781e5e245d69b566979b86e28d23f2c7" } }],
            ["get", "k", { "onlyIf": { "$headers": { "if-none-match": "\"x\", W/\"781e5e245d69b566979b86e28d23f2c7\"" } } }],
            ["put", "k", "new", { "onlyIf": { "etagDoesNotMatch": "*" } }],
            ["put", "k", "new", { "onlyIf": { "etagMatches": "x" } }],
            ["put", "k", "new", { "onlyIf": { "uploadedBefore": { "$date": 4_000_000_000_000_u64 } } }],
            ["get", "k"],
            ["put", "first", "x", { "onlyIf": { "etagDoesNotMatch": "*" } }]
        ]))
        .await;
    let body = |index: usize| answers[index]["body"].as_str().unwrap_or("-");
    assert_eq!([body(1), body(2), body(3), body(5), body(11)], ["3456", "89", "89", "0123456789", "new"]);
    assert_eq!(answers[1]["range"], json!({ "offset": 3, "length": 4 }));
    assert_eq!(answers[2]["range"], json!({ "offset": 8, "length": 2 }));
    assert_eq!(errors(&answers)[4], "get: The requested range is not satisfiable (10039)");
    for condition in [6, 7] {
        assert_eq!(answers[condition]["key"], "k", "a failed condition still says what the object is");
        assert_eq!(answers[condition].get("body"), None, "and does not read it");
    }
    assert_eq!([&answers[8], &answers[9]], [&Value::Null, &Value::Null]);
    assert_eq!(answers[12]["size"], 1);
    assert_eq!(fixture.files(), 2, "what was replaced or refused leaves no file");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_have_the_codes_of_r2() {
    let fixture = Buckets::start().await;
    let long = "k".repeat(1025);
    let answers = fixture
        .run(json!([
            ["put", "k", "hello", { "md5": "00000000000000000000000000000000" }],
            ["put", long, "x"],
            ["put", "", "x"],
            ["put", "k", "x", { "customMetadata": { "a": "b".repeat(8192) } }],
            ["put", "k", "x", { "storageClass": "Cold" }],
            ["put", "k", "x", { "ssecKey": "0".repeat(64) }],
            ["list", { "limit": 1001 }],
            ["list", { "cursor": "!" }],
            ["delete", (0..1001).map(|number| number.to_string()).collect::<Vec<_>>()],
            ["unknown", "k"],
            ["head", "k"]
        ]))
        .await;
    let found = errors(&answers);
    assert!(
        found[0].starts_with("put: The MD5 checksum you specified did not match what we received."),
        "{}",
        found[0]
    );
    assert!(found[0].ends_with("(10037)") && found[0].contains("5d41402abc4b2a76b9719d911017c592"), "{}", found[0]);
    let codes: Vec<&str> =
        found.iter().filter_map(|text| Some(text.rsplit_once('(')?.1.trim_end_matches(')'))).collect();
    assert_eq!(
        codes,
        ["10037", "10020", "10020", "10012", "10029", "10029", "10022", "10029", "10029", "10024"],
        "{found:?}"
    );
    assert!(!answers.to_string().contains(&"0".repeat(64)), "a customer's key is in no error");
    assert_eq!(answers[10], Value::Null);
    assert_eq!(fixture.files(), 0, "a refused body leaves no file");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_prefixes_groups_pages_and_metadata() {
    let fixture = Buckets::start().await;
    let keys = ["a/1", "a/2", "a/b/3", "b", "c/4", "ä"];
    let mut steps: Vec<Value> =
        keys.iter().map(|key| json!(["put", key, key, { "customMetadata": { "own": key } }])).collect();
    steps.push(json!(["list"]));
    steps.push(json!(["list", { "delimiter": "/" }]));
    steps.push(json!(["list", { "delimiter": "/", "prefix": "a/" }]));
    steps.push(json!(["list", { "limit": 2 }]));
    steps.push(json!(["list", { "startAfter": "b", "include": ["customMetadata"] }]));
    steps.push(json!(["delete", ["a/1", "b", "missing"]]));
    steps.push(json!(["delete", "ä"]));
    steps.push(json!(["list"]));
    let answers = fixture.run(json!(steps)).await;
    let names = |answer: &Value| -> Vec<String> {
        answer["objects"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|object| object["key"].as_str().expect("a key").to_owned())
            .collect()
    };
    assert_eq!(names(&answers[6]), keys);
    assert_eq!(answers[6]["objects"][0].get("customMetadata"), None, "metadata comes when it is asked for");
    assert_eq!(names(&answers[7]), ["b", "ä"]);
    assert_eq!(answers[7]["delimitedPrefixes"], json!(["a/", "c/"]));
    assert_eq!(
        (names(&answers[8]), &answers[8]["delimitedPrefixes"]),
        (vec!["a/1".into(), "a/2".into()], &json!(["a/b/"]))
    );
    assert_eq!((names(&answers[9]), &answers[9]["truncated"]), (vec!["a/1".into(), "a/2".into()], &json!(true)));
    assert_eq!(names(&answers[10]), ["c/4", "ä"]);
    assert_eq!(answers[10]["objects"][0]["customMetadata"], json!({ "own": "c/4" }));
    assert_eq!(names(&answers[13]), ["a/2", "a/b/3", "c/4"]);

    // Page by page, everything comes once, groups too.
    let mut cursor = Value::Null;
    let mut seen = Vec::new();
    loop {
        let mut options = json!({ "limit": 1, "delimiter": "/" });
        if !cursor.is_null() {
            options["cursor"] = cursor;
        }
        let page = fixture.run(json!([["list", options]])).await[0].clone();
        seen.extend(names(&page));
        seen.extend(
            page["delimitedPrefixes"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|group| group.as_str().expect("text").into()),
        );
        cursor = page["cursor"].clone();
        if page["truncated"] == json!(false) {
            break;
        }
    }
    assert_eq!(seen, ["a/", "c/"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_in_parts_become_one_object() {
    let fixture = Buckets::start().await;
    let size = 5 << 20;
    let answers = fixture
        .run(json!([
            ["create", "u", "big", { "httpMetadata": { "contentType": "text/big" }, "customMetadata": { "a": "b" } }],
            ["part", "u", 7, "left over"],
            ["head", "big"],
            ["parts", "u", [size, size, 3]],
            ["head", "big"],
            ["get", "big", { "range": { "offset": size - 1, "length": 2 } }],
            ["get", "big", { "range": { "suffix": 4 } }],
            ["complete", "u", [{ "partNumber": 1, "etag": "x" }]],
            ["part", "u", 1, "late"],
            ["abort", "u"],
            ["create", "small", "k", {}],
            ["parts", "small", [3, 3]],
            ["abort", "small"],
            ["create", "odd", "k", {}],
            ["parts", "odd", [size, size + 1]],
            ["complete", "odd", [{ "partNumber": 1, "etag": "x" }]],
            ["abort", "odd"],
            ["abort", "odd"],
            ["head", "k"]
        ]))
        .await;
    assert_eq!(answers[2], Value::Null, "an upload is no object before it is complete");
    assert_eq!(answers[4]["size"], 2 * size + 3);
    assert!(answers[4]["etag"].as_str().is_some_and(|etag| etag.ends_with("-3")), "{}", answers[4]);
    assert_eq!(answers[4]["httpMetadata"], json!({ "contentType": "text/big" }));
    assert_eq!(answers[4]["customMetadata"], json!({ "a": "b" }));
    assert_eq!([&answers[5]["body"], &answers[6]["body"]], ["ab", "bccc"]);
    let found = errors(&answers);
    assert_eq!(found[7], "completeMultipartUpload: The specified multipart upload does not exist. (10024)");
    assert_eq!(found[8], "uploadPart: The specified multipart upload does not exist. (10024)");
    assert_eq!(found[9], "-", "ending what is over is no error");
    assert!(found[11].ends_with("(10011)"), "{}", found[11]);
    assert!(found[14].ends_with("(10048)"), "{}", found[14]);
    assert!(found[15].ends_with("(10025)"), "{}", found[15]);
    assert_eq!([found[16], found[17]], ["-", "-"]);
    assert_eq!(answers[18], Value::Null);
    assert_eq!(fixture.files(), 3, "only the parts of the object are left");
    fixture.run(json!([["delete", "big"]])).await;
    assert_eq!(fixture.files(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_stream_passes_and_is_there_after_a_restart() {
    let fixture = Buckets::start().await;
    let size = 100 << 20;
    let answers = fixture.run(json!([["stream", "large", size]])).await;
    assert_eq!(answers[0], json!({ "size": size, "same": true }));
    let fixture = Fixture::start_in(fixture.0.stop().await).await.expect("starts again");
    assert_eq!(run(&fixture, "acme", json!([["head", "large"]])).await[0]["size"], size);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_platform_left_is_removed_and_what_it_finished_is_not() {
    let fixture = Buckets::start().await;
    fixture.run(json!([["put", "k", "kept"], ["create", "u", "part", {}], ["part", "u", 1, "kept, too"]])).await;
    let folder = fixture.0.stop().await;
    let kept = files(folder.path());
    assert_eq!(kept.len(), 2);
    // A file is written before a row names it; a platform that is killed in between leaves it.
    let left = kept[0].with_file_name("left");
    std::fs::write(&left, "half of a body").expect("writes");
    let fixture = Fixture::start_in(folder).await.expect("starts again");
    assert_eq!(run(&fixture, "acme", json!([["get", "k"]])).await[0]["body"], "kept");
    let gone = async {
        while left.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.expect("it is removed");
    assert_eq!(files(fixture.folder.path()), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_reaches_only_the_buckets_of_its_bindings() {
    let fixture = Fixture::start().await;
    publish(&fixture, "acme-bucket", "mine").await;
    publish(&fixture, "other-bucket", "another").await;
    run(&fixture, "acme", json!([["put", "k", "x"]])).await;
    let seen = run(&fixture, "other", json!([["get", "k"], ["list"], ["put", "k", "y"]])).await;
    assert_eq!((&seen[0], &seen[1]["objects"]), (&Value::Null, &json!([])));
    assert_eq!(run(&fixture, "acme", json!([["get", "k"]])).await[0]["body"], "x");
    // A bucket belongs to the account: who names it reaches it.
    publish(&fixture, "third-bucket", "mine").await;
    assert_eq!(run(&fixture, "third", json!([["get", "k"]])).await[0]["body"], "x");
}
