//! `patchbay compare`.

use clap::Args;

#[derive(Debug, Args)]
#[command(disable_version_flag = true)]
pub struct CompareArguments {
    /// TENANT/ADAPTER: sends webhooks to what is live and to the draft. Or a run (or delivery) of the history, which nothing is sent for.
    #[arg(value_name = "TENANT/ADAPTER | RUN")]
    pub what: String,
    /// The run (or delivery) to compare the first one with.
    #[arg(value_name = "RUN", conflicts_with_all = ["last", "since", "sample", "all", "draft", "version", "env"])]
    pub with: Option<String>,
    /// Send the adapter's last N deliveries again [default: 10].
    #[arg(long, value_name = "N", conflicts_with_all = ["sample", "all"], value_parser = clap::value_parser!(u32).range(1..))]
    pub last: Option<u32>,
    /// Only deliveries sent then or later: RFC 3339, a date, or `10m`, `2h`, `3d` ago.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["sample", "all"])]
    pub since: Option<String>,
    /// Send this sample instead; repeat for more.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub sample: Vec<String>,
    /// Send every sample instead.
    #[arg(long, conflicts_with = "sample")]
    pub all: bool,
    /// Compare with the adapter's files as they stand on disk. This is the default.
    #[arg(long, conflicts_with = "version")]
    pub draft: bool,
    /// Compare with a kept version, by its number or id.
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// Also count ids and times that vary from delivery to delivery, and what upstreams answered.
    #[arg(long)]
    pub strict: bool,
    /// production, staging or development [default: production].
    #[arg(long, visible_alias = "environment", value_name = "E")]
    pub env: Option<String>,
}
