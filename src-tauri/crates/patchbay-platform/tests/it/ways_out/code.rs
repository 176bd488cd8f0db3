//! Code that was not uploaded, and modules that are not the adapter's.

use super::{ADAPTERS, Prison};
use serde_json::json;

#[tokio::test]
async fn no_module_beside_the_uploaded_ones_is_imported() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for name in [
            "file:///etc/passwd",
            "/etc/passwd",
            "../../../../etc/passwd",
            "data:text/javascript,export default 1",
            "https://evil.example/a.js",
            "patchbay:namespace",
            "patchbay:routing",
            "router.js",
            "cloudflare-internal:env",
            "cloudflare-internal:d1-api",
            "cloudflare-internal:workers",
            "workerd:unsafe",
            "workerd:unsafe-eval",
            "workerd:rtti",
            "workerd:jsg",
            "node-internal:process",
            "node-internal:internal_fs",
        ] {
            let attempt = json!({ "way": "import", "name": name });
            let said = prison.attempt(adapter, &attempt).await.refused(&attempt);
            assert!(said.starts_with("No such module"), "{name}: {said}");
            let attempt = json!({ "way": "require", "name": name });
            prison.attempt(adapter, &attempt).await.refused(&attempt);
        }
    }
    assert_eq!(prison.calls().len(), 0, "nothing was fetched for it");
}

#[tokio::test]
async fn no_code_is_made_from_text_or_bytes() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        let attempt = json!({ "way": "evaluate" });
        let got = prison.attempt(adapter, &attempt).await.got(&attempt);
        for way in ["eval", "function", "constructor", "generator", "timer", "assembly"] {
            assert!(got[way]["refused"].is_string(), "{way}: {got}");
        }
    }
}

#[tokio::test]
async fn node_has_no_processes_threads_debuggers_or_add_ons() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for way in ["child", "thread", "machine", "addOn", "binding"] {
            let attempt = json!({ "way": way });
            let said = prison.attempt(adapter, &attempt).await.refused(&attempt);
            assert!(said.contains("not implemented"), "{way}: {said}");
        }
        let attempt = json!({ "way": "debugger" });
        assert_eq!(prison.attempt(adapter, &attempt).await.got(&attempt), json!(null), "no address of a debugger");
        let attempt = json!({ "way": "arguments" });
        let got = prison.attempt(adapter, &attempt).await.got(&attempt);
        assert_eq!(got, json!({ "argv": ["workerd"], "execPath": "", "cwd": "/bundle", "pid": 1 }), "nothing is real");
    }
}
