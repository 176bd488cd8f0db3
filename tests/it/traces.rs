//! What a replay tells: the way of a delivery with rule, version, region, retries and turns, in every format, and nowhere a
//! secret.

use crate::machine::Machine;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::Secret;
use patchbay_core::redact::Redactor;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const ADAPTER: &str = "customer-a/notes";

/// A published adapter, its source in the place of the template's where one is given.
fn published(source: Option<&str>) -> Machine {
    let machine = Machine::with_adapter();
    if let Some(source) = source {
        let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
        std::fs::write(adapter.join("src/adapter.ts"), source).expect("writable");
    }
    machine.run(&["publish", ADAPTER]).success();
    machine
}

/// The attribute of a span, an event or a resource.
fn attribute<'a>(owner: &'a Value, key: &str) -> Option<&'a str> {
    let pair = owner["attributes"].as_array()?.iter().find(|pair| pair["key"] == key)?;
    pair["value"].as_object()?.values().next()?.as_str()
}

fn replayed(machine: &Machine, arguments: &[&str]) -> Value {
    let result = machine.run(&[&["--json", "replay", ADAPTER, "--sample", "message"], arguments].concat());
    let traces: Value = serde_json::from_str(&result.stdout).unwrap_or_else(|error| panic!("{error}\n{result}"));
    traces[0].clone()
}

fn export(machine: &Machine, delivery: &str, format: &str) -> String {
    let result = machine.run(&["deliveries", "show", delivery, "--format", format]);
    result.success();
    result.stdout
}

