//! Kills the platform and its processes again and again and checks that nothing is lost: `kill_rounds [ROUNDS] [SEED]`.
//! Prints one JSON line with what happened.

use std::error::Error;
use std::io::Write as _;

#[path = "../tests/it/durability/mod.rs"]
mod durability;
#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod support;

const ROUNDS: u32 = 200;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(Ok(ROUNDS), |text| text.parse())?;
    let seed = arguments.next().map_or_else(|| Ok(rand::random()), |text| text.parse())?;
    let report = durability::kill_rounds(seed, rounds).await;
    writeln!(std::io::stdout(), "{report}")?;
    Ok(())
}
