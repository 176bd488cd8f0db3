//! Hosts, paths and routing keys as they come over the wire, and route tables that are wrong.

use crate::machine::{Machine, http};
use crate::presets::{Preset, echo};
use serde_json::{Value, json};

fn with_table(table: &Value, services: &[&str]) -> Preset {
    let machine = Machine::new();
    machine.run(&["route", "preset", "dotdo"]).success();
    std::fs::write(machine.workspace().join("routes.json"), table.to_string()).expect("writable");
    let running = machine.start();
    let preset = Preset { machine, running };
    for service in services {
        preset.publish("dotdo-production", service, &echo(service), &json!([]), &[]);
    }
    preset
}

#[test]
fn a_host_is_the_same_host_however_it_is_written() {
    let table = json!({ "rules": [
        { "match": "subdomain", "domain": "Bücher.example", "services": ["db"] },
        { "match": "default", "hosts": ["API.do.", "[::1]", "127.0.0.1"], "service": "gateway" },
    ] });
    let preset = with_table(&table, &["db", "gateway"]);
    for (host, service) in [
        ("db.xn--bcher-kva.example", Some("db")),
        ("DB.XN--BCHER-KVA.EXAMPLE:8080", Some("db")),
        ("db.xn--bcher-kva.example.", Some("db")),
        ("api.do", Some("gateway")),
        ("API.DO:4781", Some("gateway")),
        ("api.do.", Some("gateway")),
        ("[::1]", Some("gateway")),
        ("[0:0::1]:4781", Some("gateway")),
        ("127.0.0.1:4781", Some("gateway")),
        ("api.do.evil.example", None),
        ("evilapi.do", None),
        ("xn--bcher-kva.example", None),
        ("a.db.xn--bcher-kva.example", None),
    ] {
        let answer = preset.get(host, "/x?y=1");
        let served = answer.json()["service"].as_str().map(str::to_owned);
        assert_eq!(served.as_deref(), service, "{host}: {} {}", answer.status, answer.body);
        assert_eq!(answer.status, if service.is_some() { 200 } else { 404 }, "{host}");
    }
    // What is no host is refused by the runtime or answered as JSON; it reaches no script and stops nothing.
    for host in ["a b", "", "a/b", "[::1", "%00", "a\u{7f}b"] {
        let (status, body) = http("GET", &format!("{}/x", preset.running.dispatcher_url()), &[("Host", host)], b"");
        assert!((400..=500).contains(&status), "`{host}`: {status} {}", String::from_utf8_lossy(&body));
    }
    assert_eq!(preset.get("api.do", "/").status, 200);
}

#[test]
fn a_prefix_covers_whole_segments_of_the_path_as_it_was_sent() {
    let table = json!({ "rules": [
        { "match": "path_prefix", "prefix": "/api/db", "strip": true, "service": "db" },
        { "match": "path_prefix", "prefix": "/api/auth/", "service": "auth" },
        { "match": "default", "service": "gateway" },
    ] });
    let preset = with_table(&table, &["db", "auth", "gateway"]);
    for (path, service, seen) in [
        ("/api/db", "db", "/"),
        ("/api/db?a=/b", "db", "/?a=/b"),
        ("/api/db/", "db", "/"),
        ("/api/db/a%2Fb?q=%20", "db", "/a%2Fb?q=%20"),
        ("/api/db//evil.example/x", "db", "//evil.example/x"),
        ("/api/db/../auth/x", "auth", "/api/auth/x"),
        ("/api/db/%2e%2e/auth", "auth", "/api/db/%2e%2e/auth"),
        ("/api/auth/a//b", "auth", "/api/auth/a//b"),
        ("/api/dbx", "gateway", "/api/dbx"),
        ("/api/db%2Fa", "gateway", "/api/db%2Fa"),
        ("/api//db/a", "gateway", "/api//db/a"),
        ("//api/db/a", "gateway", "//api/db/a"),
        ("/%61pi/db", "gateway", "/%61pi/db"),
        ("/API/DB", "gateway", "/API/DB"),
    ] {
        let answer = preset.get("api.do", path);
        assert_eq!(answer.json()["service"], service, "{path}: {}", answer.body);
        assert_eq!(answer.json()["url"], format!("http://api.do{seen}"), "{path}");
    }
}

