//! What a platform is started with.

use patchbay_core::{Environment, Module};
use std::net::SocketAddr;
use std::path::PathBuf;
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
