//! Runs over the real program: what is sent, which code serves it, where it goes, and what bad input loses.

use crate::machine::{Machine, eventually, http, workerd_children_of};
use patchbay_testkit::{CommandResult, Reply, ScriptedServer, patchbay_binary};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

const ADAPTER: [(&str, &str); 2] = [("x-customer-id", "customer-a"), ("x-script-id", "notes")];

/// Makes the adapter do something else, without an expectation that it could miss.
fn write_adapter(machine: &Machine, body: &str) {
    let folder = machine.workspace().join("tenants/customer-a/adapters/notes");
    let text = format!("export default {{ async fetch(request: Request): Promise<object> {{\n  {body}\n}} }};\n");
    std::fs::write(folder.join("src/adapter.ts"), text).expect("writable");
    if folder.join("expect").exists() {
        std::fs::remove_dir_all(folder.join("expect")).expect("writable");
    }
}

fn says(word: &str) -> String {
    format!("console.log('this is {word}'); return {{ word: '{word}' }};")
}

fn word(trace: &Value) -> String {
    let body: Value = serde_json::from_str(trace["response"]["body"]["text"].as_str().expect("a body")).expect("JSON");
    body["word"].as_str().expect("a word").to_owned()
}

fn piped(machine: &Machine, arguments: &[&str], stdin: impl Into<Vec<u8>>) -> CommandResult {
    machine.patchbay(arguments).stdin(stdin).run()
}

/// The traces of a run that read its webhooks from standard input.
fn of_stdin(machine: &Machine, arguments: &[&str], stdin: impl Into<Vec<u8>>) -> Vec<Value> {
    let arguments = [&["--json", "replay", "customer-a/notes", "--stdin"], arguments].concat();
    let result = piped(machine, &arguments, stdin);
    result.success();
    serde_json::from_str(&result.stdout).expect("a list of traces")
}

fn with_published(body: &str) -> Machine {
    let machine = Machine::with_adapter();
    write_adapter(&machine, body);
    machine.run(&["publish", "customer-a/notes"]).success();
    machine
}

