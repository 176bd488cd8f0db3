//! Cloudflare's API, operation by operation.

use crate::support::{Fixture, NAMESPACE, answering, files};
use http::Method;
use serde_json::{Value, json};

const NAMESPACES: &str = "/workers/dispatch/namespaces";

#[tokio::test]
async fn namespaces_are_created_renamed_and_deleted() {
    let fixture = Fixture::start().await;
    let created = fixture.api(Method::POST, NAMESPACES, json!({ "name": "a b" }).to_string()).await.json();
    assert_eq!(created["result"]["namespace_name"], "a b");
    assert_eq!(created["result"]["script_count"], 0);
    assert_eq!(created["result"]["trusted_workers"], false);
    assert_eq!(created["result"]["created_by"], fixture.platform.account_id());
    let again = fixture.api(Method::POST, NAMESPACES, json!({ "name": "a b" }).to_string()).await.refusal();
    assert_eq!((again.0, again.1), (400, 100_120), "409 would make the official clients try again");
    let listed = fixture.api(Method::GET, NAMESPACES, "").await.json();
    assert_eq!(listed["result"].as_array().map(Vec::len), Some(2));
    assert_eq!(fixture.api(Method::GET, &format!("{NAMESPACES}/a%20b"), "").await.status, 200);

    fixture.publish("customer-a-notion", &answering("here"), json!([])).await;
    let renamed =
        fixture.api(Method::PUT, &format!("{NAMESPACES}/{NAMESPACE}"), json!({ "name": "moved" }).to_string()).await;
    assert_eq!(renamed.json()["result"]["script_count"], 1, "scripts stay");
    let gone = fixture.api(Method::GET, &format!("{NAMESPACES}/{NAMESPACE}"), "").await.refusal();
    assert_eq!((gone.0, gone.1), (404, 100_119));
    let missing = fixture.deliver("customer-a", "notion", &[], "").await.text();
    assert!(missing.contains("Worker not found"), "the dispatcher is bound to the old name: {missing}");
    let back = json!({ "name": NAMESPACE, "trusted_workers": true }).to_string();
    let back = fixture.api(Method::PATCH, &format!("{NAMESPACES}/moved"), back).await.json();
    assert_eq!(back["result"]["trusted_workers"], true);
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "here");

    let deleted = fixture.api(Method::DELETE, &format!("{NAMESPACES}/{NAMESPACE}"), "").await;
    assert_eq!(deleted.json(), json!({ "success": true, "errors": [], "messages": [], "result": null }));
    assert!(fixture.deliver("customer-a", "notion", &[], "").await.text().contains("Worker not found"));
    let gone = fixture.script(Method::GET, "customer-a-notion", "").await.refusal();
    assert_eq!((gone.0, gone.1), (404, 100_119));
}

#[tokio::test]
async fn a_missing_script_is_10092_for_get_and_10007_for_everything_else() {
    let fixture = Fixture::start().await;
    let missing = fixture.script(Method::GET, "customer-a-notion", "").await.refusal();
    assert_eq!(missing, (404, 10092, "workers.api.error.environment_not_found".into()));
    let secret = json!({ "name": "A", "text": "b", "type": "secret_text" }).to_string();
    for (method, path, body) in [
        (Method::DELETE, "", ""),
        (Method::GET, "/content", ""),
        (Method::GET, "/settings", ""),
        (Method::GET, "/bindings", ""),
        (Method::GET, "/secrets", ""),
        (Method::PUT, "/secrets", &secret),
        (Method::GET, "/secrets/A", ""),
        (Method::DELETE, "/secrets/A", ""),
        (Method::PATCH, "/secrets-bulk", "{}"),
        (Method::GET, "/tags", ""),
        (Method::PUT, "/tags", "[]"),
        (Method::PUT, "/tags/a", ""),
    ] {
        let refused =
            fixture.script(method.clone(), &format!("customer-a-notion{path}"), body.to_owned()).await.refusal();
        assert_eq!((refused.0, refused.1), (404, 10007), "{method} {path}");
    }
    for path in ["/workers/scripts/customer-a-notion/secrets", "/workers/scripts/customer-a-notion/settings"] {
        let refused = fixture.api(Method::GET, path, "").await.refusal();
        assert_eq!((refused.0, refused.1), (404, 10007), "{path} is another Worker");
    }
    let nowhere = fixture.api(Method::GET, "/workers/nothing", "").await.refusal();
    assert_eq!((nowhere.0, nowhere.1), (404, 7003));
    let slash = fixture.script(Method::PUT, "a%2Fb", "").await.refusal();
    assert_eq!((slash.0, slash.1), (400, 10016));
}

