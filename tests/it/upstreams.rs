//! Simulated upstreams behind the real runtime: what they keep, how they break, documents of the workspace, tokens.

use crate::machine::{Machine, notion_token};
use crate::presets::Preset;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Makes the calls of its body one after another and reports what it saw of each.
const CALLER: &str = "export default { async fetch(request, env) {\n\
    const seen = [];\n\
    for (const { url, method = 'GET', headers = {}, body, patience = 20000 } of await request.json()) {\n\
      try {\n\
        const answer = await fetch(url, { method, headers, body, signal: AbortSignal.timeout(patience) });\n\
        const facts = { status: answer.status, retry: answer.headers.get('retry-after'), kind: answer.headers.get('content-type') };\n\
        seen.push(facts);\n\
        facts.text = await answer.text();\n\
        try { facts.json = JSON.parse(facts.text); } catch { facts.json = undefined; }\n\
      } catch (error) {\n\
        const facts = { thrown: error.name, message: error.message };\n\
        if (seen.length > 0 && seen.at(-1).status !== undefined && seen.at(-1).text === undefined) Object.assign(seen.at(-1), facts);\n\
        else seen.push(facts);\n\
      }\n\
    }\n\
    return Response.json(seen);\n\
  } };";

/// A platform with two scripts of `customer-a` that call: one that its tenant's process loads, and one with a native
/// binding, which has a process of its own.
fn with_callers() -> Preset {
    let preset = Preset::chosen("bring-your-own");
    let egress = "api.notion.com,api.airtable.com,orders.example.com,api.stripe.com";
    for tenant in ["customer-a", "customer-b"] {
        preset.machine.run(&["tenant", "add", tenant, "--region", "eu"]).success();
        preset.machine.run(&["tenant", "set", tenant, "egress", egress]).success();
        let (namespace, tag) = ("workspace-production-eu", format!("tenant:{tenant}"));
        preset.publish(namespace, &format!("{tenant}-loaded"), CALLER, &json!([]), &[&tag]);
        let store = json!([{ "name": "STORE", "type": "kv_namespace", "namespace_id": "anything" }]);
        preset.publish(namespace, &format!("{tenant}-native"), CALLER, &store, &[&tag]);
    }
    preset
}

