//! What a platform is started with.

use crate::inbox::Inbox;
use patchbay_core::{Environment, Module};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
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
    /// What scripts may use, and what all of them together.
    pub limits: RuntimeLimits,
    /// Stores what arrives at a dispatcher before it is dispatched. Nothing is stored without it.
    pub inbox: Option<Arc<dyn Inbox>>,
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

/// The text is not `N` or `N/SECONDS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a number of requests, or requests and seconds as in `1200/300`; neither may be 0")]
pub struct ApiRateError;

/// `N` requests in five minutes, or `N/SECONDS`.
impl FromStr for ApiRate {
    type Err = ApiRateError;

    fn from_str(text: &str) -> Result<Self, ApiRateError> {
        let (requests, seconds) = text.split_once('/').map_or((text, None), |(requests, rest)| (requests, Some(rest)));
        let number = |text: &str| text.parse().ok().filter(|number: &u32| *number > 0).ok_or(ApiRateError);
        let window = match seconds {
            Some(seconds) => Duration::from_secs(number(seconds)?.into()),
            None => Self::CLOUDFLARE.window,
        };
        Ok(Self { requests: number(requests)?, window })
    }
}

/// What Cloudflare allows an address, 200 requests a second: on one machine a bulk import is no abuse.
impl Default for ApiRate {
    fn default() -> Self {
        Self::per_five_minutes(60_000)
    }
}

/// What scripts may use, and when their processes go. A dispatcher may give `limits: { cpuMs, subRequests, wallMs }` to
/// `get()`, which then hold for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeLimits {
    /// CPU time of a request. 30 s, as on Cloudflare.
    pub cpu: Duration,
    /// Memory of a script in bytes. 128 MiB, as on Cloudflare: the heap of each isolate, and what a process takes beyond
    /// what it needs itself.
    pub memory: u64,
    /// Calls that a request may make. 10,000, as on Cloudflare.
    pub subrequests: u32,
    /// Time from the request to the head of its answer. 5 minutes; Cloudflare has none.
    pub wall: Duration,
    /// A process that nobody used for so long goes. 5 minutes.
    pub idle: Duration,
    /// Resident memory of all children together, in bytes, above which the process that was idle for longest goes.
    /// 1.2 GiB. It is passed rather than that a request fails when all are busy.
    pub memory_of_all: u64,
}

impl RuntimeLimits {
    /// What a request may use when nothing else is said, in the form in which dispatchers say it.
    pub(crate) fn of_a_request(&self) -> Value {
        let Self { cpu, subrequests, wall, .. } = self;
        json!({ "cpuMs": cpu.as_millis(), "subRequests": subrequests, "wallMs": wall.as_millis() })
    }
}

impl Default for RuntimeLimits {
    fn default() -> Self {
        Self {
            cpu: Duration::from_secs(30),
            memory: 128 << 20,
            subrequests: 10_000,
            wall: Duration::from_mins(5),
            idle: Duration::from_mins(5),
            memory_of_all: 1200 << 20,
        }
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

#[cfg(test)]
mod tests {
    use super::{ApiRate, ApiRateError};
    use std::time::Duration;

    #[test]
    fn a_rate_is_requests_in_five_minutes_or_in_seconds() {
        assert_eq!("1200".parse(), Ok(ApiRate::CLOUDFLARE));
        assert_eq!("20/4".parse(), Ok(ApiRate { requests: 20, window: Duration::from_secs(4) }));
        for bad in ["", "0", "20/0", "20/", "/4", "-1", "1.5", "20/4/2", "99999999999"] {
            assert_eq!(bad.parse::<ApiRate>(), Err(ApiRateError), "{bad} is refused");
        }
    }
}