#[tokio::test]
async fn a_script_is_shown_as_clients_read_it() {
    let fixture = Fixture::start().await;
    let uploaded = fixture.upload("customer-a-notion", &answering("1"), json!([])).await.json()["result"].clone();
    for (key, length) in [("tag", 32), ("etag", 64), ("deployment_id", 32)] {
        assert_eq!(uploaded[key].as_str().map(str::len), Some(length), "{key}: {uploaded}");
    }
    assert_eq!(uploaded["handlers"], json!(["fetch"]));
    assert_eq!(uploaded["entry_point"], "index.js");
    assert!(uploaded["startup_time_ms"].as_u64().is_some_and(|time| time > 0), "{uploaded}");
    let shown = fixture.script(Method::GET, "customer-a-notion", "").await.json()["result"].clone();
    assert_eq!(shown["script"], uploaded);
    assert_eq!(shown["dispatch_namespace"], NAMESPACE);

    fixture.publish("customer-b-notion", &answering("1"), json!([])).await;
    let list = async |query: &str| -> Vec<String> {
        let path = format!("{NAMESPACES}/{NAMESPACE}/scripts{query}");
        let listed = fixture.api(Method::GET, &path, "").await.json();
        let entries = listed["result"].as_array().expect("a list").clone();
        entries
            .iter()
            .map(|entry| {
                assert_eq!(entry["id"], entry["script"]["id"], "flat and nested are the same script");
                entry["id"].as_str().expect("an id").to_owned()
            })
            .collect()
    };
    assert_eq!(list("").await, ["customer-a-notion", "customer-b-notion"]);
    assert_eq!(list("?tags=tenant%3Acustomer-a%3Ayes").await, ["customer-a-notion"]);
    assert_eq!(list("?tags=tenant:customer-a:no").await, ["customer-b-notion"]);
    let first = fixture.api(Method::GET, &format!("{NAMESPACES}/{NAMESPACE}/scripts?limit=1"), "").await.json();
    assert_eq!(first["result_info"]["cursor"], "customer-a-notion");
    assert_eq!(list("?limit=1&cursor=customer-a-notion").await, ["customer-b-notion"]);

    assert_eq!(fixture.script(Method::PUT, "customer-a-notion/tags/extra", "").await.status, 200);
    let tags = fixture.script(Method::GET, "customer-a-notion/tags", "").await.json();
    assert_eq!(tags["result"], json!(["tenant:customer-a", "extra"]));
    let path = format!("{NAMESPACES}/{NAMESPACE}/scripts?tags=extra:yes");
    let deleted = fixture.api(Method::DELETE, &path, "").await.json();
    assert_eq!(
        deleted["result"],
        json!({ "deleted": [{ "id": "customer-a-notion" }], "deleted_count": 1, "has_more": false })
    );
    assert_eq!(list("").await, ["customer-b-notion"]);
}

#[tokio::test]
async fn secrets_live_change_and_are_sealed() {
    let canary = |number: u8| ["canary", "value", &number.to_string()].join("/");
    let folder = {
        let fixture = Fixture::start().await;
        let source = "export default { fetch(request, env) { return Response.json(env) } }";
        let bindings = json!([{ "name": "TOKEN", "type": "secret_text", "text": canary(1) }, { "name": "REGION", "type": "plain_text", "text": "eu" }]);
        fixture.publish("customer-a-notion", source, bindings).await;
        let env = async || fixture.deliver("customer-a", "notion", &[], "").await.json();
        assert_eq!(env().await, json!({ "TOKEN": canary(1), "REGION": "eu" }));

        let secret = json!({ "name": "TOKEN", "text": canary(2), "type": "secret_text" }).to_string();
        let answer = fixture.script(Method::PUT, "customer-a-notion/secrets", secret).await;
        assert_eq!(answer.json()["result"], json!({ "name": "TOKEN", "type": "secret_text" }));
        assert_eq!(env().await["TOKEN"], canary(2), "a changed secret needs no upload");
        let odd = json!({ "name": "a/b", "text": canary(3), "type": "secret_text" }).to_string();
        fixture.script(Method::PUT, "customer-a-notion/secrets", odd).await;
        let shown = fixture.script(Method::GET, "customer-a-notion/secrets/a%2Fb?url_encoded=true", "").await.json();
        assert_eq!(shown["result"]["name"], "a/b");

        fixture.publish("customer-a-notion", source, json!([])).await;
        assert_eq!(
            env().await,
            json!({ "TOKEN": canary(2), "a/b": canary(3) }),
            "an upload keeps secrets, not variables"
        );

        let bulk =
            json!({ "secrets": { "a/b": null, "NEW": { "name": "NEW", "text": canary(4), "type": "secret_text" } } });
        let bulk = fixture.script(Method::PATCH, "customer-a-notion/secrets-bulk", bulk.to_string()).await.json();
        assert_eq!(bulk["result"]["NEW"], json!({ "name": "NEW", "type": "secret_text" }));
        assert_eq!(env().await, json!({ "TOKEN": canary(2), "NEW": canary(4) }));
        let bad = json!({ "secrets": { "TOKEN": null, "BAD": { "type": "plain_text", "text": "x" } } }).to_string();
        assert_eq!(fixture.script(Method::PATCH, "customer-a-notion/secrets-bulk", bad).await.status, 400);
        assert_eq!(env().await["TOKEN"], canary(2), "all of a bulk change or nothing of it");

        assert_eq!(fixture.script(Method::DELETE, "customer-a-notion/secrets/NEW", "").await.status, 200);
        let gone = fixture.script(Method::DELETE, "customer-a-notion/secrets/NEW", "").await.refusal();
        assert_eq!((gone.0, gone.1), (404, 10056));
        assert_eq!(env().await, json!({ "TOKEN": canary(2) }));
        for path in ["", "/settings", "/bindings", "/secrets"] {
            let answer = fixture.script(Method::GET, &format!("customer-a-notion{path}"), "").await;
            assert!(!answer.text().contains("canary"), "{path} shows a value");
        }
        let children = std::fs::read_dir(std::env::temp_dir()).expect("a folder").flatten();
        for entry in children.filter(|entry| entry.file_name().to_string_lossy().starts_with("patchbay-")) {
            // Folders of other tests may vanish meanwhile; none of them may hold a value of this one.
            for (path, content) in std::panic::catch_unwind(|| files(&entry.path())).unwrap_or_default() {
                assert!(!contains(&content, b"canary/value"), "{} holds a value", path.display());
            }
        }
        fixture.stop().await
    };
    for (path, content) in files(folder.path()) {
        assert!(!contains(&content, b"canary"), "{} holds a secret value in clear", path.display());
    }
    let again = Fixture::start_in(folder).await.expect("starts again");
    let env = again.deliver("customer-a", "notion", &[], "").await.json();
    assert_eq!(env, json!({ "TOKEN": canary(2) }), "and the store gives it back after a restart");
}

