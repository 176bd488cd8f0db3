//! What the history keeps of two runs, or of two deliveries. Sends nothing.

use super::{Side, compared};
use crate::app::App;
use crate::replaying::kept;
use crate::wire::compare::{CompareRunsRequest, Comparison};
use crate::wire::error::WireError;
use std::sync::Arc;

/// Compares what two runs did.
pub(crate) fn compare_kept(app: &Arc<App>, request: &CompareRunsRequest) -> Result<Comparison, WireError> {
    let open = app.workspace()?;
    let side = |id: &str| -> Result<Side, WireError> { Ok(Side { id: id.to_owned(), traces: kept(&open, id)? }) };
    let (mut before, after) = (side(&request.before)?, side(&request.after)?);
    // Two deliveries that a person names are to be compared, whatever was sent.
    if let ([left], [right]) = (&mut before.traces[..], &after.traces[..]) {
        left.sample.clone_from(&right.sample);
        left.origin.clone_from(&right.origin);
        left.event_id.clone_from(&right.event_id);
        left.sender.clone_from(&right.sender);
        left.provider.clone_from(&right.provider);
        left.request.method.clone_from(&right.request.method);
    }
    Ok(compared(&before, &after, &[], request.strict))
}
