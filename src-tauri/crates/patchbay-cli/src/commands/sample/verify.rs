//! `patchbay sample verify`: what a receiver that follows the provider's scheme makes of a request.

use crate::Verdict;
use crate::args::SampleVerifyArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::sample::sample_verify;
use patchbay_app::raw_request;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::sample::{SampleVerdict, SampleVerifyRequest};
use std::fmt::Write as _;
use std::io::Read as _;

/// More than any provider sends.
const LONGEST_REQUEST: u64 = 32 << 20;

pub async fn run(session: &Session, arguments: &SampleVerifyArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let request = SampleVerifyRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        environment: arguments.env.clone(),
        request: raw_request::read(&bytes(arguments)?, arguments.url.as_deref())?,
    };
    let verdict = sample_verify(session.app(), request).await?;
    session.printer().answer(&verdict, &text(&verdict));
    Ok(if verdict.accepted { Verdict::Held } else { Verdict::DidNotHold })
}

fn bytes(arguments: &SampleVerifyArguments) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    let read = match &arguments.file {
        Some(file) => std::fs::File::open(file).and_then(|file| file.take(LONGEST_REQUEST).read_to_end(&mut bytes)),
        None => std::io::stdin().lock().take(LONGEST_REQUEST).read_to_end(&mut bytes),
    };
    read.map_err(|error| {
        let from = arguments.file.as_ref().map_or("stdin".into(), |file| format!("`{}`", file.display()));
        WireError::new(ErrorCode::ReplayInvalidSample, format!("The request cannot be read from {from}: {error}"))
    })?;
    Ok(bytes)
}

fn text(verdict: &SampleVerdict) -> String {
    let mut text = match &verdict.refusal {
        None => format!("accepted: {} sent this with the adapter's signing secret", verdict.provider),
        Some(reason) => format!("refused as {}: {reason}", verdict.provider),
    };
    if verdict.handshake {
        text.push_str("\nIt asks whether the endpoint is the right one.");
    }
    if let Some(id) = &verdict.event_id {
        let _ = write!(text, "\nevent {id}");
    }
    text
}
