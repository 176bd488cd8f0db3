//! The providers, by id.

mod custom;
mod github;
pub mod graph;
mod hubspot;
mod pagerduty;
pub mod paypal;
pub mod salesforce;
mod slack;
mod standard_webhooks;
mod stripe;
mod teams;

use crate::provider::Provider;

/// Every provider that Patchbay can sign as.
pub const ALL: [&dyn Provider; 11] = [
    &slack::Slack,
    &teams::Teams,
    &graph::Graph,
    &stripe::Stripe,
    &paypal::PayPal,
    &github::GitHub,
    &pagerduty::PagerDuty,
    &hubspot::HubSpot,
    &salesforce::Salesforce,
    &standard_webhooks::StandardWebhooks,
    &custom::Custom,
];

/// The provider with this id.
pub fn find(id: &str) -> Option<&'static dyn Provider> {
    ALL.into_iter().find(|provider| provider.id() == id)
}
