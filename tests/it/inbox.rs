//! What arrives at the dispatcher from outside is in the history before a script gets it, and can be sent again.

use crate::machine::{Machine, RunningPatchbay, eventually, http, http_answer};
use patchbay_testkit::workspace::files_containing;
use patchbay_testkit::{CommandRun, patchbay_binary};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const TO_NOTES: [(&str, &str); 4] = [
    ("x-customer-id", "customer-a"),
    ("x-script-id", "notes"),
    // The sender is told by its headers; what they say is made anew when the webhook is sent again.
    ("x-slack-request-timestamp", "1500000000"),
    ("x-slack-signature", "v0=00"),
];

/// Says what it got without repeating it, and hangs where it is told to.
fn write_adapter(machine: &Machine, hangs: bool) {
    let hang = if hangs { "await new Promise((resolve) => setTimeout(resolve, 60_000));" } else { "" };
    let text = format!(
        "export default {{ async fetch(request: Request): Promise<object> {{
  let [bytes, sum] = [0, 0];
  for await (const chunk of request.body ?? []) {{
    if (bytes < 10_000) chunk.forEach((byte, at) => (sum = (sum + byte * (bytes + at + 1)) % 1_000_003));
    bytes += chunk.length;
  }}
  const authorization = request.headers.get('authorization') ?? '';
  const token = new URL(request.url).searchParams.get('token') ?? '';
  if (request.headers.has('x-hang')) {{ {hang} }}
  return {{ bytes, sum, authorization: authorization.length, token: token.length }};
}} }};\n"
    );
    let adapter = machine.workspace().join("tenants/customer-a/adapters/notes");
    std::fs::write(adapter.join("src/adapter.ts"), text).expect("writable");
    for folder in ["expect", "samples"] {
        let _ = std::fs::remove_dir_all(adapter.join(folder));
    }
}

fn sum(body: &[u8]) -> u64 {
    body.iter().zip(1_u64..).fold(0, |sum, (byte, place)| (sum + u64::from(*byte) * place) % 1_000_003)
}

fn machine() -> Machine {
    let machine = Machine::with_adapter();
    write_adapter(&machine, true);
    machine.run(&["publish", "customer-a/notes"]).success();
    machine
}

