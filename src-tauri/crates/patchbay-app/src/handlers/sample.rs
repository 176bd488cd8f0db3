//! Samples on their own: signed without being sent, and requests judged as a receiver would.

use crate::app::App;
use crate::wire::error::WireError;
use crate::wire::sample::{SampleSignRequest, SampleVerdict, SampleVerifyRequest, SignedSample};
use crate::{signatures, workspaces};
use patchbay_core::AdapterRef;
use std::sync::Arc;

/// Signs a sample as its provider would at this moment. Sends nothing.
pub async fn sample_sign(app: &Arc<App>, request: SampleSignRequest) -> Result<SignedSample, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    signatures::sign(app, &adapter, &request.sample, environment, &request.url).await
}

/// Judges a request by the scheme of the adapter's provider.
pub async fn sample_verify(app: &Arc<App>, request: SampleVerifyRequest) -> Result<SampleVerdict, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let environment = workspaces::environment(&request.environment)?;
    signatures::verify(app, &adapter, environment, &request.request).await
}
