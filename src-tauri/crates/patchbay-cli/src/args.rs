//! The command line, as clap types. No behaviour.

mod compare;
mod deliveries;
mod lint;
mod load;
mod publish;
mod replay;
mod resilience;
mod sample;
mod upstream;

pub use compare::CompareArguments;
pub use deliveries::{DeliveriesCommand, DeliveryFormat, SearchArguments};
pub use lint::{LintArguments, LintFormat};
pub use load::LoadArguments;
pub use publish::PublishArguments;
pub use replay::{AgainstArguments, FileArguments, ReplayArguments, WebhookArguments};
pub use resilience::ResilienceArguments;
pub use sample::{SampleAddArguments, SampleCommand, SampleSignArguments, SampleVerifyArguments};
pub use upstream::{UpstreamCommand, UpstreamServeArguments};

use clap::{Args, Parser, Subcommand, ValueEnum};
use patchbay_app::ApiRate;
use std::path::PathBuf;

/// Write, lint, publish and replay webhook adapters on Workers for Platforms, or on this machine alone.
#[derive(Debug, Parser)]
#[command(name = "patchbay", version, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    pub global: GlobalArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub struct GlobalArguments {
    /// Folder with `patchbay.toml`; by default the current folder or the nearest one above it.
    #[arg(long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Print one JSON document on stdout.
    #[arg(long, global = true)]
    pub json: bool,
    /// Keep secrets under a passphrase read from this file, on machines without a keychain.
    #[arg(long, global = true, value_name = "FILE", env = "PATCHBAY_PASSPHRASE_FILE")]
    pub passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the main job end to end on the embedded platform: new, lint, secret, publish, replay.
    Demo,
    /// Run the embedded platform in the foreground.
    Start(StartArguments),
    /// Make an adapter from a template.
    New(NewArguments),
    /// List the templates.
    Templates,
    /// Add, list, show or change tenants.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Bring existing code in as an adapter and infer its manifest.
    Import(ImportArguments),
    /// Check adapters or files.
    Lint(LintArguments),
    /// Look at what the field mapping makes of a webhook.
    #[command(subcommand)]
    Map(MapCommand),
    /// Set, list, delete or rotate secrets. Values come from stdin or a hidden prompt.
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Lint, bundle and upload an adapter, then replay a sample through it.
    Publish(PublishArguments),
    /// List the versions that were published.
    Versions(VersionsArguments),
    /// Publish a kept version again.
    Rollback(RollbackArguments),
    /// Send samples through the dispatcher and show what happened.
    Replay(Box<ReplayArguments>),
    /// Show what differs between what is live and the draft, or between two runs.
    Compare(CompareArguments),
    /// Break everything that can break with an adapter's samples, and tell what is lost or made twice.
    Resilience(ResilienceArguments),
    /// Find, add, show and sign samples, and judge requests as a receiver would.
    #[command(subcommand)]
    Sample(SampleCommand),
    /// Ask the dispatcher how it would route a request.
    #[command(subcommand)]
    Route(RouteCommand),
    /// Look at recorded deliveries.
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// Look into the simulated upstreams, break them, or serve them to other programs.
    #[command(subcommand)]
    Upstream(UpstreamCommand),
    /// Follow an adapter's logs.
    Tail(AdapterArgument),
    /// Put a backup in the place of a damaged database; the old file is kept aside.
    Restore(RestoreArguments),
    /// Say what is missing on this machine and how to get it.
    Doctor(DoctorArguments),
    /// Serve the window's commands over HTTP, for browser tests.
    #[cfg(feature = "bridge")]
    #[command(hide = true)]
    Bridge(BridgeArguments),
}

#[derive(Debug, Args)]
pub struct AdapterArgument {
    /// TENANT/ADAPTER.
    pub adapter: String,
}

#[derive(Debug, Args)]
pub struct StartArguments {
    /// Port of the API on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 4780, value_name = "N")]
    pub api_port: u16,
    /// Port of the dispatcher on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 4781, value_name = "N")]
    pub dispatcher_port: u16,
    /// Requests that the API takes in five minutes or in SECONDS, for trying clients against Cloudflare's limit of 1200 [default: 60000].
    #[arg(long, value_name = "N[/SECONDS]")]
    pub api_requests: Option<ApiRate>,
    /// Send webhooks on without storing them first, for load tests of the dispatcher.
    #[arg(long)]
    pub no_inbox: bool,
}