fn calls(preset: &Preset, tenant: &str, script: &str, calls: &Value) -> Vec<Value> {
    let headers = [("x-customer-id", tenant), ("x-script-id", script)];
    let answer = Preset::ask("POST", preset.running.dispatcher_url(), "/", &headers, calls.to_string().as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().expect("a list").clone()
}

/// Asks Notion who the token is, so many times.
fn asks(times: usize) -> Value {
    let call = json!({ "url": "https://api.notion.com/v1/users/me", "patience": 700,
        "headers": { "authorization": "Bearer example-token", "notion-version": "2025-09-03" } });
    vec![call; times].into()
}

fn created(title: &str) -> Value {
    json!([{ "url": "https://api.airtable.com/v0/appEXAMPLE0000000/Deals", "method": "POST",
        "headers": { "authorization": "Bearer example-token", "content-type": "application/json" },
        "body": json!({ "fields": { "Name": title } }).to_string() }])
}

#[test]
fn every_kind_of_fault_reaches_the_adapter_on_the_wire() {
    let preset = with_callers();
    let fault = |spec: &str| {
        preset.machine.run(&["upstream", "fault", "customer-a", spec]).success();
    };
    for script in ["loaded", "native"] {
        for (spec, status, retry) in [
            ("notion:429:retry-after=7", 429, Some("7")),
            ("notion:500", 500, None),
            ("notion:502", 502, None),
            ("notion:503:retry-after=2", 503, Some("2")),
            ("notion:expired-token", 401, None),
        ] {
            fault(spec);
            let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
            assert_eq!((seen["status"].as_u64(), seen["retry"].as_str()), (Some(status), retry), "{spec}: {seen:#}");
            assert_eq!(seen["json"]["object"], "error", "{spec} in Notion's own words: {seen:#}");
        }
        fault("notion:malformed");
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert!(seen["status"] == 200 && seen["json"].is_null(), "{seen:#}");
        assert!(seen["text"].as_str().is_some_and(|text| text.starts_with('{')), "half of the JSON: {seen:#}");
        fault("notion:empty");
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert!(seen["status"] == 200 && seen["text"] == "", "{seen:#}");
        fault("notion:html");
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert!(seen["kind"].as_str().is_some_and(|kind| kind.starts_with("text/html")), "{seen:#}");
        fault("notion:truncated");
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert!(seen["status"] == 200 && seen["thrown"] == "Error", "the body breaks off: {seen:#}");
        assert_eq!(seen["message"], "Network connection lost.", "{seen:#}");
        fault("notion:reset");
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert!(seen["status"].is_null() && seen["thrown"] == "Error", "there is no answer: {seen:#}");
        assert_eq!(seen["message"], "Network connection lost.", "{seen:#}");
        fault("notion:slow:ms=300");
        let since = Instant::now();
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert_eq!(seen["status"], 200, "late, and right: {seen:#}");
        assert!(since.elapsed() >= Duration::from_millis(300), "it took {:?}", since.elapsed());
        fault("notion:timeout");
        let seen = &calls(&preset, "customer-a", script, &asks(1))[0];
        assert_eq!(seen["thrown"], "TimeoutError", "nobody answers: {seen:#}");
    }
}

#[test]
fn faults_hold_for_call_numbers_or_a_share_and_for_their_tenant() {
    let preset = with_callers();
    let fault = |specs: &[&str]| {
        let mut arguments = vec!["upstream", "fault", "customer-a"];
        arguments.extend(specs);
        preset.machine.json(&arguments)
    };
    let statuses = |tenant: &str, times: usize| -> Vec<u64> {
        let seen = calls(&preset, tenant, "loaded", &asks(times));
        seen.iter().map(|call| call["status"].as_u64().unwrap_or_default()).collect()
    };
    fault(&["notion#2:503", "notion#4:slow:ms=2000"]);
    assert_eq!(statuses("customer-a", 5), [200, 503, 200, 0, 200], "the fourth takes longer than the caller waits");
    assert_eq!(statuses("customer-b", 2), [200, 200], "another tenant's calls do not break");

    let list = fault(&["notion%50:500:seed=3"]);
    let notion = list["upstreams"].as_array().expect("a list").iter().find(|upstream| upstream["id"] == "notion");
    assert_eq!(notion.expect("is there")["faults"], json!(["notion%50:500:seed=3"]));
    let first = statuses("customer-a", 12);
    assert!(first.contains(&500) && first.contains(&200), "about half of them: {first:?}");
    fault(&["notion%50:500:seed=3"]);
    assert_eq!(statuses("customer-a", 12), first, "the same calls with the same seed");
    fault(&[]);
    assert_eq!(statuses("customer-a", 3), [200, 200, 200]);
}

#[test]
fn a_call_that_creates_sees_its_reset_and_a_get_on_a_used_connection_is_repeated_by_the_runtime() {
    let preset = with_callers();
    let fault = |spec: &str| {
        preset.machine.run(&["upstream", "fault", "customer-a", spec]).success();
    };
    let seen_calls = |upstream: &str| {
        let list = preset.machine.json(&["upstream", "list", "customer-a"]);
        let all = list["upstreams"].as_array().expect("a list").clone();
        all.into_iter().find(|summary| summary["id"] == upstream).expect("is there")["calls"].clone()
    };
    fault("airtable#2:reset");
    let twice = json!([created("Blue crane")[0], created("Red crane")[0]]);
    let seen = calls(&preset, "customer-a", "loaded", &twice);
    assert_eq!((&seen[0]["status"], &seen[1]["thrown"]), (&json!(200), &json!("Error")), "{seen:#?}");
    assert_eq!(seen_calls("airtable"), 2, "nothing is created twice");
    fault("notion#2:reset");
    let seen = calls(&preset, "customer-a", "loaded", &asks(3));
    assert!(seen.iter().all(|call| call["status"] == 200), "{seen:#?}");
    assert_eq!(seen_calls("notion"), 4, "one of three calls was made again");
}

#[test]
fn what_upstreams_keep_can_be_read_and_forgotten() {
    let preset = with_callers();
    let machine = &preset.machine;
    assert_eq!(calls(&preset, "customer-a", "loaded", &created("Blue crane"))[0]["status"], 200);
    assert_eq!(calls(&preset, "customer-a", "native", &created("Red crane"))[0]["status"], 200);
    let names = |tenant: &str| -> Vec<String> {
        let state = machine.json(&["upstream", "show", tenant, "airtable"]);
        let kept = state["kept"].as_array().expect("a list").iter();
        kept.map(|record| record["content"]["fields"]["Name"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(names("customer-a"), ["Blue crane", "Red crane"], "scripts of a tenant share its upstreams");
    assert!(names("customer-b").is_empty(), "tenants do not");
    let list = machine.json(&["upstream", "list", "customer-a"]);
    let airtable = list["upstreams"].as_array().expect("a list").iter().find(|upstream| upstream["id"] == "airtable");
    let airtable = airtable.expect("is there");
    assert_eq!((&airtable["calls"], &airtable["kept"]), (&json!(2), &json!(2)), "{airtable:#}");
    machine.run(&["upstream", "reset", "customer-a", "notion"]).success();
    assert_eq!(names("customer-a").len(), 2, "another upstream was reset");
    machine.run(&["upstream", "reset", "customer-a", "airtable"]).success();
    assert!(names("customer-a").is_empty());
}

#[test]
fn documents_of_the_workspace_are_upstreams_from_the_next_call_on() {
    let preset = with_callers();
    let order = |body: &str| {
        json!([{ "url": "https://orders.example.com/orders", "method": "POST", "body": body,
            "headers": { "content-type": "application/json" } }])
    };
    let ask = |body: &str| calls(&preset, "customer-a", "loaded", &order(body)).remove(0);
    let missing = ask("{}");
    assert_eq!(missing["status"], 502, "{missing:#}");
    assert_eq!(missing["json"]["error"], "Upstream not simulated", "{missing:#}");

    let folder = preset.machine.workspace().join("upstreams");
    std::fs::create_dir_all(&folder).expect("the workspace is writable");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("the workspace is writable");
    write("orders.yaml", "openapi: 3.1.0\npaths: [\n");
    let broken = ask("{}");
    assert_eq!(broken["status"], 502, "{broken:#}");
    let problems = broken["json"]["unreadable_documents"].as_array().expect("what is wrong");
    assert!(problems[0].as_str().is_some_and(|text| text.contains("`orders.yaml` is not YAML")), "{broken:#}");

    write("orders.yaml", ORDERS);
    let made = ask(r#"{"customer":"Ada","amount":5}"#);
    assert_eq!(made["status"], 201, "{made:#}");
    let refused = ask(r#"{"customer":"Ada","amount":"5"}"#);
    assert_eq!(refused["status"], 400, "{refused:#}");
    assert_eq!(refused["json"]["detail"], "`body.amount` is not of the type integer");
    let id = made["json"]["id"].as_str().expect("an id");
    let read = json!([{ "url": format!("https://orders.example.com/orders/{id}") }]);
    assert_eq!(calls(&preset, "customer-a", "native", &read)[0]["json"]["customer"], "Ada", "created is readable");
    let state = preset.machine.json(&["upstream", "show", "customer-a", "custom"]);
    assert_eq!(state["kept"][0]["content"]["customer"], "Ada", "{state:#}");
    let list = preset.machine.json(&["upstream", "list", "customer-b"]);
    assert_eq!(list["documents"][0]["hosts"], json!(["orders.example.com"]), "{list:#}");

    write("notion.json", r#"{"openapi":"3.1.0","paths":{},"servers":[{"url":"https://api.notion.com/v1"}]}"#);
    let list = preset.machine.json(&["upstream", "list", "customer-a"]);
    let documents = list["documents"].as_array().expect("a list");
    let taken = documents.iter().find(|document| document["name"] == "notion.json").expect("is there");
    let problem = taken["problem"]["message"].as_str().expect("a problem");
    assert_eq!(problem, "`notion` already answers for the host `api.notion.com` of the document `notion.json`");
    preset.machine.run(&["upstream", "fault", "customer-a", "custom:503"]).success();
    assert_eq!(ask(r#"{"customer":"Ada","amount":5}"#)["status"], 503, "described upstreams break, too");
}

const ORDERS: &str = "openapi: 3.1.0
info: { title: Orders, version: '1' }
servers: [{ url: 'https://orders.example.com' }]
paths:
  /orders:
    post:
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } }
      responses:
        '201': { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
  /orders/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        '200': { description: one, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
components:
  schemas:
    Order:
      type: object
      required: [customer, amount]
      properties:
        id: { type: string, readOnly: true, example: ord_1 }
        customer: { type: string }
        amount: { type: integer }
";

#[test]
fn a_fault_of_a_replay_is_in_its_trace_and_gone_after_it() {
    let machine = Machine::with_adapter();
    let _running = machine.start();
    machine.run(&["publish", "customer-a/notes"]).success();
    machine.run(&["upstream", "fault", "customer-a", "airtable:503"]).success();
    let traces =
        machine.run(&["--json", "replay", "customer-a/notes", "--sample", "message", "--fault", "notion#1:reset"]);
    let traces: Value = serde_json::from_str(&traces.stdout).unwrap_or_else(|error| panic!("{error}: {traces}"));
    let call = &traces[0]["outbound"][0];
    assert_eq!((&call["interruption"], &call["response"]["status"]), (&json!("reset"), &json!(0)), "{call:#}");
    assert!(traces[0]["text"].as_str().expect("a text").contains("→ connection reset (simulated)"));
    assert_eq!(traces[0]["summary"]["status"], 503, "the sender is told to come again");
    let list = machine.json(&["upstream", "list", "customer-a"]);
    let faults: Vec<&Value> = list["upstreams"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|upstream| upstream["faults"].as_array())
        .flatten()
        .collect();
    assert_eq!(faults, ["airtable:503"], "those of before hold again");
    let trace =
        machine.json(&["replay", "customer-a/notes", "--sample", "message"]).as_array().expect("traces")[0].clone();
    assert_eq!(trace["summary"]["as_expected"], true, "{trace:#}");
}

#[test]
fn an_upstream_lets_in_the_token_that_the_adapter_was_published_with() {
    let machine = Machine::with_adapter();
    let _running = machine.start();
    let replayed = || {
        let result = machine.run(&["--json", "replay", "customer-a/notes", "--sample", "message"]);
        let traces: Value = serde_json::from_str(&result.stdout).unwrap_or_else(|error| panic!("{error}: {result}"));
        traces[0]["outbound"][0]["response"]["status"].clone()
    };
    machine.run(&["publish", "customer-a/notes"]).success();
    assert_eq!(replayed(), 200);
    // The adapter has the token of before, which nobody knows any more.
    machine.set_secret("customer-a/notes", "NOTION_TOKEN", &format!("{}1", notion_token()));
    assert_eq!(replayed(), 200);
    machine.run(&["publish", "customer-a/notes"]).success();
    assert_eq!(replayed(), 200);
    machine
        .patchbay(&["secret", "rotate", "customer-a/notes", "NOTION_TOKEN"])
        .stdin(format!("{}2", notion_token()))
        .run()
        .success();
    assert_eq!(replayed(), 200, "a rotated token is the live one");

    let source = machine.workspace().join("tenants/customer-a/adapters/notes/src");
    let sends = std::fs::read_dir(&source).expect("the adapter is there").flatten().map(|entry| entry.path());
    let mut changed = 0;
    for file in sends.filter(|path| path.extension().is_some_and(|extension| extension == "ts")) {
        let text = std::fs::read_to_string(&file).expect("the source is text");
        let wrong = text.replace("`Bearer ${", "`Bearer x${");
        changed += usize::from(wrong != text);
        std::fs::write(&file, wrong).expect("the workspace is writable");
    }
    assert_eq!(changed, 1, "one place sends the token");
    machine.run(&["publish", "customer-a/notes"]);
    assert_eq!(replayed(), 401, "another token than the secret is not let in");
}

#[test]
fn questions_that_make_no_sense_say_what_does() {
    let machine = Machine::with_adapter();
    let error = machine.error(&["upstream", "list", "customer-a"], 3);
    assert_eq!(error["code"], "target.unreachable", "nothing runs that could keep anything: {error}");
    let _running = machine.start();
    for (arguments, code, exit) in [
        (["upstream", "list", "customer-x"].as_slice(), "tenant.unknown", 1),
        (&["upstream", "show", "customer-a", "notoin"], "usage.malformed", 2),
        (&["upstream", "reset", "customer-a", "notoin"], "usage.malformed", 2),
        (&["upstream", "fault", "customer-a", "notion:sometimes"], "usage.malformed", 2),
        (&["replay", "customer-a/notes", "--fault", "notion"], "usage.malformed", 2),
    ] {
        let error = machine.error(arguments, exit);
        assert_eq!(error["code"], code, "{arguments:?}: {error}");
        assert!(!error["hints"].as_array().expect("hints").is_empty(), "{arguments:?}: {error}");
    }
}
