//! `patchbay resilience`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ResilienceArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Sample name; repeat for more. Every sample when absent.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub sample: Vec<String>,
    /// Write the report as one HTML file that opens offline.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Exit with 1 unless every event ended upstream exactly once and every bad request was refused.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub require: Option<Required>,
    /// production, staging or development.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
}

/// What a report has to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Required {
    /// Nothing lost, nothing made twice, nothing let in.
    Once,
}
