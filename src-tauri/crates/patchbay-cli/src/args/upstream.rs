//! `patchbay upstream`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum UpstreamCommand {
    /// List a tenant's upstreams: calls, what they keep, faults; and the documents in the workspace's `upstreams/`.
    List {
        /// Tenant id.
        tenant: String,
    },
    /// Show what one upstream keeps.
    Show {
        /// Tenant id.
        tenant: String,
        /// Upstream id, for example notion.
        upstream: String,
    },
    /// Forget what the upstreams keep, and their faults.
    Reset {
        /// Tenant id.
        tenant: String,
        /// Only this upstream.
        upstream: Option<String>,
    },
    /// Break the tenant's calls from now on, in the place of the faults of before; none breaks without a SPEC.
    Fault {
        /// Tenant id.
        tenant: String,
        /// UPSTREAM[#CALL|%PERCENT]:KIND, for example `notion#2:429:retry-after=1`, `airtable%25:503:seed=7` or `stripe:reset`.
        #[arg(value_name = "SPEC")]
        faults: Vec<String>,
    },
    /// Serve the simulated upstreams on 127.0.0.1, for any client; the state ends with the command.
    Serve(UpstreamServeArguments),
}

#[derive(Debug, Args)]
pub struct UpstreamServeArguments {
    /// Port; 0 takes any free one.
    #[arg(long, default_value_t = 4782, value_name = "N")]
    pub port: u16,
    /// Break calls: UPSTREAM[#CALL|%SHARE]:KIND, for example `notion#2:429:retry-after=1` or `stripe:reset`; repeat for more.
    #[arg(long = "fault", value_name = "SPEC")]
    pub faults: Vec<String>,
    /// Also serve the API that an `OpenAPI` 3 document (JSON or YAML) describes, on the hosts that it names; repeat for more.
    #[arg(long = "openapi", value_name = "FILE")]
    pub documents: Vec<PathBuf>,
}
