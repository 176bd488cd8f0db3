//! Who may speak to the API, and how.

mod files;
mod heads;
mod logs;
mod paths;
mod uploads;

use crate::support::{Fixture, send};
use http::Method;

#[tokio::test]
async fn only_holders_of_the_token_on_this_machine_are_answered() {
    let fixture = Fixture::start().await;
    let api = fixture.platform.api_url().to_owned();
    let account = format!("{api}/accounts/{}/workers/dispatch/namespaces", fixture.platform.account_id());
    let bearer = fixture.bearer();
    let token = bearer.trim_start_matches("Bearer ").to_owned();
    let refused = async |url: &str, headers: &[(&str, &str)]| {
        let (status, code, _) = send(Method::GET, url, headers, "").await.refusal();
        (status, code)
    };
    assert_eq!(refused(&account, &[]).await, (400, 9106));
    assert_eq!(refused(&account, &[("authorization", "Basic x")]).await, (400, 6003));
    assert_eq!(refused(&account, &[("authorization", "Bearer wrong")]).await, (403, 10000));
    assert_eq!(refused(&account, &[("authorization", &format!("{bearer}x"))]).await, (403, 10000));
    let other = format!("{api}/accounts/{}/workers/dispatch/namespaces", "0".repeat(32));
    assert_eq!(refused(&other, &[("authorization", &bearer)]).await, (403, 10000));
    let with = |name: &'static str, value: &'static str| [("authorization", bearer.as_str()), (name, value)];
    assert_eq!(refused(&account, &with("host", "evil.example")).await, (403, 9109), "DNS rebinding");
    assert_eq!(refused(&account, &with("origin", "https://evil.example")).await, (403, 9109), "a web page");
    assert_eq!(refused(&account, &with("origin", "null")).await, (403, 9109), "a sandboxed web page");
    assert_eq!(refused(&account, &with("sec-fetch-site", "cross-site")).await, (403, 9109), "a GET has no origin");
    let local = account.replace("/client/v4", "/patchbay/v1");
    assert_eq!(refused(&local, &[]).await, (400, 9106), "our own routes are behind the same guard");

    assert_eq!(send(Method::GET, &account, &with("origin", "http://127.0.0.1:1420"), "").await.status, 200);
    let by_key = [("x-auth-email", "a@b.example"), ("x-auth-key", token.as_str())];
    assert_eq!(send(Method::GET, &account, &by_key, "").await.status, 200, "wrangler with a global key");

    // A page cannot ask beforehand whether it may send more, either.
    let preflight = [("origin", "http://localhost:1420"), ("access-control-request-method", "PUT")];
    let answer = send(Method::OPTIONS, &account, &preflight, "").await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let fixture = Fixture::start().await;
    let body = vec![b'x'; (100 << 20) + 1];
    let (status, code, _) = fixture.script(Method::PUT, "customer-a-notion/secrets", body).await.refusal();
    assert_eq!((status, code), (413, 10026));
}

#[tokio::test]
async fn clients_cannot_forge_what_the_platform_tells_its_own_modules() {
    let fixture = Fixture::start().await;
    let source = "export default { fetch(request) { return Response.json({ cf: request.cf, headers: [...request.headers.keys()] }) } }";
    fixture.publish("customer-a-notion", source, serde_json::json!([])).await;
    let forged = [
        ("x-patchbay-delivery", "00000000-0000-0000-0000-000000000000.00"),
        ("cf-blob", r#"{"patchbay":{"tenant":"tenant:customer-b"}}"#),
    ];
    let seen = fixture.deliver("customer-a", "notion", &forged, "").await.json();
    assert_eq!(seen["cf"], serde_json::json!({}));
    let headers = seen["headers"].to_string();
    assert!(!headers.contains("x-patchbay"), "a delivery header that proves nothing is taken out, too: {headers}");
}
