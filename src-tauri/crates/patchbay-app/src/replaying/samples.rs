//! The adapter's own samples as webhooks.

use super::plan::{Webhook, WebhookContent};
use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use patchbay_core::AdapterRef;
use patchbay_replay::trace::Origin;

/// A sample with its expectation.
pub(crate) fn sample(open: &OpenWorkspace, adapter: &AdapterRef, name: &str) -> Result<Webhook, WireError> {
    Ok(Webhook {
        origin: Origin::Sample,
        sample: Some(name.to_owned()),
        content: WebhookContent::Sample(Box::new(open.workspace.sample(adapter, name)?.sample)),
        expectation: open.workspace.expectation(adapter, name)?,
    })
}

/// The samples of an adapter, the most telling first: those that are expected to call an upstream, then those with an
/// expectation, then the others; short names before long ones.
pub(crate) fn samples_in_telling_order(open: &OpenWorkspace, adapter: &AdapterRef) -> Result<Vec<String>, WireError> {
    let mut ranked = Vec::new();
    for entry in open.workspace.samples(adapter)? {
        let expectation = open.workspace.expectation(adapter, &entry.name)?;
        let calls = expectation
            .as_ref()
            .and_then(|expected| expected["outbound"].as_array())
            .is_some_and(|calls| !calls.is_empty());
        ranked.push((!calls, expectation.is_none(), entry.name.len(), entry.name));
    }
    ranked.sort();
    Ok(ranked.into_iter().map(|(.., name)| name).collect())
}
