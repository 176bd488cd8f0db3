//! The limit on requests, as clients see it.

use crate::support::{Fixture, options, send};
use http::Method;
use patchbay_platform::ApiRate;

fn number(header: &http::HeaderValue, after: &str) -> u64 {
    let text = header.to_str().expect("text");
    let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("{after} in {text}"));
    rest.split(';').next().and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("a number in {text}"))
}

#[tokio::test]
async fn every_answer_announces_the_limit_and_what_is_beyond_it_is_429() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(folder.path());
    options.api_rate = ApiRate::per_five_minutes(3);
    let fixture = Fixture::start_with(options, folder).await.expect("starts");
    let path = "/workers/dispatch/namespaces";

    let stranger = send(Method::GET, &format!("{}/user", fixture.platform.api_url()), &[], "").await;
    assert_eq!((stranger.status, number(&stranger.headers["ratelimit"], "r=")), (400, 3), "a stranger uses up nothing");
    let first = fixture.api(Method::GET, path, "").await;
    assert_eq!(first.headers["ratelimit-policy"], "\"default\";q=3;w=300");
    assert_eq!((first.status, number(&first.headers["ratelimit"], "r=")), (200, 2));
    let refused = fixture.api(Method::GET, "/nowhere", "").await;
    assert_eq!((refused.status, number(&refused.headers["ratelimit"], "r=")), (404, 1), "errors count, too");
    assert_eq!(fixture.api(Method::GET, path, "").await.status, 200);

    let beyond = fixture.api(Method::GET, path, "").await;
    let wait = number(&beyond.headers["ratelimit"], "t=");
    assert_eq!(beyond.headers["retry-after"], wait.to_string(), "the two agree");
    assert!((200..=300).contains(&wait), "{wait}");
    assert_eq!(beyond.refusal(), (429, 971, "Please wait and consider throttling your request speed".into()));
    assert_eq!(fixture.local(Method::GET, "/status", "").await.status, 200, "our own routes are not Cloudflare's");
}
