//! The providers, by id.

mod github;
mod slack;
mod standard_webhooks;
mod stripe;

use crate::provider::Provider;

/// Every provider that Patchbay can sign as.
pub const ALL: [&dyn Provider; 4] =
    [&slack::Slack, &stripe::Stripe, &github::GitHub, &standard_webhooks::StandardWebhooks];

/// The provider with this id.
pub fn find(id: &str) -> Option<&'static dyn Provider> {
    ALL.into_iter().find(|provider| provider.id() == id)
}