#[test]
fn a_routing_key_leads_to_the_adapter_that_claims_it() {
    let machine = Machine::with_adapter();
    let manifest = machine.workspace().join("tenants/customer-a/adapters/notes/adapter.toml");
    let text = std::fs::read_to_string(&manifest).expect("readable");
    let keys = "routing_keys = [\"k-4f2a\", \"hooks.customer-a.example\"]\n";
    std::fs::write(&manifest, format!("{keys}{text}")).expect("writable");
    let running = machine.start();
    machine.run(&["publish", "customer-a/notes"]).success();
    for (host, path, status) in [
        ("patchbay.example", "/hooks/k-4f2a", 401),
        ("patchbay.example", "/hooks/k-4f2a/slack/events?x=1", 401),
        ("hooks.customer-a.example", "/anything", 401),
        ("patchbay.example", "/hooks/k-4f2b", 404),
        ("patchbay.example", "/hooks/", 404),
        ("patchbay.example", "/k-4f2a", 404),
        ("other.customer-a.example", "/anything", 404),
    ] {
        let (answered, body) = http("POST", &format!("{}{path}", running.dispatcher_url()), &[("Host", host)], b"{}");
        assert_eq!(answered, status, "{host}{path}: {}", String::from_utf8_lossy(&body));
    }
    let decision = machine.json(&["route", "test", "http://hooks.customer-a.example/"]);
    assert_eq!(decision["script"], "customer-a-notes", "{decision:#}");
    machine.run(&["tenant", "add", "customer-b"]).success();
    let other = machine.workspace().join("tenants/customer-b/adapters/notes");
    std::fs::create_dir_all(other.join("src")).expect("writable");
    std::fs::write(other.join("adapter.toml"), format!("{keys}compatibility_date = \"2026-06-01\"\n"))
        .expect("writable");
    std::fs::write(other.join("src/adapter.ts"), "export default {};\n").expect("writable");
    let claimed = machine.run(&["route", "test", "http://hooks.customer-a.example/"]);
    claimed.code(1);
    assert!(claimed.stderr.contains("customer-a/notes and of customer-b/notes"), "both are named\n{claimed}");
}

#[test]
fn a_wrong_table_is_named_with_its_place_wherever_it_is_read() {
    let machine = Machine::with_adapter();
    let routes = machine.workspace().join("routes.json");
    std::fs::write(&routes, "{\n  \"rules\": [\n    { \"match\": \"path_prefix\", \"prefix\": \"/api/db/*\", \"service\": \"db\" }\n  ]\n}\n")
        .expect("writable");
    for arguments in
        [&["route", "test", "http://localhost/"][..], &["start", "--api-port", "0", "--dispatcher-port", "0"]]
    {
        let error = machine.error(arguments, 1);
        assert_eq!(error["code"], "workspace.broken_file", "{error}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("routes.json:3:41: `rules[0].prefix` must begin with"), "{message}");
        assert!(error["hints"].to_string().contains("Correct line 3 of routes.json"), "{error}");
    }
    let doctor = machine.run(&["doctor", "--check", "workspace"]);
    doctor.code(1);
    assert!(doctor.stdout.contains("routes.json:3:41"), "{doctor}");
}

#[test]
fn an_unknown_key_of_the_table_is_warned_about_and_stops_nothing() {
    let machine = Machine::with_adapter();
    let routes = machine.workspace().join("routes.json");
    std::fs::write(
        &routes,
        "{ \"rules\": [\n  { \"match\": \"default\", \"service\": \"a\", \"timeoutms\": 5 }\n] }\n",
    )
    .expect("writable");
    let result = machine.run(&["route", "test", "http://localhost/"]);
    result.success();
    assert!(
        result
            .stderr
            .contains("routes.json:2:41: the key `rules[0].timeoutms` is not known; did you mean `timeout_ms`?"),
        "{result}"
    );
}

#[test]
fn a_running_platform_keeps_its_table_while_the_file_is_wrong() {
    let preset = with_table(&json!({ "rules": [{ "match": "default", "service": "gateway" }] }), &["gateway", "db"]);
    let routes = preset.machine.workspace().join("routes.json");
    std::fs::write(&routes, "{ \"rules\": 5 }").expect("writable");
    preset.machine.error(&["route", "test", "http://localhost/"], 1);
    assert_eq!(preset.get("api.do", "/").json()["service"], "gateway");
    std::fs::write(&routes, "{ \"rules\": [{ \"match\": \"default\", \"service\": \"db\" }] }").expect("writable");
    preset.machine.run(&["route", "test", "http://localhost/"]).success();
    assert_eq!(preset.get("api.do", "/").json()["service"], "db", "live with the next request");
}

#[test]
fn a_tenant_in_a_region_without_a_namespace_is_told_so() {
    let machine = Machine::with_adapter();
    let settings = machine.workspace().join("patchbay.toml");
    let text = std::fs::read_to_string(&settings).expect("readable");
    std::fs::write(&settings, format!("{text}\n[regions]\nap = \"Asia Pacific\"\n")).expect("writable");
    machine.run(&["tenant", "add", "customer-ap", "--region", "ap"]).success();
    let decision = machine.json(&[
        "route",
        "test",
        "http://localhost/",
        "-H",
        "x-customer-id:customer-ap",
        "-H",
        "x-script-id:notes",
    ]);
    assert_eq!(decision["binding"], "PRODUCTION", "{decision:#}");
    let notes = decision["notes"].to_string();
    assert!(notes.contains("The region ap of customer-ap has no namespace of its own"), "{notes}");
    let nowhere = machine.error(&["route", "test", "http://localhost/", "--env", "moon"], 2);
    assert!(nowhere.to_string().contains("staging"), "{nowhere}");
}