fn contains(content: &[u8], needle: &[u8]) -> bool {
    content.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn settings_and_content_change_without_touching_the_rest() {
    let fixture = Fixture::start().await;
    let source = "export default { fetch(request, env) { return Response.json(['one', env.A, env.S]) } }";
    let bindings = json!([{ "name": "A", "type": "plain_text", "text": "a" }, { "name": "S", "type": "secret_text", "text": "secret-s" }]);
    fixture.publish("customer-a-notion", source, bindings).await;

    let changed = source.replace("one", "two");
    let metadata = json!({ "main_module": "index.js" });
    let files = [("index.js", "application/javascript+module", changed.as_bytes())];
    let path = format!("{NAMESPACE}/scripts/customer-a-notion/content");
    assert_eq!(fixture.upload_parts(&path, &metadata, &files).await.status, 200);
    let answer = async || fixture.deliver("customer-a", "notion", &[], "").await.json();
    assert_eq!(answer().await, json!(["two", "a", "secret-s"]), "content alone changed");

    let wanted = json!({ "bindings": [{ "name": "A", "type": "plain_text", "text": "changed" }], "observability": { "enabled": true } });
    let body = format!("--b\r\nContent-Disposition: form-data; name=\"settings\"\r\n\r\n{wanted}\r\n--b--\r\n");
    let url = format!(
        "{}/accounts/{}{NAMESPACES}/{NAMESPACE}/scripts/customer-a-notion/settings",
        fixture.platform.api_url(),
        fixture.platform.account_id()
    );
    let bearer = fixture.bearer();
    let headers = [("authorization", bearer.as_str()), ("content-type", "multipart/form-data; boundary=b")];
    let patched = crate::support::send(Method::PATCH, &url, &headers, body).await.json();
    assert_eq!(patched["result"]["observability"], json!({ "enabled": true }), "{patched}");
    assert_eq!(answer().await, json!(["two", "changed", "secret-s"]));
    let settings: Value = fixture.script(Method::GET, "customer-a-notion/settings", "").await.json()["result"].clone();
    assert_eq!(settings["compatibility_date"], "2026-06-01");
    assert_eq!(settings["tags"], json!(["tenant:customer-a"]));
    let plain = fixture.script(Method::PATCH, "customer-a-notion/settings", "{}").await.refusal();
    assert_eq!((plain.0, plain.1), (400, 10001));
}

#[tokio::test]
async fn the_token_belongs_to_one_account() {
    let fixture = Fixture::start().await;
    let url = |path: &str| format!("{}{path}", fixture.platform.api_url());
    let bearer = fixture.bearer();
    let get = async |path: &str| {
        crate::support::send(Method::GET, &url(path), &[("authorization", &bearer)], "").await.json()
    };
    let verified = get("/user/tokens/verify").await;
    assert_eq!(verified["result"]["status"], "active");
    assert_eq!(verified["messages"][0]["code"], 10000);
    assert_eq!(get("/accounts?page=1").await["result"][0]["id"], fixture.platform.account_id());
    assert_eq!(get("/memberships?page=1").await["result_info"]["total_count"], 1);
    assert!(get("/user").await["result"]["email"].is_string());
}
