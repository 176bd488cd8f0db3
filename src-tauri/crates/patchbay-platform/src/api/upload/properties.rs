//! Properties of reading uploads, over bodies that clients write and over bodies that nobody would.
//!
//! The seed is fixed, so that every run tries the same; `PROPTEST_RNG_SEED` gives another and `PROPTEST_CASES` more.

use super::Upload;
use crate::api::limits::{LONGEST_METADATA, LONGEST_MODULE_NAME};
use crate::api::parts::{MOST_PARTS, parts_of};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

const BOUNDARY: &str = "b";
const SEED: u64 = 0x5eed;

fn holds<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let seed = config.rng_seed;
    let run = TestRunner::new(config).run(strategy, property);
    assert!(run.is_ok(), "with PROPTEST_RNG_SEED={seed}: {}", run.expect_err("a counterexample"));
}

/// A part as it is written into a body.
#[derive(Debug, Clone)]
struct Written {
    name: String,
    filename: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["metadata", "index.js", "files", "files[]", "lib/a.mjs", "a.wasm", "settings"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["", "..", "/a", "a/../b", "__proto__", "a\\", "%00", "größe"]).prop_map(str::to_owned),
        1 => "[^\"\r\n]{0,40}",
    ]
}

fn content_type() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["application/javascript+module", "application/javascript", "text/plain", "application/wasm",
            "application/json", "application/source-map", "application/octet-stream"]).prop_map(str::to_owned),
        1 => "[ -~]{0,30}",
    ]
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(vec![
            r#"{"main_module":"index.js"}"#,
            r#"{"main_module":"index.js","bindings":[{"name":"A","type":"plain_text","text":"x"}],"tags":null}"#,
            r#"{"main_module":"lib/a.mjs","bindings":[{"name":"A"}],"limits":{"cpu_ms":1e400}}"#,
            r#"{"main_module":null}"#, r#"{"body_part":"script"}"#, r#"{"main_module":"index.js","main_module":"a"}"#,
            r#"{"assets":{"jwt":1},"main_module":"index.js"}"#, "[]", "null", "{", "export default {}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => (0_usize..300).prop_map(|depth| format!("{{\"a\":{}", "[".repeat(depth)).into_bytes()),
    ]
}

fn part() -> impl Strategy<Value = Written> {
    (name(), prop::option::of(name()), prop::option::of(content_type()), content())
        .prop_map(|(name, filename, content_type, content)| Written { name, filename, content_type, content })
}

