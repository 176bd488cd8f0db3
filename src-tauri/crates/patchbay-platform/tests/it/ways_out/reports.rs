//! What an adapter logs, and what becomes of it.

use super::{ADAPTERS, Prison};
use serde_json::json;

#[tokio::test]
async fn a_flood_of_console_lines_is_cut() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for (size, count) in [(1000, 5000), (2_000_000, 2), (1, 100_000)] {
            let attempt = json!({ "way": "log", "what": "flood", "size": size, "count": count });
            let (_, observed) = prison.recorded(adapter, &attempt).await;
            assert!(observed.complete, "{attempt}");
            let kept: usize = observed.tail[0].logs.iter().map(|line| line.message.len()).sum();
            assert!(kept <= 256 << 10, "{attempt}: {kept} bytes");
            let last = observed.tail[0].logs.last().expect("a line");
            assert!(
                last.message.starts_with("Log size limit exceeded"),
                "it is said that something is missing: {last:?}"
            );
        }
    }
}

#[tokio::test]
async fn no_logged_value_costs_the_report() {
    let prison = Prison::start().await;
    for adapter in ADAPTERS {
        for (what, size) in [
            ("deep", 1000),
            ("deep", 100_000),
            ("surrogate", 0),
            ("trap", 0),
            ("json", 0),
            ("bigint", 0),
            ("number", 0),
        ] {
            let attempt = json!({ "way": "log", "what": what, "size": size });
            let (answer, observed) = prison.recorded(adapter, &attempt).await;
            assert_eq!(answer.json()["got"], "logged");
            assert!(observed.complete, "{attempt}: {observed:?}");
            assert_eq!(observed.tail[0].logs.len(), 1, "{attempt}");
        }
        let attempt = json!({ "way": "log", "what": "forged" });
        let (_, observed) = prison.recorded(adapter, &attempt).await;
        assert_eq!(observed.tail.len(), 1, "text stays text: {observed:?}");
        assert_eq!(observed.tail[0].served_by.script, format!("customer-a-{adapter}"));
    }
}