#[derive(Debug, Args)]
pub struct NewArguments {
    /// TENANT/ADAPTER to make.
    pub adapter: String,
    /// Template id; `patchbay templates` lists them.
    #[arg(long, value_name = "ID")]
    pub template: String,
}

#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Add a tenant.
    Add(TenantAddArguments),
    /// List the tenants.
    List,
    /// Show one tenant.
    Show {
        /// Tenant id.
        tenant: String,
    },
    /// Change one setting, for example `region eu` or `rate_limit.requests_per_second 10`.
    Set {
        /// Tenant id.
        tenant: String,
        /// Key in tenant.toml, with dots between tables.
        key: String,
        /// New value: a TOML value, or plain text.
        value: String,
    },
}

#[derive(Debug, Args)]
pub struct TenantAddArguments {
    /// Tenant id.
    pub tenant: String,
    /// Name for people.
    #[arg(long)]
    pub name: Option<String>,
    /// Region word.
    #[arg(long, default_value = "eu")]
    pub region: String,
    /// A host that its adapters may call; repeat for more.
    #[arg(long = "egress", value_name = "HOST")]
    pub egress: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ImportArguments {
    /// File (`.js`, `.mjs`, `.ts`) or folder.
    pub path: PathBuf,
    /// TENANT/ADAPTER to make.
    pub adapter: String,
}

#[derive(Debug, Subcommand)]
pub enum MapCommand {
    /// Show what each field of the upstream will hold, without publishing.
    Preview(MapPreviewArguments),
}

#[derive(Debug, Args)]
pub struct MapPreviewArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Sample name; the most telling one when absent.
    #[arg(long, value_name = "NAME")]
    pub sample: Option<String>,
    /// File with the body of a webhook instead of a sample; `-` reads stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "sample")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Set a secret; the value comes from stdin or a hidden prompt.
    Set(SecretArguments),
    /// List declared bindings and whether they have a value.
    List(AdapterArgument),
    /// Delete a secret.
    Delete(SecretArguments),
    /// Set a new value here and on every environment where the adapter is live.
    Rotate(SecretArguments),
}

#[derive(Debug, Args)]
pub struct SecretArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Binding name.
    pub name: String,
}

#[derive(Debug, Args)]
pub struct VersionsArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// production, staging or development.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
}

#[derive(Debug, Args)]
pub struct RollbackArguments {
    /// TENANT/ADAPTER.
    pub adapter: String,
    /// Version number; the one before the live one when absent.
    #[arg(long, value_name = "NUMBER")]
    pub to: Option<u32>,
    /// production, staging or development.
    #[arg(long, visible_alias = "environment", default_value = "production", value_name = "E")]
    pub env: String,
}

#[derive(Debug, Subcommand)]
pub enum RouteCommand {
    /// Which rule matches, and why the others did not.
    Test {
        /// Absolute URL.
        url: String,
        /// Request header; repeat for more.
        #[arg(short = 'H', long = "header", value_name = "NAME:VALUE")]
        headers: Vec<String>,
        /// production, staging or development; by default the first that patchbay.toml has namespaces for.
        #[arg(long, visible_alias = "environment", value_name = "E")]
        env: Option<String>,
    },
    /// Choose a route table: its rules, namespaces and tenant. Lists the tables when no name is given.
    Preset {
        /// default, bring-your-own, dotdo or code24.
        name: Option<String>,
        /// Also give up a route table that was changed by hand.
        #[arg(long)]
        replace: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RestoreWhat {
    /// Scripts, versions and routes of the embedded platform.
    Platform,
    /// Objects in the embedded platform's buckets.
    Buckets,
    /// Past deliveries.
    History,
}

#[derive(Debug, Args)]
pub struct RestoreArguments {
    /// Which database.
    #[arg(value_enum, default_value = "platform")]
    pub what: RestoreWhat,
    /// A backup; the newest one when absent.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Start with an empty database instead.
    #[arg(long, conflicts_with = "from")]
    pub empty: bool,
}

#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Look at one thing only; the exit code tells.
    #[arg(long, value_name = "NAME")]
    pub check: Option<String>,
}

#[cfg(feature = "bridge")]
#[derive(Debug, Args)]
pub struct BridgeArguments {
    /// Folder with the built user interface.
    #[arg(long)]
    pub ui: PathBuf,
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}
