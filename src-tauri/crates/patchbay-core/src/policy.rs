//! What a tenant decides about deliveries and outbound calls.

use serde::{Deserialize, Serialize};

/// How a delivery is tried again. Durations are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    /// Wait before the second attempt.
    pub initial_delay_seconds: f64,
    /// Factor between one wait and the next.
    pub backoff_factor: f64,
    /// Longest wait.
    pub max_delay_seconds: f64,
    /// Part of each wait that is random, 0.2 means ±20 %.
    pub jitter: f64,
    /// Age at which a delivery goes to the dead-letter list.
    pub max_age_seconds: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            initial_delay_seconds: 1.0,
            backoff_factor: 2.0,
            max_delay_seconds: 600.0,
            jitter: 0.2,
            max_age_seconds: 86_400.0,
        }
    }
}

/// How fast a tenant's adapters may call out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimit {
    /// Calls per second over all upstreams.
    pub requests_per_second: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { requests_per_second: 50 }
    }
}

/// Limits of the tenant's plan, as the dispatcher passes them to the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanLimits {
    /// CPU milliseconds one request may use.
    pub cpu_ms: u32,
    /// Outbound calls one request may make.
    pub subrequests: u32,
}

impl Default for PlanLimits {
    fn default() -> Self {
        Self { cpu_ms: 50, subrequests: 50 }
    }
}