fn post(running: &RunningPatchbay, path: &str, more: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
    let headers = [&TO_NOTES, more].concat();
    let (status, body) = http("POST", &format!("{}{path}", running.dispatcher_url()), &headers, body);
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// What is kept of the adapter, newest first.
fn listed(machine: &Machine, scope: &[&str]) -> Vec<Value> {
    let arguments = [&["deliveries", "list", "--limit", "1000"], scope].concat();
    machine.json(&arguments).as_array().expect("a list").clone()
}

/// The same once so many are answered, which is written down after the sender has its answer.
fn answered(machine: &Machine, scope: &[&str], count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    eventually("every webhook is answered", || {
        found = listed(machine, scope);
        found.iter().filter(|delivery| delivery["status"].is_u64()).count() == count
    });
    found
}

fn id(delivery: &Value) -> &str {
    delivery["delivery"].as_str().expect("an id")
}

/// What the adapter said to the replay of a delivery.
fn replayed(machine: &Machine, arguments: &[&str]) -> Vec<Value> {
    let traces = machine.json(&[&["replay", "customer-a/notes"], arguments].concat());
    let traces = traces.as_array().expect("traces");
    traces
        .iter()
        .map(|trace| {
            let text = trace["response"]["body"]["text"].as_str().unwrap_or_else(|| panic!("an answer: {trace:#}"));
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {trace:#}"))
        })
        .collect()
}

#[test]
fn a_webhook_that_was_not_answered_when_everything_was_killed_can_be_sent_again() {
    let machine = machine();
    let mut running = machine.start();
    let body: Vec<u8> = (0..=255).cycle().take(3000).collect();
    let url = running.dispatcher_url().trim_start_matches("http://").to_owned();
    std::thread::scope(|scope| {
        let (body, headers) = (&body, TO_NOTES.map(|(name, value)| format!("{name}: {value}\r\n")).concat());
        scope.spawn(move || {
            use std::io::Write as _;
            let mut stream = std::net::TcpStream::connect(&url).expect("connects");
            let head = format!("POST /hook HTTP/1.1\r\nHost: x\r\n{headers}x-hang: 1\r\nContent-Length: 3000\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("writes");
            stream.write_all(body).expect("writes");
            // It ends without an answer.
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
        });
        eventually("the webhook is stored before it is answered", || !listed(&machine, &[]).is_empty());
        running.kill();
    });
    drop(running);
    let [delivery] = &listed(&machine, &["customer-a/notes"])[..] else { panic!("one webhook") };
    assert_eq!(delivery["status"], Value::Null, "{delivery}");
    write_adapter(&machine, false);
    machine.run(&["publish", "customer-a/notes"]).success();
    let [again] = &replayed(&machine, &["--from", id(delivery)])[..] else { panic!("one replay") };
    assert_eq!(*again, json!({ "bytes": 3000, "sum": sum(&body), "authorization": 0, "token": 0 }));
}

#[test]
fn webhooks_are_kept_whoever_takes_them_and_get_requests_are_not() {
    let machine = machine();
    let running = machine.start();
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00";
    let (status, answer) = post(&running, "/hook?a=1", &[("content-encoding", "gzip")], gzip);
    assert_eq!((status, &answer["sum"]), (200, &json!(sum(gzip))), "{answer}");
    assert_eq!(http("POST", &format!("{}/nowhere", running.dispatcher_url()), &[], b"lost").0, 404);
    for method in ["GET", "OPTIONS"] {
        assert_eq!(http(method, running.dispatcher_url(), &TO_NOTES, b"").0, 200);
    }
    let kept = answered(&machine, &[], 2);
    assert_eq!(kept.len(), 2, "{kept:#?}");
    let [lost, taken] = &kept[..] else { panic!("two webhooks") };
    assert_eq!((&lost["status"], &lost["tenant"], &lost["adapter"]), (&json!(404), &json!(""), &json!("")));
    assert_eq!((&taken["status"], &taken["tenant"]), (&json!(200), &json!("customer-a")));
    assert_eq!(machine.json(&["deliveries", "show", id(taken)])["provider"], "slack");
    let again = replayed(&machine, &["--from", id(taken)]);
    assert_eq!(again[0]["sum"], json!(sum(gzip)), "compressed bytes are sent again as they are");

    let shown = machine.json(&["deliveries", "show", id(lost)]);
    assert_eq!(shown["request"]["body"]["text"], "lost", "{shown:#}");
}

#[test]
fn a_webhook_for_an_adapter_that_is_not_published_yet_waits_for_it() {
    let machine = Machine::with_adapter();
    write_adapter(&machine, false);
    let running = machine.start();
    assert_eq!(post(&running, "/hook", &[], b"early").0, 404);
    assert_eq!(http("POST", &format!("{}/nowhere", running.dispatcher_url()), &[], b"anybody's").0, 404);
    let kept = answered(&machine, &[], 2);
    assert_eq!(kept[1]["adapter"], "notes", "{kept:#?}");
    machine.run(&["publish", "customer-a/notes"]).success();
    for (delivery, bytes) in [(&kept[1], 5), (&kept[0], 9)] {
        let again = replayed(&machine, &["--from", id(delivery)]);
        assert_eq!(again[0]["bytes"], bytes, "{again:?}");
    }
}

#[test]
fn the_last_webhooks_are_sent_again_in_their_order() {
    let machine = machine();
    let running = machine.start();
    for number in 1..=4 {
        assert_eq!(post(&running, "/hook", &[], &vec![b'x'; number]).0, 200);
    }
    answered(&machine, &["customer-a/notes"], 4);
    let again = replayed(&machine, &["--last", "3", "--since", "10m"]);
    let sizes: Vec<&Value> = again.iter().map(|answer| &answer["bytes"]).collect();
    assert_eq!(sizes, [&json!(2), &json!(3), &json!(4)]);
}

#[test]
fn two_hundred_webhooks_at_once_are_each_kept_once() {
    let machine = machine();
    let running = machine.start();
    assert_eq!(http("GET", running.dispatcher_url(), &TO_NOTES, b"").0, 200);
    std::thread::scope(|scope| {
        for sender in 0..20 {
            let running = &running;
            scope.spawn(move || {
                for number in 0..10 {
                    let event = format!("event-{sender}-{number}");
                    let body = json!({ "type": "event_callback", "event_id": event }).to_string();
                    assert_eq!(post(running, "/hook", &[], body.as_bytes()).0, 200);
                }
            });
        }
    });
    let kept = answered(&machine, &["customer-a/notes"], 200);
    let mut bodies: Vec<String> = kept
        .iter()
        .map(|delivery| {
            let shown = &delivery["event"];
            shown.as_str().unwrap_or_else(|| panic!("the event's id is known: {delivery}")).to_owned()
        })
        .collect();
    bodies.sort();
    bodies.dedup();
    assert_eq!((kept.len(), bodies.len()), (200, 200));
}

#[test]
fn credentials_are_kept_for_a_replay_and_shown_to_nobody() {
    let machine = machine();
    let running = machine.start();
    let canary = ["canary", "k8v2", "sender"].join("");
    let in_query = ["canary", "q3z9", "query"].join("");
    let secret = "example-signing-secret";
    let body = json!({ "type": "event_callback", "token": secret }).to_string();
    let authorization = format!("Basic {canary}");
    let path = format!("/hook?token={in_query}&a=1");
    let (status, got) = post(&running, &path, &[("authorization", &authorization)], body.as_bytes());
    assert_eq!(status, 200);
    assert_eq!((&got["authorization"], &got["token"]), (&json!(authorization.len()), &json!(in_query.len())));
    let kept = answered(&machine, &["customer-a/notes"], 1);
    let shown = machine.json(&["deliveries", "show", id(&kept[0])]).to_string();
    assert_eq!(replayed(&machine, &["--from", id(&kept[0])])[0], got, "all of it is sent again");
    let all: String = listed(&machine, &[])
        .iter()
        .map(|delivery| machine.json(&["deliveries", "show", id(delivery)]).to_string())
        .collect();
    assert!(shown.contains("<redacted:sealed:"), "{shown}");
    drop(running);
    for value in [canary.as_str(), &in_query, secret] {
        assert!(!shown.contains(value) && !all.contains(value), "{value} is shown: {all}");
        // The index of words is not compressed.
        let found = files_containing(&machine.workspace().join(".patchbay"), value.as_bytes());
        assert_eq!(found, Vec::<PathBuf>::new(), "{value} stands in a file");
    }
}

#[test]
fn a_body_of_a_hundred_megabytes_passes_and_is_not_sent_again_without_it() {
    let machine = machine();
    // To read so much takes more than a small plan has.
    machine.run(&["tenant", "set", "customer-a", "limits.cpu_ms", "30000"]).success();
    let running = machine.start();
    let body = vec![b'x'; 100_000_000];
    let (status, answer) = post(&running, "/hook", &[], &body);
    assert_eq!((status, &answer["bytes"]), (200, &json!(body.len())));
    let kept = answered(&machine, &["customer-a/notes"], 1);
    let shown = machine.json(&["deliveries", "show", id(&kept[0])]).to_string();
    assert!(shown.contains("body not kept: 100 MB"), "{shown}");
    let error = machine.error(&["replay", "customer-a/notes", "--from", id(&kept[0])], 1);
    assert_eq!(error["code"], "replay.not_repeatable", "{error}");
}

#[test]
fn nothing_is_kept_without_an_inbox() {
    let machine = machine();
    let running = machine.start_as(&["--no-inbox"], &[]);
    assert_eq!(post(&running, "/hook", &[], b"x").0, 200);
    assert_eq!(listed(&machine, &[]), Vec::<Value>::new());
}

#[test]
fn a_sender_is_told_to_come_back_while_the_disk_is_full() {
    let machine = Machine::new();
    std::fs::create_dir_all(machine.workspace()).expect("writable");
    let script = r#"mount -t tmpfs -o size=16m tmpfs "$1" || exit 77
        exec "$2" start --json --api-port 0 --dispatcher-port 0 --workspace "$1""#;
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let mut child = command
        .args(["--mount", "sh", "-c", script, "sh"])
        .arg(machine.workspace())
        .arg(patchbay_binary())
        .envs(machine.environment())
        .env("PATCHBAY_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("unshare is there");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("readable");
    let ready: Value = serde_json::from_str(&line).expect("one JSON line when ready");
    let url = ready["dispatcher_url"].as_str().expect("a URL").to_owned();
    // The workspace as it is seen from outside of the mount namespace.
    let inside = machine.workspace().strip_prefix("/").expect("an absolute path").to_owned();
    let workspace = PathBuf::from(format!("/proc/{}/root", child.id())).join(inside);

    let webhook = vec![b'x'; 100_000];
    assert_eq!(http("POST", &url, &[], &webhook).0, 404, "nobody takes it, and it is stored");
    let filler = workspace.join("filler");
    let _ = std::fs::write(&filler, vec![0; 32 << 20]);
    let noise: Vec<u8> = (0..400_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let (status, headers, body) = http_answer("POST", &url, &[], &noise);
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    assert_eq!((status, &answer["error"]), (503, &json!("Inbox unavailable")), "{answer}");
    assert!(headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("retry-after") && value == "30"));
    std::fs::remove_file(&filler).expect("removable");
    assert_eq!(http("POST", &url, &[], &noise).0, 404, "it is taken when there is room again");

    let listed = CommandRun::new("nsenter")
        .args(["--mount", "--target"])
        .arg(child.id().to_string())
        .arg(patchbay_binary())
        .args(["deliveries", "list", "--json", "--workspace"])
        .arg(machine.workspace())
        .envs(machine.environment())
        .run();
    listed.success();
    let listed: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed:#}");
    child.kill().expect("runs");
    child.wait().expect("ends");
    let mut log = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut log).expect("text");
    assert!(log.contains("the sender is told to try again") && log.contains("full"), "{log}");
}
