//! *code24*: path prefixes with fallbacks, metadata headers, JSON whatever happens, an outbound service; staging only.

use super::{Answer, Preset, echo};
use serde_json::json;

const NAMESPACE: &str = "code24-workers-staging";

/// Prefix, service, script.
const ROUTES: [(&str, &str, &str); 5] = [
    ("/api/competitive", "competitive-analysis", "competitive-analysis-staging"),
    ("/api/market", "market-research", "market-research-staging"),
    ("/elite/brand", "brand-worker", "brand-worker-staging"),
    ("/elite/design", "designer-worker", "designer-worker-staging"),
    ("/elite/develop", "developer-worker", "advanced-developer-worker-staging"),
];

fn check_fallback(answer: &Answer, service: &str) {
    assert_eq!(answer.status, 200, "a workflow goes on: {}", answer.body);
    assert_eq!(answer.header("X-Code24-Fallback"), Some("true"), "{service}");
    assert_eq!(answer.header("X-Code24-Worker"), Some(service));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.json(),
        json!({ "error": "Worker temporarily unavailable", "worker": service, "fallback": true, "data": null })
    );
}

#[test]
fn the_first_dispatcher_is_that_of_staging_because_there_is_no_other() {
    let preset = Preset::chosen("code24");
    assert_eq!(preset.fact("environment"), "staging");
    assert!(preset.running.ready["other_dispatchers"].is_null(), "{}", preset.running.ready);
}

#[test]
fn each_route_leads_to_its_script_without_the_prefix_and_with_metadata() {
    let preset = Preset::chosen("code24");
    for (_, service, script) in ROUTES {
        preset.publish(NAMESPACE, script, &echo(service), &json!([]), &[]);
    }
    for (prefix, service, _) in ROUTES {
        let answer = preset.get("api.code24.example", &format!("{prefix}/work/deep?topic=a%2Fb"));
        assert_eq!(answer.json()["service"], service, "{}", answer.body);
        assert_eq!(answer.json()["url"], "http://api.code24.example/work/deep?topic=a%2Fb");
        assert_eq!(answer.header("X-Code24-Dispatch"), Some("dynamic"));
        assert_eq!(answer.header("X-Code24-Worker"), Some(service));
        assert_eq!(answer.header("X-Code24-Path"), Some("/work/deep"));
        assert_eq!(answer.header("X-Code24-Fallback"), None);
    }
}

#[test]
fn a_missing_worker_is_answered_by_its_fallback() {
    let preset = Preset::chosen("code24");
    for (prefix, service, _) in ROUTES {
        check_fallback(&preset.get("api.code24.example", &format!("{prefix}/work")), service);
    }
}

#[test]
fn every_answer_is_json_whatever_the_worker_answers() {
    let preset = Preset::chosen("code24");
    let page = "<!DOCTYPE html><title>Worker</title>";
    let answers = [
        ("a page", format!("new Response({page:?}, {{ headers: {{ 'content-type': 'text/html' }} }})")),
        (
            "a page that is called JSON",
            format!("new Response({page:?}, {{ headers: {{ 'content-type': 'application/json' }} }})"),
        ),
        ("a page without a type", format!("new Response(new TextEncoder().encode({page:?}))")),
        ("half of its JSON", "new Response('{\"half\":', { headers: { 'content-type': 'application/json' } })".into()),
        ("an exception", "(() => { throw new Error('example-canary'); })()".into()),
        (
            "an error page",
            format!("new Response({page:?}, {{ status: 500, headers: {{ 'content-type': 'text/html' }} }})"),
        ),
    ];
    for (what, expression) in &answers {
        let source = format!("export default {{ fetch() {{ return {expression}; }} }};");
        preset.publish(NAMESPACE, "brand-worker-staging", &source, &json!([]), &[]);
        let answer = preset.get("api.code24.example", "/elite/brand/create");
        assert!(!answer.body.contains("example-canary"), "{what}");
        check_fallback(&answer, "brand-worker");
    }
    let text = "export default { fetch() { return new Response('{\"made\":true}'); } };";
    preset.publish(NAMESPACE, "brand-worker-staging", text, &json!([]), &[]);
    let answer = preset.get("api.code24.example", "/elite/brand/create");
    assert_eq!((answer.json(), answer.header("content-type")), (json!({ "made": true }), Some("application/json")));
    assert_eq!(answer.header("X-Code24-Fallback"), None, "JSON that is sent as text is JSON");
    let nothing = preset.get("api.code24.example", "/elite/unknown");
    assert_eq!((nothing.status, nothing.json()["error"].as_str()), (404, Some("Service not found")));
    assert_eq!(nothing.header("X-Code24-Dispatch"), Some("dynamic"));
}

#[test]
fn the_outbound_service_has_the_settings_of_the_tables_tenant() {
    let preset = Preset::chosen("code24");
    let source = "export default { async fetch() {\n\
        const answer = await fetch('https://api.notion.com/v1/users/me');\n\
        return Response.json({ status: answer.status, refused: answer.headers.get('x-patchbay-refused'), said: await answer.text() });\n\
      } };";
    preset.publish(NAMESPACE, "market-research-staging", source, &json!([]), &[]);
    let refused = preset.get("api.code24.example", "/api/market/ask").json();
    assert_eq!((refused["status"].as_u64(), refused["refused"].as_str()), (Some(403), Some("egress")), "{refused:#}");
    assert!(refused["said"].as_str().is_some_and(|said| said.contains("tenants/code24/tenant.toml")), "{refused:#}");
    preset.machine.run(&["tenant", "set", "code24", "egress", "api.notion.com"]).success();
    let allowed = preset.get("api.code24.example", "/api/market/ask").json();
    assert!(allowed["refused"].is_null(), "it reaches the simulated upstream: {allowed:#}");
}
