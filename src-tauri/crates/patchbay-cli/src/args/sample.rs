//! `patchbay sample`.

use super::AdapterArgument;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum SampleCommand {
    /// List the samples of an adapter.
    List(AdapterArgument),
    /// Search the samples that come with Patchbay; every word must occur.
    Search {
        /// Words; all samples without.
        words: Vec<String>,
        /// Only those of this provider.
        #[arg(long, value_name = "ID")]
        provider: Option<String>,
    },
    /// Show a sample of the catalogue (PROVIDER/NAME), or one of an adapter (TENANT/ADAPTER NAME).
    Show {
        /// PROVIDER/NAME, or TENANT/ADAPTER.
        place: String,
        /// Name of the adapter's sample.
        name: Option<String>,
    },
    /// Add a sample to an adapter: from the catalogue, or from a curl command, a raw HTTP request or a HAR on stdin.
    Add(SampleAddArguments),
    /// List the providers, their settings in adapter.toml, and where receivers get their keys.
    Providers,
    /// Print a sample as the request that its provider would send now, signed with the adapter's secret.
    Sign(SampleSignArguments),
    /// Say whether a request (raw HTTP on stdin) is signed as the adapter's provider signs.
    Verify(SampleVerifyArguments),
}

#[derive(Debug, Args)]
pub struct SampleAddArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Name of the new sample; that of the catalogue, or `pasted`, when absent.
    pub name: Option<String>,
    /// Sample of the catalogue, PROVIDER/NAME.
    #[arg(long, value_name = "ID")]
    pub from: Option<String>,
    /// File with the request instead of stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub file: Option<PathBuf>,
    /// Replace a sample of that name.
    #[arg(long)]
    pub replace: bool,
}

#[derive(Debug, Args)]
pub struct SampleSignArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Sample name.
    pub sample: String,
    /// Where the adapter is reached; some providers sign the URL.
    #[arg(long, default_value = "http://127.0.0.1:4781")]
    pub url: String,
    /// production, staging or development: whose secret.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
}

#[derive(Debug, Args)]
pub struct SampleVerifyArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// File with the request instead of stdin.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where it was sent to, such as `https://hooks.example.com`; by default `http://` and its `Host`.
    #[arg(long)]
    pub url: Option<String>,
    /// production, staging or development: whose secret.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
}
