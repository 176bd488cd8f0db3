//! `patchbay deliveries`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum DeliveriesCommand {
    /// Newest deliveries first.
    List {
        #[command(flatten)]
        search: SearchArguments,
        /// Only what comes after this delivery in the list.
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show one delivery.
    Show {
        /// Delivery id.
        delivery: String,
        /// As a tree, as what --json prints, as OpenTelemetry or as HAR.
        #[arg(long, value_enum, default_value_t)]
        format: DeliveryFormat,
    },
    /// Write deliveries as JSON lines, newest first, each with all that is kept of it.
    Export {
        #[command(flatten)]
        search: SearchArguments,
        /// At most so many.
        #[arg(long)]
        limit: Option<u32>,
        /// The file, which is there when it is whole; only its owner can read it [default: standard output].
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Remove all that is kept of a tenant's deliveries, from backups of the history as well.
    Purge {
        /// Tenant id.
        tenant: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Write a report of a run that opens in a browser without a network.
    Report {
        /// Run id, `run-…`.
        run: String,
        /// The file; only its owner can read it.
        #[arg(long, value_name = "FILE.html")]
        output: PathBuf,
    },
}

/// Which deliveries. Every condition that is given has to hold.
#[derive(Debug, Args)]
pub struct SearchArguments {
    /// Only those of TENANT or TENANT/ADAPTER.
    pub scope: Option<String>,
    /// Only those answered so: 404, 4xx, none for no answer, received for not answered yet.
    #[arg(long)]
    pub status: Option<String>,
    /// Only those sent then or later: 10m, 2h, 3d, 2026-11-21, 2026-11-21T08:30:00Z.
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only those sent then or earlier.
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only those of this event, by the provider's id.
    #[arg(long, value_name = "ID")]
    pub event: Option<String>,
    /// Only those with all of these words in URLs, bodies, console lines, exceptions or ids; `creat*` begins a word.
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Only those of this run.
    #[arg(long)]
    pub run: Option<String>,
}

/// What a delivery is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DeliveryFormat {
    #[default]
    Tree,
    Json,
    /// OTLP's JSON.
    Otel,
    /// HAR 1.2.
    Har,
}
