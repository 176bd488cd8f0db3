//! What makes a `patchbay replay` a load run.

use clap::Args;
use patchbay_app::wire::load::LoadWeight;

/// Any of these makes it a load run: many deliveries, none of which is recorded.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load run")]
pub struct LoadArguments {
    /// Send N deliveries.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub count: Option<u64>,
    /// Begin no delivery after so many seconds; 10 without --count.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub duration: Option<f64>,
    /// Send from C senders at once, each with a connection of its own; 16 when absent.
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    pub concurrency: Option<u32>,
    /// Send R deliveries a second, whatever the target does; latencies then count from when each was due. Without it every
    /// sender waits for its answer before it sends again.
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub rate: Option<f64>,
    /// Let the rate, or the number of senders, grow to its full value in so many seconds.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub ramp: Option<f64>,
    /// Send a sample N times as often as one without a weight, for example `--weight message=8`; repeat for more.
    #[arg(long = "weight", value_name = "SAMPLE=N", value_parser = weight)]
    pub weights: Vec<LoadWeight>,
}

impl LoadArguments {
    /// Whether a load run is asked for.
    pub fn is_given(&self) -> bool {
        let Self { count, duration, concurrency, rate, ramp, weights } = self;
        count.is_some()
            || duration.is_some()
            || concurrency.is_some()
            || rate.is_some()
            || ramp.is_some()
            || !weights.is_empty()
    }
}

/// The text is not `SAMPLE=N`.
#[derive(Debug, thiserror::Error)]
#[error("write SAMPLE=N, for example message=8")]
struct WeightError;

fn weight(given: &str) -> Result<LoadWeight, WeightError> {
    let parsed = given.rsplit_once('=').and_then(|(sample, weight)| Some((sample, weight.parse().ok()?)));
    let (sample, weight) = parsed.ok_or(WeightError)?;
    Ok(LoadWeight { sample: sample.to_owned(), weight })
}
