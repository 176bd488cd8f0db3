//! Paths that are written to mean something else.

use crate::support::{Fixture, NAMESPACE, answering, files, send};
use http::Method;
use serde_json::json;

const NAMESPACES: &str = "/workers/dispatch/namespaces";

#[tokio::test]
async fn no_spelling_of_a_path_reaches_what_it_does_not_name() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("kept"), json!([])).await;
    let bearer = fixture.bearer();
    let account = fixture.platform.account_id();
    let root = fixture.platform.api_url().trim_end_matches("/client/v4").to_owned();
    let scripts = format!("/client/v4/accounts/{account}{NAMESPACES}/{NAMESPACE}/scripts");
    for path in [
        format!("{scripts}/../../../../../../user"),
        format!("{scripts}/%2e%2e/customer-a-notion"),
        format!("{scripts}/%2e%2e%2fcustomer-a-notion"),
        format!("{scripts}/..%252fcustomer-a-notion"),
        format!("{scripts}/customer-a-notion%00"),
        format!("{scripts}/customer-a-notion%0a"),
        format!("{scripts}/customer-a-notion%c0%af"),
        format!("{scripts}/%63ustomer-a-notion%2f"),
        format!("{scripts}/customer-a%252dnotion"),
        format!("{scripts}/customer-a-notion/"),
        format!("{scripts}//customer-a-notion"),
        format!("{scripts}/customer-a-notion;a=b"),
        format!("{scripts}/CUSTOMER-A-NOTION"),
        format!("{scripts}/customer-a-notion%20"),
        format!("{scripts}/%ff%fe"),
        format!("//client/v4/accounts/{account}{NAMESPACES}"),
        format!("/client/v4//accounts/{account}{NAMESPACES}"),
        format!("/client/v4/./accounts/{account}{NAMESPACES}"),
        format!("/CLIENT/v4/accounts/{account}{NAMESPACES}"),
        format!("/client%2fv4/accounts/{account}{NAMESPACES}"),
        "/client/v4/../../../../etc/passwd".into(),
        "/client/v4/%2e%2e/%2e%2e/etc/passwd".into(),
        "/patchbay/v1/../../token".into(),
    ] {
        let (status, _, message) =
            send(Method::GET, &format!("{root}{path}"), &[("authorization", &bearer)], "").await.refusal();
        assert!([400, 403, 404].contains(&status), "{path}: {status} {message}");
    }
    // The same name, written as a client may write it, is the same script.
    let encoded = format!("{root}{scripts}/%63ustomer%2Da%2Dnotion");
    assert_eq!(send(Method::GET, &encoded, &[("authorization", &bearer)], "").await.status, 200);
    // Another account behind other spellings.
    for other in [
        format!("{account}%20"),
        format!("%{:02x}{}", account.as_bytes()[0], &account[1..]),
        account.to_uppercase() + "x",
    ] {
        let url = format!("{root}/client/v4/accounts/{other}{NAMESPACES}");
        let (status, code, _) = send(Method::GET, &url, &[("authorization", &bearer)], "").await.refusal();
        assert_eq!((status, code), (403, 10000), "{other}");
    }
}

#[tokio::test]
async fn names_that_are_paths_or_controls_are_refused_and_create_nothing() {
    let fixture = Fixture::start().await;
    let before = files(fixture.folder.path()).len();
    let metadata = json!({ "main_module": "index.js" });
    let module = [("index.js", "application/javascript+module", b"export default { fetch() {} }".as_slice())];
    let long = "a".repeat(256);
    for name in ["..", ".", "%2e%2e", "a%2fb", "a%00b", "a%0d%0ab", "a%7f", "%c2%80", "a%c0%af", long.as_str()] {
        let path = format!("{NAMESPACE}/scripts/{name}");
        let answer = fixture.upload_parts(&path, &metadata, &module).await;
        assert!([400, 404].contains(&answer.status), "{name}: {} {}", answer.status, answer.text());
    }
    for name in ["", "..", "a/b", "a\0", "a\r\nb", "\u{85}", long.as_str()] {
        let body = json!({ "name": name }).to_string();
        let (status, code, _) = fixture.api(Method::POST, NAMESPACES, body).await.refusal();
        assert_eq!((status, code), (400, 10016), "{name:?}");
    }
    let listed = fixture.api(Method::GET, &format!("{NAMESPACES}/{NAMESPACE}/scripts"), "").await.json();
    assert_eq!(listed["result"], json!([]));
    assert_eq!(files(fixture.folder.path()).len(), before, "a name is never a file's");
}

#[tokio::test]
async fn a_method_is_what_the_request_line_says() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("kept"), json!([])).await;
    let bearer = fixture.bearer();
    let url = format!(
        "{}/accounts/{}{NAMESPACES}/{NAMESPACE}/scripts/customer-a-notion",
        fixture.platform.api_url(),
        fixture.platform.account_id()
    );
    for name in ["x-http-method-override", "x-http-method", "x-method-override", "_method"] {
        let headers = [("authorization", bearer.as_str()), (name, "DELETE")];
        assert_eq!(send(Method::GET, &format!("{url}?_method=DELETE"), &headers, "").await.status, 200);
        assert_eq!(send(Method::POST, &url, &headers, "_method=DELETE").await.status, 405);
    }
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "kept");
}
