//! Serves a platform until it is killed: `serve_platform STATE_DIR WORKERD`. Prints `ready` when it serves; where it
//! serves stands in `STATE_DIR/running.json`.

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
    let _fixture = support::Fixture::start_with(options, tempfile::tempdir()?).await?;
    writeln!(std::io::stdout(), "ready")?;
    std::future::pending::<()>().await;
    Ok(())
}
