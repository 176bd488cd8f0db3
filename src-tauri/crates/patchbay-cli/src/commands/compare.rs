//! `patchbay compare`

use crate::Verdict;
use crate::args::CompareArguments;
use crate::printer::diff;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::compare::{compare_code, compare_runs};
use patchbay_app::wire::compare::{CompareCodeRequest, CompareRunsRequest};
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::replay::{ReplayAgainst, ReplayLast, ReplaySelection};
use std::io::IsTerminal as _;

/// Deliveries that are sent again where nobody says how many.
const LAST: u32 = 10;

pub async fn run(session: &Session, arguments: CompareArguments) -> Result<Verdict, WireError> {
    session.open_workspace()?;
    let comparison = match arguments.with.clone() {
        Some(after) => {
            let request = CompareRunsRequest { before: arguments.what, after, strict: arguments.strict };
            compare_runs(session.app(), request).await?
        }
        None => compare_code(session.app(), request(arguments)?).await?,
    };
    let text = diff(&comparison.text, std::io::stdout().is_terminal());
    session.printer().answer(&comparison, &text);
    Ok(if comparison.differs { Verdict::DidNotHold } else { Verdict::Held })
}

fn request(arguments: CompareArguments) -> Result<CompareCodeRequest, WireError> {
    if !arguments.what.contains('/') {
        let message = format!("`{}` is compared with nothing", arguments.what);
        return Err(WireError::new(ErrorCode::UsageMalformed, message)
            .with_hint("Name two runs or deliveries, or one TENANT/ADAPTER; `patchbay deliveries list` shows runs"));
    }
    let key = adapter_key(&arguments.what)?;
    let webhooks = if arguments.all {
        ReplaySelection::All
    } else if arguments.sample.is_empty() {
        ReplaySelection::Last(ReplayLast { count: arguments.last.unwrap_or(LAST), since: arguments.since })
    } else {
        ReplaySelection::Samples(arguments.sample)
    };
    Ok(CompareCodeRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        environment: arguments.env.unwrap_or_else(|| "production".into()),
        webhooks,
        against: arguments.version.map_or(ReplayAgainst::Draft, ReplayAgainst::Version),
        strict: arguments.strict,
    })
}
