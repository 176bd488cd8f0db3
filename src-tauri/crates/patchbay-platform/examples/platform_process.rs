//! Runs a platform until it is killed: `platform_process STATE_DIR WORKERD`. The tests kill it and look what is left.
//! It prints the ids of its children once one adapter has answered.

use std::error::Error;
use std::io::Write as _;

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<_> = std::env::args_os().collect();
    let [_, state_dir, workerd] = &arguments[..] else { return Err("give STATE_DIR and WORKERD".into()) };
    let mut options = support::options(state_dir.as_ref());
    options.workerd = workerd.into();
    let fixture = support::Fixture::start_with(options, tempfile::tempdir()?).await?;
    fixture.publish("customer-a-notion", &support::answering("ok"), serde_json::json!([])).await;
    fixture.deliver("customer-a", "notion", &[], "").await;
    let children: Vec<_> = fixture.processes().await.into_iter().filter_map(|process| process.pid).collect();
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&children)?)?;
    std::future::pending::<()>().await;
    Ok(())
}
