//! `patchbay replay`.

use clap::Args;

#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Sample name; repeat for more. The first one when absent.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub sample: Vec<String>,
    /// Every sample.
    #[arg(long, conflicts_with = "sample")]
    pub all: bool,
    /// Break calls during each replay: UPSTREAM[#CALL|%PERCENT]:KIND, for example `notion#2:429:retry-after=1`; repeat for more.
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
    /// production, staging or development.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
}
