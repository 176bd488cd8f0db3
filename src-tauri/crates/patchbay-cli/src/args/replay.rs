//! `patchbay replay`.

use super::LoadArguments;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
// `--version` names a version of the adapter here.
#[command(disable_version_flag = true)]
pub struct ReplayArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    #[command(flatten)]
    pub webhooks: WebhookArguments,
    /// The adapter's deliveries since then, as 10m, 2h, 2026-11-21 or 2026-11-21T08:30:00Z; with --last at most so many.
    #[arg(long, value_name = "TIME", conflicts_with_all = ["sample", "all", "from", "file", "stdin"])]
    pub since: Option<String>,
    #[command(flatten)]
    pub against: AgainstArguments,
    #[command(flatten)]
    pub remote: RemoteArguments,
    /// Break calls during each replay: UPSTREAM[#CALL|%PERCENT]:KIND, for example `notion#2:429:retry-after=1`; repeat for more.
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
    /// What the sender does: duplicate, reordered (one sample alone is two events), stale, stale=SECONDS, bad-signature,
    /// retries (as the provider documents them, without the waits); repeat for more.
    #[arg(long = "sender", value_name = "WHAT")]
    pub sender: Vec<String>,
    /// Seconds by which the sender's clock is ahead; negative ones are behind.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub clock_skew: Option<i32>,
    #[command(flatten)]
    pub update: UpdateArguments,
    #[command(flatten)]
    pub files: FileArguments,
    /// production, staging or development.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
    #[command(flatten)]
    pub load: LoadArguments,
}

/// What is written when the run is over. Secrets are redacted by value, and only the file's owner can read it.
#[derive(Debug, Args)]
#[group(multiple = true, conflicts_with = "LoadArguments")]
pub struct FileArguments {
    /// Write the outcome as the XML of `JUnit`.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Write a report that opens in a browser without a network.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Expectations that are written from what happened.
#[derive(Debug, Args)]
#[group(multiple = true, conflicts_with = "LoadArguments")]
pub struct UpdateArguments {
    /// Write the samples' expectations from what happened, after showing what changes; asks where a terminal is.
    #[arg(long, conflicts_with_all = ["from", "last", "since", "file", "stdin", "faults", "sender", "clock_skew", "dispatcher"])]
    pub update: bool,
    /// Write them without asking.
    #[arg(long, requires = "update")]
    pub yes: bool,
}

/// Which webhooks; the adapter's most telling sample when none of these is given.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct WebhookArguments {
    /// Sample name; repeat for more. The first one when absent.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub sample: Vec<String>,
    /// Every sample.
    #[arg(long)]
    pub all: bool,
    /// A past run or delivery, by its id: signed as of now, its body byte for byte.
    #[arg(long, value_name = "RUN|DELIVERY")]
    pub from: Option<String>,
    /// The last N deliveries of the adapter, oldest first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub last: Option<u32>,
    /// A file with a sample, a curl command, a raw HTTP request or a HAR; repeat for more.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub file: Vec<PathBuf>,
    /// The same from standard input.
    #[arg(long)]
    pub stdin: bool,
}

/// Which code serves; what is live when none of these is given.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct AgainstArguments {
    /// The adapter's files as they stand on disk, loaded beside the live version without touching it.
    #[arg(long)]
    pub draft: bool,
    /// A kept version, by its number or id.
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
}

/// A dispatcher elsewhere.
#[derive(Debug, Args)]
#[group(multiple = true)]
pub struct RemoteArguments {
    /// Send to the dispatcher at this URL; its answers are all that can be seen then.
    #[arg(long, value_name = "URL")]
    pub dispatcher: Option<String>,
    /// A header for every request to it; repeat for more.
    #[arg(short = 'H', long = "header", value_name = "NAME:VALUE", requires = "dispatcher")]
    pub headers: Vec<String>,
}