#[test]
fn a_draft_is_replayed_beside_the_live_version_which_serves_everybody_else() {
    let machine = with_published(&says("live"));
    let running = machine.start();
    let versions = machine.json(&["versions", "customer-a/notes"]);
    let live_id = versions[0]["id"].as_str().expect("an id").to_owned();
    write_adapter(&machine, &says("draft"));
    let over = AtomicBool::new(false);
    let (draft, served) = std::thread::scope(|scope| {
        let traffic = scope.spawn(|| {
            let mut served = 0;
            while !over.load(Ordering::Relaxed) {
                let (status, body) = http("POST", running.dispatcher_url(), &ADAPTER, b"{}");
                let body = String::from_utf8_lossy(&body).into_owned();
                assert_eq!((status, body.as_str()), (200, r#"{"word":"live"}"#), "others get what is live");
                served += 1;
            }
            served
        });
        let draft: Vec<Value> =
            (0..3).map(|_| machine.json(&["replay", "customer-a/notes", "--all", "--draft"])).collect();
        let live = machine.json(&["replay", "customer-a/notes"]);
        over.store(true, Ordering::Relaxed);
        assert_eq!(word(&live[0]), "live");
        assert_eq!(live[0]["served_by"]["version"], live_id.as_str());
        assert_eq!(live[0]["summary"]["against"], "live");
        (draft, traffic.join().expect("nobody was disturbed"))
    });
    assert!(served > 10, "there was traffic: {served} requests");
    for traces in &draft {
        for trace in traces.as_array().expect("a list") {
            assert_eq!(word(trace), "draft");
            assert_eq!(trace["summary"]["against"], "draft");
            assert_eq!(trace["logs"][0]["message"], "this is draft");
            let version = trace["served_by"]["version"].as_str().expect("an id");
            assert!(version.starts_with("draft-"), "{version}");
        }
    }
    assert_eq!(machine.json(&["versions", "customer-a/notes"]), versions, "a draft is no version");
    let ids: std::collections::BTreeSet<&str> =
        draft.iter().filter_map(|traces| traces[0]["served_by"]["version"].as_str()).collect();
    assert_eq!(ids.len(), 3, "each run has a draft of its own");
}

#[test]
fn a_delivery_to_a_draft_costs_less_than_twice_one_to_what_is_live() {
    const ROUNDS: usize = 15;
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let _running = machine.start();
    let measure = |more: &[&str]| {
        let samples = ["message"; ROUNDS];
        let arguments = [&["replay", "customer-a/notes"][..], more, &["--sample"], &samples].concat();
        let since = std::time::Instant::now();
        let traces = machine.json(&arguments);
        let whole = since.elapsed().as_secs_f64() * 1000.0;
        let traces = traces.as_array().expect("a list");
        assert!(traces.iter().all(|trace| trace["response"]["status"] == 200), "{traces:#?}");
        let mut took: Vec<f64> = traces.iter().filter_map(|trace| trace["summary"]["duration_ms"].as_f64()).collect();
        let first = took[0];
        took.sort_by(f64::total_cmp);
        (whole, first, took[ROUNDS / 2], took[0])
    };
    let (live, draft) = (measure(&[]), measure(&["--draft"]));
    let _ = writeln!(
        std::io::stderr(),
        "{ROUNDS} replays of slack-to-notion, ms: live {:.0} in all, {:.1} the first, {:.1} the median, {:.1} the fastest; \
         draft {:.0} in all, {:.1} the first, {:.1} the median, {:.1} the fastest",
        live.0,
        live.1,
        live.2,
        live.3,
        draft.0,
        draft.1,
        draft.2,
        draft.3
    );
    // The fastest: what others do on the machine, and the isolates that a draft loads anew, are not what a delivery costs.
    assert!(draft.3 < live.3 * 2.0, "draft {draft:?}, live {live:?}");
}

#[test]
fn a_kept_version_serves_a_replay_and_is_named_by_number_or_id() {
    let machine = with_published(&says("first"));
    write_adapter(&machine, &says("second"));
    machine.run(&["publish", "customer-a/notes"]).success();
    let _running = machine.start();
    let versions = machine.json(&["versions", "customer-a/notes"]);
    let first = versions[1]["id"].as_str().expect("an id");
    for named in ["1", first] {
        let traces = machine.json(&["replay", "customer-a/notes", "--version", named]);
        assert_eq!(word(&traces[0]), "first");
        assert_eq!(traces[0]["summary"]["against"], format!("version {first}"));
    }
    assert_eq!(word(&machine.json(&["replay", "customer-a/notes"])[0]), "second");
    let error = machine.error(&["replay", "customer-a/notes", "--version", "9"], 1);
    assert_eq!(error["code"], "version.unknown", "{error}");
}

#[test]
fn a_draft_that_cannot_be_loaded_says_where_and_leaves_what_is_live() {
    let machine = with_published(&says("live"));
    let running = machine.start();
    let file = machine.workspace().join("tenants/customer-a/adapters/notes/src/adapter.ts");
    let broken = "const table = new Map<string, string>();\n\nif (table.size === 0) throw new Error('no table');\n\
        export default { async fetch(): Promise<object> { return {}; } };\n";
    std::fs::write(&file, broken).expect("writable");
    let error = machine.error(&["replay", "customer-a/notes", "--draft"], 1);
    assert_eq!(error["code"], "target.invalid_script", "{error}");
    let message = error["message"].as_str().expect("a text");
    assert!(message.contains("no table") && message.contains("src/adapter.ts:3:"), "{message}");
    std::fs::write(&file, "export default {\n").expect("writable");
    let error = machine.error(&["replay", "customer-a/notes", "--draft"], 1);
    assert_eq!(error["code"], "lint.errors", "{error}");
    assert_eq!(http("POST", running.dispatcher_url(), &ADAPTER, b"{}").1, br#"{"word":"live"}"#);
    let listed = machine.json(&["deliveries", "list", "customer-a/notes"]);
    assert!(!listed.to_string().contains("\"draft\""), "nothing was sent: {listed}");
}

#[test]
fn an_adapter_that_was_never_published_can_be_replayed_as_a_draft() {
    let machine = Machine::with_adapter();
    let traces = machine.json(&["replay", "customer-a/notes", "--sample", "message", "--draft"]);
    assert_eq!(traces[0]["response"]["status"], 200, "{traces:#}");
    assert_eq!(traces[0]["summary"]["as_expected"], true, "{traces:#}");
    assert!(!traces[0]["outbound"].as_array().expect("a list").is_empty(), "its calls are seen: {traces:#}");
    let traces = machine.json_of_failure(&["replay", "customer-a/notes", "--sample", "message"]);
    assert_eq!(traces[0]["response"]["status"], 404, "nothing became live: {traces:#}");
}

#[test]
fn what_was_delivered_is_sent_again_byte_for_byte_and_signed_as_of_now() {
    let machine = Machine::with_adapter();
    machine.run(&["publish", "customer-a/notes"]).success();
    let _running = machine.start();
    let first = machine.json(&["replay", "customer-a/notes", "--all"]);
    let first = first.as_array().expect("a list");
    let run = first[0]["summary"]["run"].as_str().expect("a run");
    assert!(run.starts_with("run-"), "{run}");
    assert!(first.iter().all(|trace| trace["summary"]["run"] == run), "one run");
    let again = machine.json(&["replay", "customer-a/notes", "--from", run]);
    let again = again.as_array().expect("a list");
    assert_eq!(again.len(), first.len());
    for (before, after) in first.iter().zip(again) {
        assert_eq!(after["request"]["body"], before["request"]["body"]);
        let delivery = before["summary"]["delivery"].as_str().expect("an id");
        assert_eq!(after["summary"]["origin"], format!("delivery {delivery}"));
        // Also the sample whose signature was forged on purpose is signed as its provider signs now.
        assert_eq!(after["response"]["status"], 200, "{after:#}");
        assert_ne!(after["summary"]["run"], run);
    }
    let delivery = first[0]["summary"]["delivery"].as_str().expect("an id");
    let one = machine.json(&["replay", "customer-a/notes", "--from", delivery]);
    assert_eq!(one.as_array().map(Vec::len), Some(1));

    // What was sent again is not counted twice.
    let last = machine.json(&["replay", "customer-a/notes", "--last", "2", "--since", "10m"]);
    let bodies: Vec<&Value> = last.as_array().expect("a list").iter().map(|trace| &trace["request"]["body"]).collect();
    let expected: Vec<&Value> = first[first.len() - 2..].iter().map(|trace| &trace["request"]["body"]).collect();
    assert_eq!(bodies, expected, "the last two, in their order");
    let all = machine.json(&["replay", "customer-a/notes", "--since", "10m"]);
    assert_eq!(all.as_array().map(Vec::len), Some(first.len() + 1), "also what the publish sent to try it");

    for (from, code) in [("run-0", "replay.unknown_run"), ("nothing", "replay.unknown_delivery")] {
        let error = machine.error(&["replay", "customer-a/notes", "--from", from], 1);
        assert_eq!(error["code"], code, "{error}");
        assert!(!error["hints"].as_array().expect("a list").is_empty());
    }
    machine.run(&["new", "customer-a/others", "--template", "slack-to-notion"]).success();
    let error = machine.error(&["replay", "customer-a/others", "--from", delivery], 1);
    assert_eq!(error["code"], "replay.not_repeatable", "{error}");
    let error = machine.error(&["replay", "customer-a/others", "--last", "3"], 1);
    assert_eq!(error["code"], "replay.nothing_selected", "{error}");
}

#[test]
fn a_delivery_that_held_a_secret_is_refused_and_not_made_up() {
    let machine = with_published(&says("live"));
    let _running = machine.start();
    let secret = "example-signing-secret";
    let sent = of_stdin(
        &machine,
        &[],
        format!("POST /hook HTTP/1.1\nHost: a.example\nContent-Type: application/json\n\n{{\"token\":\"{secret}\"}}"),
    );
    let delivery = sent[0]["summary"]["delivery"].as_str().expect("an id");
    let error = machine.error(&["replay", "customer-a/notes", "--from", delivery], 1);
    assert_eq!(error["code"], "replay.not_repeatable", "{error}");
    assert!(error["message"].as_str().expect("a text").contains("body held the value of a secret"), "{error}");
}

#[test]
fn files_and_standard_input_are_webhooks_in_every_form() {
    let machine = with_published("return { got: await request.text(), at: new URL(request.url).pathname };");
    let _running = machine.start();
    let file = |name: &str, text: &[u8]| {
        let path = machine.home().join(name);
        std::fs::write(&path, text).expect("writable");
        path.display().to_string()
    };
    let got = |trace: &Value| -> Value {
        serde_json::from_str(trace["response"]["body"]["text"].as_str().expect("a body")).expect("JSON")
    };
    let raw = file("raw.http", b"POST /raw HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain\r\n\r\nr\xc3\xa4w");
    let curl = file("curl.txt", b"curl https://a.example/curled -H 'content-type: text/plain' -d 'from curl'");
    let entry = |text: &str| {
        json!({ "request": { "method": "POST", "url": "https://a.example/har",
        "headers": [], "postData": { "mimeType": "text/plain", "text": text } } })
    };
    let har = json!({ "log": { "entries": [entry("one"), entry("two")] } });
    let har = file("some.har", har.to_string().as_bytes());
    let traces = machine.json(&["replay", "customer-a/notes", "--file", &raw, &curl, &har]);
    let answers: Vec<Value> = traces.as_array().expect("a list").iter().map(got).collect();
    assert_eq!(
        answers,
        [
            json!({ "got": "räw", "at": "/raw" }),
            json!({ "got": "from curl", "at": "/curled" }),
            json!({ "got": "one", "at": "/har" }),
            json!({ "got": "two", "at": "/har" }),
        ]
    );
    assert_eq!(traces[0]["summary"]["origin"], format!("file {raw}"));

    // A body that is not what it says can be sent on purpose, and the trace says so.
    let broken = json!({ "provider": "slack", "event": "x", "headers": { "Content-Type": "application/json" },
        "body_text": "{\"a\": " });
    let sent = of_stdin(&machine, &[], broken.to_string());
    assert_eq!(got(&sent[0])["got"], "{\"a\": ");
    assert_eq!(sent[0]["summary"]["origin"], "stdin");
    let remarks = sent[0]["remarks"].to_string();
    assert!(remarks.contains("not the application/json that its Content-Type says"), "{remarks}");

    for (text, code) in [
        (&b"{\"provider\": \"slack\""[..], "replay.invalid_sample"),
        (b"", "replay.invalid_sample"),
        (b"{\"log\": {\"entries\": []}}", "replay.nothing_selected"),
    ] {
        let result = piped(&machine, &["--json", "replay", "customer-a/notes", "--stdin"], text);
        result.code(1);
        let error: Value = serde_json::from_str(&result.stderr).expect("JSON");
        assert_eq!(error["error"]["code"], code, "{result}");
    }
    let error = machine.error(&["replay", "customer-a/notes", "--file", "/nowhere.http"], 1);
    assert_eq!(error["code"], "replay.invalid_sample", "{error}");
    assert!(error["message"].as_str().expect("a text").contains("/nowhere.http"), "{error}");
    // A sample that cannot be read stops a run of all before anything is sent.
    let folder = machine.workspace().join("tenants/customer-a/adapters/notes/samples");
    std::fs::write(folder.join("broken.json"), "{\n  \"provider\": 7\n}").expect("writable");
    let before = machine.json(&["deliveries", "list", "customer-a/notes"]);
    let error = machine.error(&["replay", "customer-a/notes", "--all"], 1);
    assert_eq!(error["code"], "workspace.broken_file", "{error}");
    assert!(error["message"].as_str().expect("a text").contains("broken.json:2:"), "{error}");
    assert_eq!(machine.json(&["deliveries", "list", "customer-a/notes"]), before);
}

#[test]
fn thirty_megabytes_arrive_and_more_than_a_platform_takes_is_refused() {
    let machine = with_published("return { bytes: (await request.arrayBuffer()).byteLength };");
    let _running = machine.start();
    let request = |bytes: usize| {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: text/plain\r\nContent-Length: {bytes}\r\n\r\n"
        );
        [head.into_bytes(), vec![b'x'; bytes]].concat()
    };
    let sent = of_stdin(&machine, &[], request(30_000_000));
    assert_eq!(sent[0]["response"]["body"]["text"], r#"{"bytes":30000000}"#);
    assert_eq!(sent[0]["request"]["body"]["bytes"], 30_000_000);
    let kept = sent[0]["request"]["body"]["text"].as_str().map(str::len);
    assert_eq!(kept, Some(30_000_000), "all of it is kept");
    let result = piped(&machine, &["--json", "replay", "customer-a/notes", "--stdin"], request(100_000_001));
    result.code(1);
    assert!(result.stderr.contains("replay.too_large"), "{result}");
}

#[test]
fn a_dispatcher_elsewhere_is_replayed_to_and_shows_its_answers_only() {
    let there = Machine::with_adapter();
    there.run(&["publish", "customer-a/notes"]).success();
    let running = there.start();
    let here = Machine::with_adapter();
    let url = running.dispatcher_url();
    let traces = here.json(&["replay", "customer-a/notes", "--sample", "message", "--dispatcher", url]);
    assert_eq!(traces[0]["response"]["status"], 200, "signed with the tenant's secret: {traces:#}");
    assert_eq!((&traces[0]["served_by"], &traces[0]["outbound"]), (&Value::Null, &json!([])), "{traces:#}");
    let remarks = traces[0]["remarks"].to_string();
    assert!(remarks.contains("only request and answer are known"), "{remarks}");
    assert!(workspace_runs_nothing(&here), "nothing was started here");
    for refused in [&["--draft"][..], &["--version", "1"], &["--fault", "notion:500"]] {
        let arguments = [&["replay", "customer-a/notes", "--dispatcher", url], refused].concat();
        let error = here.error(&arguments, 1);
        let code = if refused[0] == "--version" { "version.unknown" } else { "replay.not_remote" };
        assert!(error["code"] == "replay.not_remote" || error["code"] == code, "{refused:?}: {error}");
        assert!(!error["hints"].as_array().expect("a list").is_empty(), "{error}");
    }
}

fn workspace_runs_nothing(machine: &Machine) -> bool {
    !machine.workspace().join(".patchbay/platform/running.json").exists()
}

#[test]
fn what_is_no_dispatcher_is_told_and_gets_no_secret() {
    let machine = Machine::with_adapter();
    let replay = |url: &str, more: &[&str]| {
        let arguments = [&["--json", "replay", "customer-a/notes", "--sample", "message", "--dispatcher", url], more];
        machine.run(&arguments.concat())
    };
    let traces = |result: &CommandResult| -> Value { serde_json::from_str(&result.stdout).expect("traces") };
    let page = ScriptedServer::answering(|_| {
        let headers = vec![("content-type".into(), "text/html; charset=utf-8".into())];
        Reply::Answer { status: 200, headers, body: b"<!doctype html><title>Sign in</title>".to_vec() }
    });
    let credential = ["example", "credential", "0001"].join("-");
    let authorization = format!("Authorization: Bearer {credential}");
    let result = replay(&page.url(), &["-H", "x-stage: blue", "-H", "x-script-id:other", "-H", &authorization]);
    let trace = traces(&result)[0].clone();
    assert!(trace["remarks"].to_string().contains("HTML came back"), "{trace:#}");
    assert!(trace["text"].as_str().expect("a text").contains("HTML came back"), "{trace:#}");
    let seen = page.requests().remove(0);
    assert_eq!((seen.header("x-stage"), seen.header("x-script-id")), (Some("blue"), Some("other")));
    assert!(!format!("{seen:?}").contains("example-signing-secret"), "the secret signs and is not sent");
    assert_eq!(seen.header("authorization"), Some(&*format!("Bearer {credential}")));
    assert!(!result.stdout.contains(&credential), "it is in no trace: {trace:#}");
    let kept = machine.json(&["deliveries", "show", trace["summary"]["delivery"].as_str().expect("an id")]);
    assert!(!kept.to_string().contains(&credential), "nor in the history: {kept:#}");

    let elsewhere = ScriptedServer::answering(|_| Reply::json(200, "{}"));
    let to = elsewhere.url();
    let moved = ScriptedServer::answering(move |_| Reply::json(307, "{}").with_header("location", &to));
    let result = replay(&moved.url(), &[]);
    assert_eq!(traces(&result)[0]["response"]["status"], 307);
    assert!(elsewhere.requests().is_empty(), "a signed webhook follows no redirect");

    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let down = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    let result = replay(&down, &[]);
    result.code(3);
    assert!(result.stderr.contains("target.unreachable") && result.stderr.contains(&down), "{result}");
    // A peer that hangs up in the middle of its answer.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let cut = format!("http://{}", listener.local_addr().expect("an address"));
    let hanging_up = std::thread::spawn(move || {
        use std::io::Read as _;
        let (mut peer, _) = listener.accept().expect("a connection");
        let _ = peer.read(&mut [0; 4096]);
        peer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":").expect("writes");
    });
    let result = replay(&cut, &[]);
    hanging_up.join().expect("hangs up");
    let trace = traces(&result)[0].clone();
    assert!(trace["response"].is_null() && trace["remarks"].to_string().contains("middle of the answer"), "{trace:#}");
}

#[test]
fn a_killed_replay_of_a_draft_leaves_nothing_behind() {
    let machine = with_published(&says("live"));
    let running = machine.start();
    http("POST", running.dispatcher_url(), &ADAPTER, b"{}");
    let before = workerd_children_of(running.pid()).len();
    write_adapter(&machine, "await new Promise((resolve) => setTimeout(resolve, 60_000)); return { word: 'drafted' };");
    let mut replaying = Command::new(patchbay_binary())
        .args(["replay", "customer-a/notes", "--draft", "--workspace"])
        .arg(machine.workspace())
        .envs(machine.environment())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("patchbay starts");
    eventually("the draft has a process", || workerd_children_of(running.pid()).len() > before);
    replaying.kill().expect("a running child can be killed");
    replaying.wait().expect("it can be waited for");
    assert_eq!(http("POST", running.dispatcher_url(), &ADAPTER, b"{}").1, br#"{"word":"live"}"#);
    write_adapter(&machine, &says("next"));
    assert_eq!(word(&machine.json(&["replay", "customer-a/notes", "--draft"])[0]), "next");
    let stored = patchbay_testkit::workspace::files_containing(&machine.workspace().join(".patchbay"), b"drafted");
    assert!(stored.is_empty(), "no code of a draft is stored: {stored:?}");
    drop(running);
    let restarted = machine.start();
    assert_eq!(http("POST", restarted.dispatcher_url(), &ADAPTER, b"{}").1, br#"{"word":"live"}"#);
}

#[test]
fn people_are_told_the_run_and_how_to_look_at_it_again() {
    let machine = with_published(&says("live"));
    let result = machine.run(&["replay", "customer-a/notes"]);
    result.success();
    let last = result.stderr.lines().last().expect("a line");
    let run = last.split([' ', ':']).find(|word| word.starts_with("run-")).expect("its run");
    assert!(last.contains(&format!("patchbay deliveries list --run {run}")), "{last}");
    let listed = machine.json(&["deliveries", "list", "--run", run]);
    assert!(listed.to_string().contains(run), "{listed}");
}
