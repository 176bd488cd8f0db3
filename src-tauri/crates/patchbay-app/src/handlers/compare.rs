//! Comparisons, and expectations that are written from what happened.

use crate::app::App;
use crate::comparing;
use crate::wire::compare::{
    CompareCodeRequest, CompareRunsRequest, Comparison, ExpectationProposal, ExpectationRequest,
};
use crate::wire::error::WireError;
use std::sync::Arc;

/// Sends the same webhooks to what is live and to other code.
pub async fn compare_code(app: &Arc<App>, request: CompareCodeRequest) -> Result<Comparison, WireError> {
    comparing::compare_code(app, &request).await
}

/// Compares two kept runs, or two kept deliveries.
pub async fn compare_runs(app: &Arc<App>, request: CompareRunsRequest) -> Result<Comparison, WireError> {
    comparing::compare_kept(app, &request)
}

/// What the expectation of a sample would say after a delivery.
pub async fn expectation_propose(
    app: &Arc<App>,
    request: ExpectationRequest,
) -> Result<ExpectationProposal, WireError> {
    comparing::proposal(app, &request.delivery)
}

/// Writes it.
pub async fn expectation_write(app: &Arc<App>, request: ExpectationRequest) -> Result<ExpectationProposal, WireError> {
    comparing::write(app, &request.delivery)
}
