//! The pace of a tenant's outbound calls, whichever of its processes they come from.

use crate::bindings::{ask, publish};
use crate::support::{Fixture, module, options};
use serde_json::json;

/// Takes a turn for the tenant at one call in 100 s, calls when it is now, and else says how long it would wait.
const OUTBOUND: &str = "export default { async fetch(request, env) {
    const wait = await env.PACE.getByName(env.tenant).take(0.01, 1_000_000);
    return wait > 0 ? Response.json({ wait }, { status: 429 }) : env.UPSTREAM.fetch(request);
} }";
const CALLING: &str = "export default { async fetch() {
    const answer = await fetch('https://upstream.example/');
    const { wait = 0 } = await answer.json();
    return Response.json({ status: answer.status, wait });
} }";

#[tokio::test(flavor = "multi_thread")]
async fn a_script_with_a_process_of_its_own_takes_turns_with_its_tenants_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(folder.path());
    options.workers.outbound = vec![module("outbound.js", OUTBOUND)];
    let fixture = Fixture::start_with(options, folder).await.expect("starts");
    let store = json!([{ "name": "STORE", "type": "kv_namespace", "namespace_id": "n" }]);
    publish(&fixture, "acme-dedicated", CALLING, store.clone(), json!({})).await;
    publish(&fixture, "acme-shared", CALLING, json!([]), json!({})).await;
    publish(&fixture, "rival-dedicated", CALLING, store, json!({})).await;

    assert_eq!(ask(&fixture, "dedicated", "").await, json!({ "status": 201, "wait": 0 }), "the first call passes");
    for adapter in ["shared", "dedicated"] {
        let found = ask(&fixture, adapter, "").await;
        assert_eq!(found["status"], 429, "{adapter}: {found}");
        assert!(found["wait"].as_f64().is_some_and(|wait| wait > 50_000.0), "{adapter}: {found}");
    }
    let rival = fixture.deliver("rival", "dedicated", &[], "").await.json();
    assert_eq!(rival, json!({ "status": 201, "wait": 0 }), "another tenant has turns of its own");
}
