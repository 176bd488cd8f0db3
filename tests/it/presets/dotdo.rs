//! *dotdo*: eight hosts, three path prefixes, a gateway for the rest, three namespaces.

use super::{Preset, echo};
use serde_json::json;

const SERVICES: [&str; 8] = ["gateway", "db", "auth", "schedule", "webhooks", "email", "mcp", "queue"];

fn with_services() -> Preset {
    let preset = Preset::chosen("dotdo");
    for service in SERVICES {
        preset.publish("dotdo-production", service, &echo(service), &json!([]), &[]);
    }
    preset
}

#[test]
fn eight_hosts_three_prefixes_and_the_gateway_are_served_on_one_port() {
    let preset = with_services();
    for service in SERVICES {
        let answer = preset.get(&format!("{service}.do"), "/health?a=1");
        assert_eq!((answer.status, &answer.json()["service"]), (200, &json!(service)), "{}", answer.body);
        assert_eq!(answer.json()["url"], format!("http://{service}.do/health?a=1"), "the request is untouched");
    }
    for (host, path, service) in [
        ("api.do", "/api/db/query?q=%20x&q=2", "db"),
        ("api.do", "/api/db", "db"),
        ("unknown.do", "/api/auth/login", "auth"),
        ("do", "/api/schedule/", "schedule"),
        ("gateway.do", "/api/db/query", "gateway"),
        ("do", "/", "gateway"),
        ("api.do", "/anything", "gateway"),
        ("api.do", "/api/dbx", "gateway"),
    ] {
        let answer = preset.get(host, path);
        assert_eq!(answer.json()["service"], service, "{host}{path}: {}", answer.body);
        assert_eq!(answer.json()["url"], format!("http://{host}{path}"), "{host}{path} is untouched");
    }
    let posted = Preset::ask("POST", preset.running.dispatcher_url(), "/", &[("Host", "queue.do")], b"{\"job\":1}");
    assert_eq!((&posted.json()["method"], &posted.json()["body"]), (&json!("POST"), &json!("{\"job\":1}")));
}

#[test]
fn the_three_bodies_are_the_original_ones_word_for_word() {
    let preset = Preset::chosen("dotdo");
    let unknown = preset.get("unknown.do", "/test?x=1");
    assert_eq!(unknown.status, 404);
    assert_eq!(
        unknown.body,
        "{\"error\":\"Service not found\",\"message\":\"No worker found for unknown.do/test\",\
         \"available_services\":[\"gateway\",\"db\",\"auth\",\"schedule\",\"webhooks\",\"email\",\"mcp\",\"queue\"]}"
    );
    let others = preset.running.ready["other_dispatchers"].clone();
    for (environment, dispatcher) in [
        ("production", preset.running.dispatcher_url()),
        ("staging", others["staging"].as_str().expect("a URL")),
        ("development", others["development"].as_str().expect("a URL")),
    ] {
        let missing = Preset::ask("GET", dispatcher, "/health", &[("Host", "gateway.do")], b"");
        assert_eq!(missing.status, 404);
        assert_eq!(
            missing.body,
            format!(
                "{{\"error\":\"Service not deployed\",\"message\":\"Worker \\\"gateway\\\" not found in {environment} namespace\",\
                 \"hint\":\"Service may not be deployed yet. Deploy via Deploy API.\"}}"
            )
        );
        assert_eq!(missing.header("content-type"), Some("application/json"));
    }
    let throws = "export default { fetch() { throw new Error('example-canary at secret.ts:1'); } };";
    preset.publish("dotdo-production", "db", throws, &json!([]), &[]);
    let failed = preset.get("db.do", "/");
    assert_eq!(failed.status, 500);
    assert_eq!(
        failed.body,
        "{\"error\":\"Internal server error\",\"message\":\"Worker \\\"db\\\" threw an exception\"}"
    );
}

#[test]
fn each_environment_has_scripts_of_its_own() {
    let preset = Preset::chosen("dotdo");
    for environment in ["production", "staging", "development"] {
        preset.publish(&format!("dotdo-{environment}"), "gateway", &echo(environment), &json!([]), &[]);
    }
    assert_eq!(preset.get("gateway.do", "/").json()["service"], "production");
    for environment in ["staging", "development"] {
        let dispatcher = preset.running.ready["other_dispatchers"][environment].as_str().expect("a URL");
        let answer = Preset::ask("GET", dispatcher, "/", &[("Host", "gateway.do")], b"");
        assert_eq!(answer.json()["service"], environment);
    }
}

#[test]
fn route_test_names_service_namespace_and_every_rule() {
    let machine = crate::machine::Machine::new();
    machine.run(&["route", "preset", "dotdo"]).success();
    let decision = machine.json(&["route", "test", "http://api.do/api/db/query", "--env", "staging"]);
    assert_eq!(decision["script"], "db", "{decision:#}");
    assert_eq!(decision["namespace"], "dotdo-staging");
    assert_eq!(decision["path"], "/api/db/query");
    let rules = decision["rules"].as_array().expect("a list");
    let reasons: Vec<(&str, bool)> = rules
        .iter()
        .map(|rule| (rule["rule"].as_str().expect("a name"), rule["matched"].as_bool().expect("a verdict")))
        .collect();
    assert_eq!(
        reasons,
        [
            ("subdomain *.do", false),
            ("path_prefix /api/db", true),
            ("path_prefix /api/auth", false),
            ("path_prefix /api/schedule", false),
            ("default", false)
        ]
    );
    assert_eq!(rules[0]["reason"], "api is not one of gateway, db, auth, schedule, webhooks, email, mcp, queue");
    assert_eq!(rules[4]["reason"], "Not tried, because path_prefix /api/db comes first and matched");
}
