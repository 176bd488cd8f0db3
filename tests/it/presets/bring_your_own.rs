//! *Bring-your-own adapters*: two headers name the customer and the adapter; each customer has bindings of its own.

use super::{Answer, Preset};
use serde_json::{Value, json};

const SHOW: &str = "export default { fetch(request, env) {\n\
    return Response.json({ keys: Object.keys(env).sort(), region: env.REGION, secret: env.NOTION_TOKEN ?? env.AIRTABLE_KEY });\n\
  } };";

fn with_customers() -> Preset {
    let preset = Preset::chosen("bring-your-own");
    for (customer, region, secret) in [("customer-a", "eu", "NOTION_TOKEN"), ("customer-b", "us", "AIRTABLE_KEY")] {
        preset.machine.run(&["tenant", "add", customer, "--region", region]).success();
        let bindings = json!([
            { "type": "plain_text", "name": "REGION", "text": region },
            { "type": "secret_text", "name": secret, "text": format!("example-{customer}") },
        ]);
        let namespace = format!("workspace-production-{region}");
        let tag = format!("tenant:{customer}");
        preset.publish(&namespace, &format!("{customer}-hook-in"), SHOW, &bindings, &[&tag]);
    }
    preset
}

fn asked(preset: &Preset, headers: &[(&str, &str)]) -> Answer {
    Preset::ask("POST", preset.running.dispatcher_url(), "/hook?x=1", headers, b"{}")
}

fn by_ids(preset: &Preset, customer: &str, script: &str) -> Answer {
    asked(preset, &[("x-customer-id", customer), ("x-script-id", script)])
}

#[test]
fn each_customer_sees_its_own_bindings_and_no_others() {
    let preset = with_customers();
    let a = by_ids(&preset, "customer-a", "hook-in").json();
    assert_eq!(a, json!({ "keys": ["NOTION_TOKEN", "REGION"], "region": "eu", "secret": "example-customer-a" }));
    let b = by_ids(&preset, "customer-b", "hook-in").json();
    assert_eq!(b, json!({ "keys": ["AIRTABLE_KEY", "REGION"], "region": "us", "secret": "example-customer-b" }));
}

#[test]
fn a_crafted_pair_of_ids_reaches_nobody() {
    let preset = with_customers();
    let missing = by_ids(&preset, "customer-a", "other");
    assert_eq!((missing.status, &missing.json()["error"]), (404, &json!("Service not deployed")));
    for (customer, script) in [("customer-a-hook", "in"), ("customer", "a-hook-in"), ("customer-a-hook-in", "x")] {
        let answer = by_ids(&preset, customer, script);
        assert_eq!(answer.status, 404, "{customer}/{script}: {}", answer.body);
        assert!(!answer.body.contains("example-"), "{}", answer.body);
    }
}

#[test]
fn an_adapter_that_goes_over_its_limit_is_answered_with_503() {
    let preset = with_customers();
    preset.machine.run(&["tenant", "set", "customer-a", "limits.cpu_ms", "50"]).success();
    let spinning = "export default { fetch() { for (;;); } };";
    preset.publish("workspace-production-eu", "customer-a-spin", spinning, &json!([]), &["tenant:customer-a"]);
    let answer = by_ids(&preset, "customer-a", "spin");
    assert_eq!((answer.status, answer.json()), (503, json!({ "error": "Worker exceeded CPU limit" })));
    assert_eq!(by_ids(&preset, "customer-b", "hook-in").status, 200);
    assert_eq!(by_ids(&preset, "customer-a", "hook-in").status, 200, "the next request of the tenant is served");
}

#[test]
fn what_are_no_ids_matches_no_rule() {
    let preset = with_customers();
    let both: &[(&str, &str)] =
        &[("x-customer-id", "customer-b"), ("x-customer-id", "customer-a"), ("x-script-id", "hook-in")];
    let wrong: [&[(&str, &str)]; 7] = [
        &[],
        &[("x-customer-id", "customer-a")],
        both,
        &[("x-customer-id", ""), ("x-script-id", "hook-in")],
        &[("x-customer-id", "Customer-A"), ("x-script-id", "hook-in")],
        &[("x-customer-id", "customer-a"), ("x-script-id", "../hook-in")],
        &[("x-customer-id", "customer-a"), ("x-script-id", "hook--in")],
    ];
    for headers in wrong {
        let answer = asked(&preset, headers);
        assert_eq!((answer.status, &answer.json()["error"]), (404, &json!("Service not found")), "{headers:?}");
        assert_eq!(answer.json()["available_services"], json!([]), "{headers:?}");
    }
}

#[test]
fn route_test_tells_where_a_customer_goes_and_what_stands_in_the_way() {
    let preset = with_customers();
    let explained = |arguments: &[&str], code: i32| -> Value {
        let result = preset.machine.run(&[&["--json", "route", "test", "http://localhost/hook"], arguments].concat());
        result.code(code);
        serde_json::from_str(&result.stdout).unwrap_or_else(|error| panic!("{error}\n{result}"))
    };
    let ids = ["-H", "x-customer-id:customer-b", "-H", "x-script-id:hook-in"];
    let decision = explained(&ids, 0);
    assert_eq!(decision["namespace"], "workspace-production-us", "{decision:#}");
    assert_eq!(decision["binding"], "PRODUCTION_US");
    let crafted = explained(&["-H", "x-customer-id:customer-a-hook", "-H", "x-script-id:in"], 1);
    assert!(
        crafted["problem"].as_str().is_some_and(|text| text.contains("belongs to the tenant customer-a")),
        "{crafted:#}"
    );
    let stranger = explained(&["-H", "x-customer-id:nobody", "-H", "x-script-id:in"], 0);
    assert_eq!(stranger["notes"], json!(["The tenant nobody has no settings, so its adapters may call nobody"]));
}
