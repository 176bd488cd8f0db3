//! Memory with many scripts: `many_scripts TENANTS SCRIPTS` publishes that many scripts of that many tenants and sends a
//! request to one after another, tenant after tenant in each round. Prints JSON lines: how many requests failed, and the
//! largest sum of resident memory of all child processes, in which pages that they share count for each.

use serde_json::json;
use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

/// Requests between two looks at the memory.
const LOOK: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let numbers: Vec<usize> = std::env::args().skip(1).map(|number| number.parse()).collect::<Result<_, _>>()?;
    let [tenants, scripts] = numbers[..] else { return Err("give TENANTS and SCRIPTS".into()) };
    let fixture = support::Fixture::start().await;
    let since = Instant::now();
    for script in 0..scripts {
        let (tenant, adapter) = (script % tenants, script / tenants);
        fixture.publish(&format!("t{tenant}-a{adapter}"), &support::answering(&script.to_string()), json!([])).await;
    }
    say(&json!({ "published": scripts, "tenants": tenants, "seconds": since.elapsed().as_secs_f64() }))?;

    let since = Instant::now();
    let (mut failed, mut largest, mut times) = (0, 0, Vec::new());
    for number in 0..scripts {
        // All scripts of a tenant, then the next tenant.
        let (tenant, adapter) = (number * tenants / scripts, number % (scripts / tenants).max(1));
        let sent = Instant::now();
        let answer = fixture.deliver(&format!("t{tenant}"), &format!("a{adapter}"), &[], "").await;
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
        failed += usize::from(answer.text() != (adapter * tenants + tenant).to_string());
        if number % LOOK == 0 {
            let resident = fixture.processes().await.iter().filter_map(|process| process.rss).sum::<u64>();
            largest = largest.max(resident);
        }
    }
    times.sort_by(f64::total_cmp);
    say(&json!({ "dispatched": scripts, "failed": failed, "seconds": since.elapsed().as_secs_f64(),
        "peak_rss_mib": largest >> 20, "processes_at_the_end": fixture.processes().await.len(),
        "ms": { "p50": times[times.len() / 2], "p99": times[times.len() * 99 / 100], "max": times[times.len() - 1] } }))?;
    drop(fixture.stop().await);
    Ok(())
}

fn say(line: &serde_json::Value) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
