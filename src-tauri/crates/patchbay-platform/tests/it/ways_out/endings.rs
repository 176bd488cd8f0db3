//! Answers and exceptions that could break whoever takes them on.

use super::{ADAPTERS, Prison};
use serde_json::json;

/// Bytes of an exception's message that reach the dispatcher at most.
const LONGEST_MESSAGE: usize = 4096;

#[tokio::test]
async fn no_answer_of_an_adapter_ends_the_dispatcher() {
    let prison = Prison::start().await;
    let dispatcher = prison.fixture.process("dispatcher").await.pid;
    for adapter in ADAPTERS {
        for attempt in [
            json!({ "way": "header", "size": 1_000_000 }),
            json!({ "way": "header", "size": 8000, "count": 200 }),
            json!({ "way": "header", "size": 1, "count": 20_000 }),
            json!({ "way": "answer", "status": 200, "headers": { "content-length": "1000" }, "body": "short" }),
            json!({ "way": "answer", "status": 200, "headers": { "transfer-encoding": "gzip" }, "body": "x" }),
            json!({ "way": "answer", "status": 200, "headers": { "content-encoding": "br" }, "body": "not brotli" }),
            json!({ "way": "answer", "status": 204, "headers": {}, "body": null }),
            json!({ "way": "answer", "status": 599, "headers": { "connection": "upgrade", "upgrade": "x" } }),
            json!({ "way": "end", "how": "isolate" }),
            json!({ "way": "end", "how": "exit" }),
            json!({ "way": "end", "how": "abort" }),
            json!({ "way": "end", "how": "kill" }),
        ] {
            // The answer may be one that no client accepts.
            let url = format!("{}/", prison.fixture.platform.dispatcher_url());
            let headers = [("x-customer-id", "customer-a"), ("x-script-id", adapter)];
            let _ = crate::support::try_send(http::Method::POST, &url, &headers, attempt.to_string()).await;
            prison.neighbour_is_served().await;
        }
        let attempt = json!({ "way": "reachable" });
        prison.attempt(adapter, &attempt).await.got(&attempt);
    }
    assert_eq!(prison.fixture.process("dispatcher").await.pid, dispatcher);
}

#[tokio::test]
async fn whatever_is_thrown_arrives_as_a_short_exception() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for what in
            ["getter", "proxy", "symbol", "null", "object", "cyclic", "marked", "surrogate", "large", "named", "stack"]
        {
            let attempt = json!({ "way": "throw", "what": what, "size": 3_000_000 });
            let (answer, observed) = prison.recorded(adapter, &attempt).await;
            assert_eq!(answer.status, 500, "{what}");
            assert!(answer.body.len() < 2 * LONGEST_MESSAGE, "{what}: {} bytes", answer.body.len());
            assert!(observed.complete, "{what} costs nobody the report: {observed:?}");
            assert_eq!(observed.tail[0].outcome, "exception", "{what}");
        }
    }
    prison.neighbour_is_served().await;
}

#[tokio::test]
async fn a_secret_in_an_exception_reaches_neither_the_dispatcher_nor_its_answer() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for encoding in ["plain", "base64", "hex"] {
            let attempt = json!({ "way": "throw", "what": "secret", "encoding": encoding });
            let answer = prison.answer("customer-a", adapter, &attempt).await.json();
            assert_eq!(answer["thrown"], "it was <redacted:TOKEN>", "{encoding}");
        }
    }
}
