//! Ways out of an adapter, one by one: each is tried for real, and leads nowhere.

mod code;
mod endings;
mod files;
mod neighbours;
mod network;
mod reports;

use crate::support::{Answer, Fixture, NAMESPACE};
use patchbay_platform::{CallContext, local_api::Observations};
use serde_json::{Value, json};

/// Adapters that try: one that its tenant's process loads, and one with a native binding, which has a process of its
/// own in which it is configured and not loaded.
const ADAPTERS: [&str; 2] = ["probe", "native"];
const ATTEMPTS: &str = include_str!("../../fixtures/ways_out.js");

/// A platform with two tenants whose adapters try to get out.
struct Prison {
    fixture: Fixture,
}

/// What an adapter reports about an attempt.
#[derive(Debug)]
enum Outcome {
    Got(Value),
    Refused(String),
}

impl Outcome {
    fn refused(self, what: &Value) -> String {
        match self {
            Self::Refused(said) => said,
            Self::Got(got) => panic!("{what} was not refused but gave {got}"),
        }
    }

    fn got(self, what: &Value) -> Value {
        match self {
            Self::Got(got) => got,
            Self::Refused(said) => panic!("{what} was refused: {said}"),
        }
    }
}

impl Prison {
    async fn start() -> Self {
        let fixture = Fixture::start().await;
        for tenant in ["customer-a", "customer-b"] {
            for adapter in ADAPTERS {
                let mut bindings = vec![json!({ "name": "TOKEN", "type": "secret_text", "text": secret_of(tenant) })];
                if adapter == "native" {
                    bindings.push(json!({ "name": "KV", "type": "kv_namespace", "namespace_id": tenant }));
                }
                let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-08-04", "bindings": bindings,
                    "compatibility_flags": ["nodejs_compat"], "tags": [format!("tenant:{tenant}")] });
                let path = format!("{NAMESPACE}/scripts/{tenant}-{adapter}");
                let files = [("index.js", "application/javascript+module", ATTEMPTS.as_bytes())];
                let uploaded = fixture.upload_parts(&path, &metadata, &files).await;
                assert_eq!(uploaded.status, 200, "{}", uploaded.text());
            }
        }
        Self { fixture }
    }

    /// The raw answer to an attempt.
    async fn answer(&self, tenant: &str, adapter: &str, attempt: &Value) -> Answer {
        self.fixture.deliver(tenant, adapter, &[], &attempt.to_string()).await
    }

    /// One attempt of an adapter of `customer-a`. What the runtime itself ends counts as refused.
    async fn attempt(&self, adapter: &str, attempt: &Value) -> Outcome {
        let answer = self.answer("customer-a", adapter, attempt).await.json();
        match (answer.get("got"), answer["refused"].as_str().or(answer["thrown"].as_str())) {
            (Some(got), _) => Outcome::Got(got.clone()),
            (None, Some(said)) => Outcome::Refused(said.to_owned()),
            (None, None) => panic!("{attempt} was answered with {answer}"),
        }
    }

    /// An attempt inside a recorded delivery, and what was observed of it.
    async fn recorded(&self, adapter: &str, attempt: &Value) -> (Answer, Observations) {
        let registered = self.fixture.local(http::Method::POST, "/deliveries", "").await.json();
        let value = registered["value"].as_str().expect("a value");
        let header = [("x-patchbay-delivery", value)];
        let answer = self.fixture.deliver("customer-a", adapter, &header, &attempt.to_string()).await;
        let id = registered["delivery"].as_str().expect("an id");
        let path = format!("/deliveries/{id}/observations?wait_ms=20000&answered=true");
        let observed = self.fixture.local(http::Method::GET, &path, "").await.json();
        (answer, serde_json::from_value(observed).expect("observations"))
    }

    /// Who called what since the last time.
    fn calls(&self) -> Vec<(CallContext, String)> {
        let calls = std::mem::take(&mut *self.fixture.gateway.calls.lock().expect("not poisoned"));
        calls.into_iter().map(|(context, request)| (context, request.url)).collect()
    }

    /// The same, once there is one: a beacon leaves after the answer.
    async fn next_calls(&self) -> Vec<(CallContext, String)> {
        let arriving = async {
            loop {
                let calls = self.calls();
                if !calls.is_empty() {
                    return calls;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), arriving).await.expect("a call")
    }

    /// The other tenant is served, by the processes that served it before.
    async fn neighbour_is_served(&self) {
        for adapter in ADAPTERS {
            let answer = self.answer("customer-b", adapter, &json!({ "way": "environment" })).await;
            assert_eq!(answer.json()["got"]["TOKEN"], secret_of("customer-b"), "{}", answer.text());
        }
    }
}

fn secret_of(tenant: &str) -> String {
    ["value", "of", tenant].join("/")
}

#[tokio::test]
async fn both_kinds_of_process_are_tried() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        prison.attempt(adapter, &json!({ "way": "exports" })).await.got(&json!(adapter));
    }
    let processes = prison.fixture.processes().await;
    let of_tenant = processes.iter().filter(|process| process.tenant.as_deref() == Some("tenant:customer-a"));
    assert_eq!(
        of_tenant.count(),
        ADAPTERS.len(),
        "a native binding gives a script a process of its own: {processes:?}"
    );
}
