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
    Ok(compared(&side(&request.before)?, &side(&request.after)?, &[], request.strict))
}