#[test]
fn a_replay_tells_rule_version_region_and_retries_in_every_format() {
    let machine = published(None);
    let versions = machine.json(&["versions", ADAPTER]).to_string();
    let trace = replayed(&machine, &["--fault", "notion#1:429:retry-after=0"]);
    let delivery = trace["summary"]["delivery"].as_str().expect("an id");
    let outbound = trace["outbound"].as_array().expect("calls");
    let attempts: Vec<(u64, u64)> = outbound
        .iter()
        .map(|call| {
            (call["attempt"].as_u64().expect("counted"), call["response"]["status"].as_u64().expect("a status"))
        })
        .collect();
    assert_eq!(attempts[..2], [(1, 429), (2, 200)], "{trace:#}");
    assert!(attempts[2..].iter().all(|(attempt, _)| *attempt == 1), "other calls are first tries: {trace:#}");
    let rule = trace["rule"].as_str().expect("the dispatcher says which rule it followed");
    assert!(rule.contains("header"), "{rule}");
    assert_eq!(trace["region"], "eu");

    let tree = export(&machine, delivery, "tree");
    let served = trace["served_by"]["version"].as_str().expect("a version");
    assert!(versions.contains(served), "{served} should be in {versions}");
    for said in [rule, &served[..8], " eu ", "429", "attempt 2", "slack sends POST", "answer 200"] {
        assert!(tree.contains(said), "`{said}` should stand in\n{tree}");
    }
    let json: Value = serde_json::from_str(&export(&machine, delivery, "json")).expect("JSON");
    assert_eq!(json["summary"]["delivery"], delivery);

    let otel: Value = serde_json::from_str(&export(&machine, delivery, "otel")).expect("JSON");
    let spans = otel["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("spans");
    assert_eq!(spans[0]["traceId"], delivery.replace('-', ""), "the delivery is the trace");
    assert_eq!(attribute(&spans[1], "patchbay.rule"), Some(rule));
    assert_eq!(attribute(&spans[1], "patchbay.version"), Some(served));
    assert_eq!(attribute(&spans[1], "patchbay.region"), Some("eu"));
    let again: Vec<Option<&str>> = spans[3..].iter().map(|span| attribute(span, "http.request.resend_count")).collect();
    assert_eq!(again[..2], [None, Some("1")]);

    let har: Value = serde_json::from_str(&export(&machine, delivery, "har")).expect("JSON");
    let entries = har["log"]["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), 1 + outbound.len(), "the webhook and each call");
    assert_eq!(entries[2]["_attempt"], 2);
}

#[test]
fn a_call_tells_how_long_it_waited_for_its_turn() {
    let machine = published(Some(
        "export default {\n  async fetch(): Promise<object> {\n    const calls = [1, 2, 3].map(() => fetch('https://api.notion.com/v1/users/me'));\n    return { calls: (await Promise.all(calls)).length };\n  },\n};\n",
    ));
    machine.run(&["tenant", "set", "customer-a", "rate_limit.requests_per_second", "2"]).success();
    let trace = replayed(&machine, &[]);
    let calls = trace["outbound"].as_array().expect("calls");
    let mut waits: Vec<f64> = calls.iter().map(|call| call["pacing_ms"].as_f64().expect("a paced call")).collect();
    waits.sort_by(f64::total_cmp);
    assert_eq!(waits[..2], [0.0, 0.0], "a second's worth goes at once: {waits:?}");
    assert!(waits[2] > 300.0 && waits[2] <= 500.0, "the third waits for its turn: {waits:?}");
    let wait = |call: &Value| call["pacing_ms"].as_f64().unwrap_or_default();
    let slowest = calls.iter().max_by(|left, right| wait(left).total_cmp(&wait(right)));
    let slowest = slowest.expect("a call");
    assert!(slowest["duration_ms"].as_f64() >= slowest["pacing_ms"].as_f64(), "the wait is a part of the call");
    let delivery = trace["summary"]["delivery"].as_str().expect("an id");
    assert!(export(&machine, delivery, "tree").contains("for its turn"));
}

/// Puts its secrets wherever an adapter can put them, in every form that adapters have at hand.
const LEAKING: &str = r"export default {
  async fetch(request: Request, env: Record<string, string>): Promise<object> {
    await request.text();
    const held = Object.keys(env).map((name) => env[name]).filter((value) => typeof value === 'string');
    const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
    const part = (value: unknown) => base64(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    for (const value of held) {
      console.log('plain', value, { nested: [value] });
      console.warn('base64', base64(value), base64(`x${value}`), base64(`xy${value}`));
      console.error(JSON.stringify(JSON.stringify({ value })));
      const compressed = new Response(new Blob([value]).stream().pipeThrough(new CompressionStream('gzip')));
      await fetch(`https://api.notion.com/v1/pages/${encodeURIComponent(value)}?a=${encodeURI(value)}&${new URLSearchParams({ value })}`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${base64(`user:${value}`)}`,
          'x-token': `${part({ alg: 'none' })}.${part({ sub: 'x', key: value })}.x`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ leak: value, text: JSON.stringify({ value }) }),
      });
      await fetch('https://api.notion.com/v1/pages', {
        method: 'POST',
        headers: { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
        body: await compressed.arrayBuffer(),
      });
    }
    throw new Error(`it broke with ${held.join(' and ')}`);
  },
};
";

/// Forms of a value, made without the code under test.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![
        value.to_owned(),
        Value::from(value).to_string().trim_matches('"').to_owned(),
        value.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        value.bytes().map(|byte| format!("{byte:02x}")).collect(),
        value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
    ];
    for before in ["", "x", "xy"] {
        let encoded = STANDARD.encode(format!("{before}{value}"));
        // Without the ends, which depend on what stands around.
        forms.push(encoded[4..encoded.len() - 4].to_owned());
        forms.push(encoded[4..encoded.len() - 4].replace('+', "-").replace('/', "_"));
    }
    // Each half as well: nothing of a value may be left.
    let (middle, _) = value.char_indices().nth(value.chars().count() / 2).expect("not empty");
    forms.extend([value[..middle].to_owned(), value[middle..].to_owned()]);
    forms
}

#[test]
fn no_format_shows_a_secret_that_an_adapter_gives_away() {
    let machine = Machine::with_adapter();
    let secrets = [
        ("NOTION_TOKEN", "canary+sign/ing \"5d1f\" ü=7ac2&<x>%41"),
        ("SLACK_SIGNING_SECRET", "canary-line-one-0123456789\ncanary-line-two-9876543210"),
    ];
    for (name, value) in secrets {
        machine.set_secret(ADAPTER, name, value);
    }
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    std::fs::write(adapter.join("src/adapter.ts"), LEAKING).expect("writable");
    // It answers 500, so a publish with a smoke replay would be undone.
    let (junit, report) = (machine.home().join("junit.xml"), machine.home().join("report.html"));
    let files = ["--junit", path(&junit), "--report", path(&report)];
    let trace = replayed(&machine, &[&["--draft"], &files[..]].concat());
    let delivery = trace["summary"]["delivery"].as_str().expect("an id");
    let run = trace["summary"]["run"].as_str().expect("a run");
    assert_eq!(
        trace["outbound"].as_array().map(Vec::len),
        Some(6),
        "two calls for each value that it holds: {trace:#}"
    );

    let mut texts: Vec<(String, String)> =
        ["tree", "json", "otel", "har"].map(|format| (format.to_owned(), export(&machine, delivery, format))).into();
    let again = machine.home().join("again.html");
    machine.run(&["deliveries", "report", run, "--output", path(&again)]).success();
    for file in [&junit, &report, &again] {
        assert_eq!(file.metadata().expect("written").permissions().mode() & 0o777, 0o600, "{}", file.display());
        texts.push((file.display().to_string(), std::fs::read_to_string(file).expect("text")));
    }
    texts.push(("the run".into(), trace.to_string()));

    let values = secrets.map(|(name, value)| (name, Secret::new(value)));
    let redactor = Redactor::new(values.iter().map(|(name, value)| (*name, value)));
    for (format, text) in &texts {
        let marks = ["<redacted:NOTION_TOKEN>", "&lt;redacted:NOTION_TOKEN&gt;"];
        assert!(marks.iter().any(|mark| text.contains(mark)), "{format} shows that something stood there");
        for (name, value) in secrets {
            for form in forms(value) {
                assert!(!text.contains(&form), "{format} shows {name} as {form}:\n{text}");
            }
        }
        assert!(!redactor.finds(text.as_bytes()), "{format} holds a value in some form:\n{text}");
    }
}

#[test]
fn what_cannot_be_exported_says_so() {
    let machine = published(None);
    let unknown = machine.error(&["deliveries", "report", "run-0", "--output", "/tmp/never-written.html"], 1);
    assert_eq!(unknown["code"], "replay.unknown_run");
    let trace = replayed(&machine, &[]);
    let run = trace["summary"]["run"].as_str().expect("a run");
    let missing = machine.home().join("missing/report.html");
    let refused = machine.error(&["deliveries", "report", run, "--output", path(&missing)], 1);
    assert_eq!((refused["code"].as_str(), missing.exists()), (Some("replay.export"), false));
    assert_eq!(refused["hints"], json!(["Check that the folder is there, can be written and has room"]));
}

fn path(file: &Path) -> &str {
    file.to_str().expect("a path that is text")
}
