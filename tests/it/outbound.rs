//! The outbound worker in the real runtime: egress, redirects, pace.

use crate::presets::Preset;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Calls every URL of the body and says what came of each.
const CALLER: &str = "export default { async fetch(request) {\n\
    const { urls, init } = await request.json();\n\
    const calls = urls.map(async (url) => {\n\
      try {\n\
        const answer = await fetch(url, init);\n\
        const text = await answer.text();\n\
        return { status: answer.status, refused: answer.headers.get('x-patchbay-refused'), retry: answer.headers.get('retry-after'), text };\n\
      } catch (error) {\n\
        return { thrown: String(error) };\n\
      }\n\
    });\n\
    return Response.json(await Promise.all(calls));\n\
  } };";

fn with_callers() -> Preset {
    let preset = Preset::chosen("bring-your-own");
    preset.machine.run(&["tenant", "add", "customer-a", "--region", "eu", "--egress", "api.notion.com"]).success();
    for script in ["customer-a-one", "customer-a-two"] {
        preset.publish("workspace-production-eu", script, CALLER, &json!([]), &["tenant:customer-a"]);
    }
    preset
}

fn called(preset: &Preset, script: &str, urls: &[&str]) -> Vec<Value> {
    let headers = [("x-customer-id", "customer-a"), ("x-script-id", script)];
    let body = json!({ "urls": urls }).to_string();
    let answer = Preset::ask("POST", preset.running.dispatcher_url(), "/", &headers, body.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_array().expect("a list").clone()
}

#[test]
fn only_hosts_of_the_egress_list_are_reached() {
    let preset = with_callers();
    for (url, refused) in [
        ("https://api.notion.com/v1/users/me", None),
        ("https://API.NOTION.COM./v1/users/me", None),
        // The runtime takes the password away before anybody can send it.
        ("https://user:pass@api.notion.com/v1/users/me", None),
        ("https://api.notion.com:8443/v1/users/me", Some("egress")),
        ("https://api.notion.com.evil.example/", Some("egress")),
        ("https://api.notion.com@evil.example/", Some("egress")),
        ("https://api.notion.com%2eevil.example/", Some("egress")),
        ("https://evil.example#@api.notion.com/", Some("egress")),
        ("https://evil.example\\@api.notion.com/", Some("egress")),
        ("http://127.0.0.1/", Some("address")),
        ("http://2130706433/", Some("address")),
        ("http://0x7f.0.0.1/", Some("address")),
        ("http://[::ffff:127.0.0.1]/", Some("address")),
        ("http://localhost:4780/", Some("address")),
    ] {
        let call = &called(&preset, "one", &[url])[0];
        assert_eq!(call["refused"].as_str(), refused, "{url}: {call:#}");
        assert_eq!(call["status"] == 403, refused.is_some(), "{url}: {call:#}");
    }
    let refusal = called(&preset, "one", &["https://api.airtable.com/v0/x?key=example-canary"]).remove(0);
    let body: Value = serde_json::from_str(refusal["text"].as_str().expect("a body")).expect("JSON");
    assert_eq!(body["host"], "api.airtable.com");
    assert_eq!(body["hint"], "To allow it, add \"api.airtable.com\" to `egress` in tenants/customer-a/tenant.toml.");
    preset.machine.run(&["tenant", "set", "customer-a", "egress", "api.notion.com,api.airtable.com"]).success();
    let allowed = &called(&preset, "one", &["https://api.airtable.com/v0/x"])[0];
    assert!(allowed["refused"].is_null(), "live with the next request: {allowed:#}");
}

#[test]
fn adapters_of_a_tenant_share_its_pace() {
    let preset = with_callers();
    preset.machine.run(&["tenant", "set", "customer-a", "rate_limit.requests_per_second", "4"]).success();
    let urls = ["https://api.notion.com/v1/users/me"; 6];
    let since = Instant::now();
    let calls: Vec<Value> = std::thread::scope(|scope| {
        let asked = ["one", "two"].map(|script| scope.spawn(|| called(&preset, script, &urls)));
        asked.into_iter().flat_map(|asked| asked.join().expect("it answers")).collect()
    });
    assert!(calls.iter().all(|call| call["refused"].is_null() && call["status"].is_u64()), "{calls:#?}");
    // 12 calls at 4 a second: 4 at once, the last of the others after two seconds.
    assert!(since.elapsed() >= Duration::from_millis(1900), "they took {:?}", since.elapsed());
}

#[test]
fn who_would_wait_too_long_is_told_when_to_come_back() {
    let preset = with_callers();
    preset.machine.run(&["tenant", "set", "customer-a", "rate_limit.requests_per_second", "1"]).success();
    let urls = ["https://api.notion.com/v1/users/me"; 9];
    let calls = called(&preset, "one", &urls);
    let refused: Vec<&Value> = calls.iter().filter(|call| call["refused"] == "rate").collect();
    assert_eq!(refused.len(), 3, "one at once and one in each of five seconds: {calls:#?}");
    for call in refused {
        assert_eq!((call["status"].as_u64(), call["retry"].as_str()), (Some(429), Some("6")), "{call:#}");
        let body: Value = serde_json::from_str(call["text"].as_str().expect("a body")).expect("JSON");
        assert_eq!(body["reason"], "rate");
    }
}

#[test]
fn raw_sockets_are_refused() {
    let preset = with_callers();
    let source = "import { connect } from 'cloudflare:sockets';\n\
      export default { async fetch() {\n\
        try {\n\
          const socket = connect({ hostname: 'api.notion.com', port: 443 });\n\
          await socket.opened;\n\
          return Response.json({ opened: true });\n\
        } catch (error) {\n\
          return Response.json({ refused: String(error) });\n\
        }\n\
      } };";
    preset.publish("workspace-production-eu", "customer-a-raw", source, &json!([]), &["tenant:customer-a"]);
    let headers = [("x-customer-id", "customer-a"), ("x-script-id", "raw")];
    let answer = Preset::ask("GET", preset.running.dispatcher_url(), "/", &headers, b"");
    assert!(answer.json()["refused"].is_string(), "{}", answer.body);
}
