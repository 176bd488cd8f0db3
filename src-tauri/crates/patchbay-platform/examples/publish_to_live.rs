//! Measures publish → first answer of the new version: an upload, and the request that it answers, over HTTP.
//! Prints one JSON line.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

const ROUNDS: usize = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let started = Instant::now();
    let fixture = support::Fixture::start().await;
    fixture.publish("customer-a-notion", &support::answering("0"), serde_json::json!([])).await;
    fixture.deliver("customer-a", "notion", &[], "").await;
    let start_ms = started.elapsed().as_secs_f64() * 1000.0;
    let mut times = Vec::new();
    for round in 1..=ROUNDS {
        let text = format!("version {round}");
        let since = Instant::now();
        fixture.publish("customer-a-notion", &support::answering(&text), serde_json::json!([])).await;
        let answer = fixture.deliver("customer-a", "notion", &[], "").await.text();
        times.push(since.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(answer, text);
    }
    times.sort_by(f64::total_cmp);
    let line = serde_json::json!({ "rounds": ROUNDS, "start_to_first_answer_ms": start_ms,
        "publish_to_live_ms": { "p50": times[ROUNDS / 2], "p95": times[ROUNDS * 95 / 100], "max": times[ROUNDS - 1] } });
    writeln!(std::io::stdout(), "{line}")?;
    drop(fixture.stop().await);
    Ok(())
}