fn encoded(parts: &[Written]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"", part.name).as_bytes(),
        );
        if let Some(filename) = &part.filename {
            body.extend_from_slice(format!("; filename=\"{filename}\"").as_bytes());
        }
        if let Some(content_type) = &part.content_type {
            body.extend_from_slice(format!("\r\nContent-Type: {content_type}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A body of parts, damaged at some places.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let damage = (any::<prop::sample::Index>(), prop_oneof![Just(None), any::<u8>().prop_map(Some)], any::<bool>());
    (prop::collection::vec(part(), 0..6), prop::collection::vec(damage, 0..4)).prop_map(|(parts, damages)| {
        let mut body = encoded(&parts);
        for (at, byte, cut) in damages {
            let at = at.index(body.len().max(1)).min(body.len().saturating_sub(1));
            match byte {
                _ if cut && byte.is_none() => body.truncate(at),
                Some(byte) if !body.is_empty() => body[at] = byte,
                _ if !body.is_empty() => drop(body.remove(at)),
                _ => {}
            }
        }
        body
    })
}

fn headers(content_type: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::try_from(content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers
}

fn multipart() -> HeaderMap {
    headers(&format!("multipart/form-data; boundary={BOUNDARY}"))
}

/// Reads an upload and checks what must hold for any outcome.
fn read(headers: &HeaderMap, body: Vec<u8>) -> Result<(), TestCaseError> {
    let body = Bytes::from(body);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let parts = runtime.block_on(parts_of(headers, body.clone()));
    match runtime.block_on(Upload::read(headers, body)) {
        Ok(upload) => {
            let Ok(Some(parts)) = parts else {
                prop_assert_eq!(upload.modules.len(), 1, "a bare script");
                return Ok(());
            };
            prop_assert!(parts.len() <= MOST_PARTS);
            let first = upload.modules.first().map_or("", |module| &module.name);
            prop_assert_eq!(first, &upload.entry, "the entry comes first");
            let mut names: Vec<&String> = upload.modules.iter().map(|module| &module.name).collect();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), upload.modules.len(), "no name twice");
            for module in &upload.modules {
                prop_assert!(!module.name.is_empty() && module.name.len() <= LONGEST_MODULE_NAME);
                prop_assert!(!module.name.starts_with('/') && !module.name.split('/').any(|part| part == ".."));
                let was_sent = parts.iter().any(|part| part.content == module.content);
                prop_assert!(was_sent, "{} has the bytes of no part", module.name);
            }
            // Every part is the metadata or a module: none is taken and then forgotten.
            let kept = parts.len() - usize::from(parts.iter().any(|part| part.name == "metadata"));
            prop_assert_eq!(upload.modules.len(), kept);
            let metadata = parts.iter().find(|part| part.name == "metadata");
            prop_assert!(metadata.is_none_or(|part| part.content.len() <= LONGEST_METADATA));
        }
        Err(refusal) => {
            let (status, code, message) = refusal.told();
            prop_assert!((400..500).contains(&status), "{} {}", status, message);
            prop_assert!(code >= 1000, "every refusal has one of Cloudflare's codes");
            prop_assert!(!message.is_empty() && message.len() < 4200, "{}", message);
        }
    }
    Ok(())
}

#[test]
fn uploads_that_clients_could_write_are_read_or_refused_in_words() {
    holds(&body(), |body| read(&multipart(), body));
}

#[test]
fn any_bytes_are_read_or_refused_in_words() {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..600),
        // Bytes that mean something here, in any order.
        prop::collection::vec(prop::sample::select(b"--b\r\n:;=\"\\ metadataname{}[]".to_vec()), 0..600),
    ];
    let types = prop_oneof![
        Just("multipart/form-data; boundary=b".to_owned()),
        "multipart/form-data; boundary=[ -~]{0,80}",
        "[ -~]{0,60}",
    ];
    holds(&(bytes, types), |(bytes, content_type)| read(&headers(&content_type), bytes));
}

#[test]
fn what_is_written_well_is_read_as_it_was_written() {
    let modules = prop::collection::btree_map(
        "[a-zA-Z0-9-]{1,12}(/[a-z0-9_]{1,8}){0,2}\\.(js|txt)",
        prop::collection::vec(any::<u8>(), 0..300),
        0..8,
    );
    holds(&(modules, any::<bool>()), |(modules, last)| {
        // A boundary inside the content would end the part: clients choose one that is not there.
        prop_assume!(modules.values().all(|content| !content.windows(5).any(|window| window == b"\r\n--b")));
        let metadata = Written {
            name: "metadata".into(),
            filename: None,
            content_type: None,
            content: br#"{"main_module":"the entry"}"#.to_vec(),
        };
        let file = |name: &str, content_type: &str, content: &[u8]| Written {
            name: "files".into(),
            filename: Some(name.into()),
            content_type: Some(content_type.into()),
            content: content.to_vec(),
        };
        let mut parts = vec![file("the entry", "application/javascript+module", b"export default {}")];
        parts.extend(modules.iter().map(|(name, content)| file(name, "application/octet-stream", content)));
        parts.insert(if last { parts.len() } else { 0 }, metadata);
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let upload = runtime.block_on(Upload::read(&multipart(), encoded(&parts).into()));
        let upload = upload.map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
        prop_assert_eq!(upload.modules.len(), modules.len() + 1);
        for module in &upload.modules[1..] {
            prop_assert_eq!(&module.content, &modules[&module.name]);
        }
        Ok(())
    });
}
