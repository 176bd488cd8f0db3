//! What a platform is started with.

use patchbay_core::{Environment, Module};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// Where a platform keeps its state, what it listens on and what it runs.
pub struct PlatformOptions {
    /// Folder of its own: database, lock, token, `running.json`. Created when it is missing.
    pub state_dir: PathBuf,
    /// The `workerd` program.
    pub workerd: PathBuf,
    /// Where the API listens: a loopback address; port 0 for any free port.
    pub api_address: SocketAddr,
    /// Where the dispatcher listens: a loopback address; port 0 for any free port.
    pub dispatcher_address: SocketAddr,
    /// Key for the secrets in the database.
    pub sealing_key: Zeroizing<[u8; 32]>,
    /// The dispatcher's `ENVIRONMENT`.
    pub environment: Environment,
    /// Environments beside it. Each has a dispatcher of its own on a free loopback port, with the namespace bindings
    /// whose names begin with the environment's.
    pub other_environments: Vec<Environment>,
    /// The dispatcher's namespace bindings. Namespaces that do not exist are created.
    pub namespaces: Vec<NamespaceBinding>,
    /// Workers of the platform itself.
    pub workers: PlatformWorkers,
    /// How many requests the API takes.
    pub api_rate: ApiRate,
}

/// Requests to the v4 API in a window of time. What is beyond is answered with 429, `Retry-After` and the code 971.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiRate {
    /// Requests of one window.
    pub requests: u32,
    /// How long a window lasts.
    pub window: Duration,
}

impl ApiRate {
    /// What Cloudflare allows a user: 1,200 requests in five minutes (CONTRACT section 2).
    pub const CLOUDFLARE: Self = Self { requests: 1200, window: Duration::from_mins(5) };

    /// A number of requests in five minutes.
    pub const fn per_five_minutes(requests: u32) -> Self {
        Self { requests, ..Self::CLOUDFLARE }
    }
}

/// What Cloudflare allows an address, 200 requests a second: on one machine a bulk import is no abuse.
impl Default for ApiRate {
    fn default() -> Self {
        Self::per_five_minutes(60_000)
    }
}

/// A namespace that the dispatcher finds in its `env`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceBinding {
    /// Name in `env`: `PRODUCTION`, `PRODUCTION_EU`, …
    pub binding: String,
    /// Name of the dispatch namespace.
    pub namespace: String,
}

/// Workers of the platform as JavaScript modules, each with its main module first.
#[derive(Debug, Clone, Default)]
pub struct PlatformWorkers {
    /// Every webhook enters here.
    pub dispatcher: Vec<Module>,
    /// Every `fetch()` of an adapter passes here.
    pub outbound: Vec<Module>,
    /// Answers what the dispatcher would decide.
    pub explain: Option<Vec<Module>>,
}
