//! Samples on their own: found, shown, added, signed without being sent; and requests judged as a receiver would.

use crate::app::App;
use crate::wire::adapter::AdapterKey;
use crate::wire::error::WireError;
use crate::wire::sample::{
    ProviderList, SampleAddRequest, SampleAdded, SampleCatalogue, SampleContent, SampleList, SampleSearchRequest,
    SampleShowRequest, SampleSignRequest, SampleVerdict, SampleVerifyRequest, SignedSample,
};
use crate::{samples, signatures, workspaces};
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

/// The samples of an adapter.
pub async fn sample_list(app: &Arc<App>, key: AdapterKey) -> Result<SampleList, WireError> {
    samples::list(&*app.workspace()?, &key.parse()?)
}

/// The samples that come with Patchbay in which every word occurs.
pub async fn sample_search(_app: &Arc<App>, request: SampleSearchRequest) -> Result<SampleCatalogue, WireError> {
    Ok(samples::search(&request))
}

/// A sample of an adapter or of the catalogue.
pub async fn sample_show(app: &Arc<App>, request: SampleShowRequest) -> Result<SampleContent, WireError> {
    samples::show(app, request)
}

/// Adds a sample to an adapter.
pub async fn sample_add(app: &Arc<App>, request: SampleAddRequest) -> Result<SampleAdded, WireError> {
    samples::add(&*app.workspace()?, request)
}

/// Every provider with its settings.
pub async fn provider_list(app: &Arc<App>, (): ()) -> Result<ProviderList, WireError> {
    samples::providers(app).await
}
