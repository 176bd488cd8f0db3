//! The webhooks of a load run, and in which order they are sent.

use super::bytes::wire;
use super::error::LoadError;
use super::target::LoadTarget;
use patchbay_core::HttpRequest;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// Why a webhook could not be signed.
pub type SignFailure = Box<dyn std::error::Error + Send + Sync>;
/// Signs at a moment as the n-th event of a run; another number is another event.
type Sign = dyn Fn(OffsetDateTime, u64) -> Result<HttpRequest, SignFailure> + Send + Sync;

/// Largest weight of one webhook.
pub const MOST_WEIGHT: u32 = 1000;

/// A webhook that a run sends again and again.
#[derive(Clone)]
pub struct LoadWebhook {
    /// Name of its sample, for people.
    pub name: String,
    /// How often it is sent beside the others, from 1.
    pub weight: u32,
    /// The status that counts as a success; `None` for any 2xx.
    pub expected_status: Option<u16>,
    /// When its sender has given up waiting.
    pub deadline: Option<Duration>,
    sign: Arc<Sign>,
}

impl LoadWebhook {
    /// A webhook that is signed by `sign(moment, n)` as the n-th event of a run.
    pub fn new(
        name: &str,
        sign: impl Fn(OffsetDateTime, u64) -> Result<HttpRequest, SignFailure> + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.to_owned(), weight: 1, expected_status: None, deadline: None, sign: Arc::new(sign) }
    }

    /// The bytes of the webhook as the `index`-th event.
    pub(super) fn signed(&self, target: &LoadTarget, now: OffsetDateTime, index: u64) -> Result<Vec<u8>, LoadError> {
        let name = || self.name.clone();
        let request = (self.sign)(now, index).map_err(|source| LoadError::Sign { name: name(), source })?;
        wire(&request, target).map_err(|reason| LoadError::Unsendable { name: name(), reason })
    }
}

impl fmt::Debug for LoadWebhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadWebhook")
            .field("name", &self.name)
            .field("weight", &self.weight)
            .finish_non_exhaustive()
    }
}

/// Smooth weighted round robin: each webhook as often as its weight says, spread evenly.
pub(super) fn cycle(webhooks: &[LoadWebhook]) -> Result<Vec<usize>, LoadError> {
    for webhook in webhooks {
        if !(1..=MOST_WEIGHT).contains(&webhook.weight) {
            return Err(LoadError::Weight { name: webhook.name.clone(), most: MOST_WEIGHT, given: webhook.weight });
        }
    }
    let total: i64 = webhooks.iter().map(|webhook| i64::from(webhook.weight)).sum();
    let mut credit = vec![0; webhooks.len()];
    let round = (0..total).map(|_| {
        let mut best = 0;
        for (place, webhook) in webhooks.iter().enumerate() {
            credit[place] += i64::from(webhook.weight);
            if credit[place] > credit[best] {
                best = place;
            }
        }
        credit[best] -= total;
        best
    });
    Ok(round.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighted(name: &str, weight: u32) -> LoadWebhook {
        LoadWebhook { weight, ..LoadWebhook::new(name, |_, _| Err("not asked for".into())) }
    }

    #[test]
    fn weights_are_kept_and_spread() {
        let webhooks = [weighted("a", 5), weighted("b", 1), weighted("c", 1)];
        assert_eq!(cycle(&webhooks).expect("a cycle"), [0, 0, 1, 0, 2, 0, 0]);
        let error = cycle(&[weighted("a", 0)]).expect_err("it is refused").to_string();
        assert!(error.contains("`a`"), "{error}");
    }
}
