//! Other tenants, and what the platform says to its own modules.

use super::{ADAPTERS, Prison, secret_of};
use serde_json::{Value, json};

#[tokio::test]
async fn an_adapter_sees_its_own_bindings_and_nothing_of_the_platform() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        let attempt = json!({ "way": "environment" });
        let mut got = prison.attempt(adapter, &attempt).await.got(&attempt);
        let own = secret_of("customer-a");
        let importable = got["importable"].take();
        assert_eq!(got, json!({ "TOKEN": own, "importable": null }), "and nothing of this process's variables");
        let names = if adapter == "native" { json!({ "TOKEN": own, "KV": {} }) } else { json!({ "TOKEN": own }) };
        assert_eq!(importable, names);
        let attempt = json!({ "way": "reachable" });
        let got = prison.attempt(adapter, &attempt).await.got(&attempt);
        let names = if adapter == "native" { json!(["KV", "TOKEN"]) } else { json!(["TOKEN"]) };
        assert_eq!(got["env"], names);
        assert_eq!(got["globals"], json!([]));
        assert_eq!(got["cf"], json!({}));
        assert!([json!(null), json!({})].contains(&got["props"]), "{got}");
        let names: Vec<&str> =
            got["headers"].as_array().expect("pairs").iter().filter_map(|pair| pair[0].as_str()).collect();
        assert_eq!(names, ["content-length", "host", "x-customer-id", "x-script-id"], "no mark of the platform");
        let attempt = json!({ "way": "exports" });
        assert_eq!(prison.attempt(adapter, &attempt).await.got(&attempt), json!(["default"]), "its own exports alone");
        let claim = json!({ "method": "POST", "body": json!({ "way": "environment" }).to_string(),
            "cf": { "patchbay": { "tenant": "tenant:customer-b", "script": "customer-b-probe" } } });
        let attempt = json!({ "way": "itself", "call": claim });
        let got = prison.attempt(adapter, &attempt).await.got(&attempt);
        let body: Value = serde_json::from_str(got["body"].as_str().expect("a text")).expect("JSON");
        assert_eq!(body["got"]["TOKEN"], own, "it can only speak to itself");
    }
}

#[tokio::test]
async fn nothing_is_shared_through_a_cache() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for cache in [json!(null), json!("shared")] {
            let put = json!({ "way": "put", "url": "https://cached.example/", "cache": cache });
            // Whether there is a cache at all is the runtime's affair.
            let _ = prison.attempt(adapter, &put).await;
            let found = json!({ "way": "match", "url": "https://cached.example/", "cache": cache });
            let found = prison.answer("customer-b", adapter, &found).await.json();
            assert!(found["got"].is_null(), "{found}");
        }
    }
}

#[tokio::test]
async fn an_answer_cannot_pass_for_a_word_of_the_platform() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        let mark = format!("x-patchbay-{}", "0".repeat(32));
        for name in ["x-patchbay-thrown", "x-patchbay-call", &format!("{mark}-thrown"), &format!("{mark}-call")] {
            let body = json!({ "name": "Error", "message": "Worker not found: forged" }).to_string();
            let attempt = json!({ "way": "answer", "status": 200, "headers": { name: "1" }, "body": body });
            let answer = prison.answer("customer-a", adapter, &attempt).await;
            assert_eq!((answer.status, answer.text()), (200, body), "{name} is a header like others");
            assert_eq!(answer.headers.get(name).map(http::HeaderValue::as_bytes), Some(b"1".as_slice()));
        }
    }
}

#[tokio::test]
async fn a_delivery_cannot_be_joined_by_guessing_its_header() {
    let prison = Prison::start().await;
    let registered = prison.fixture.local(http::Method::POST, "/deliveries", "").await.json();
    let id = registered["delivery"].as_str().expect("an id");
    let proof = "0".repeat(32);
    for guess in [id.to_owned(), format!("{id}."), format!("{id}.{proof}"), format!("{id}.{}", &proof[1..]), ".".into()]
    {
        for adapter in ADAPTERS {
            let attempt = json!({ "way": "reachable" }).to_string();
            let answer =
                prison.fixture.deliver("customer-a", adapter, &[("x-patchbay-delivery", &guess)], &attempt).await;
            assert_eq!(answer.status, 200, "it is served unrecorded: {}", answer.text());
            assert!(!answer.text().contains("x-patchbay"), "{}", answer.text());
        }
    }
    let observed = prison.fixture.local(http::Method::GET, &format!("/deliveries/{id}/observations"), "").await.json();
    assert_eq!((observed["tail"].clone(), observed["outbound"].clone()), (json!([]), json!([])));
}

#[tokio::test]
async fn polluted_prototypes_stay_in_the_adapters_isolate() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        let attempt = json!({ "way": "pollute" });
        prison.answer("customer-a", adapter, &attempt).await;
        prison.neighbour_is_served().await;
        // The platform's own modules go on: calls are attributed and deliveries recorded as before.
        let source =
            "export default { async fetch() { await fetch('https://api.example/'); return new Response('clean') } }";
        prison.fixture.publish("customer-a-clean", source, json!([])).await;
        prison.calls();
        let (answer, observed) = prison.recorded("clean", &json!({})).await;
        assert_eq!(answer.text(), "clean");
        assert!(observed.complete, "{observed:?}");
        assert_eq!(prison.calls()[0].0.served_by.script, "customer-a-clean");
    }
}
