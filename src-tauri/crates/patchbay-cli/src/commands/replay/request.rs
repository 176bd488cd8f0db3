//! What the arguments of `patchbay replay` ask for.

use crate::args::{AgainstArguments, ReplayArguments, WebhookArguments};
use crate::session::{adapter_key, header};
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::replay::{
    RemoteDispatcher, ReplayAgainst, ReplayLast, ReplaySelection, ReplayStartRequest, ReplayText,
};
use std::io::Read as _;
use std::path::Path;

/// Room for the largest body that is sent, 100 MB, in base64 inside of a HAR.
const LONGEST: u64 = 150 << 20;

/// The run that is asked for. Reads the files and standard input.
pub fn of(arguments: &ReplayArguments) -> Result<ReplayStartRequest, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    let remote = match &arguments.remote.dispatcher {
        Some(url) => Some(RemoteDispatcher {
            url: url.clone(),
            headers: arguments.remote.headers.iter().map(|given| header(given)).collect::<Result<_, _>>()?,
        }),
        None => None,
    };
    Ok(ReplayStartRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        environment: arguments.env.clone(),
        webhooks: selection(&arguments.webhooks, arguments.since.as_ref())?,
        against: against(&arguments.against),
        remote,
        faults: arguments.faults.clone(),
        sender: arguments.sender.clone(),
        clock_skew: arguments.clock_skew,
    })
}

/// Which code serves.
pub fn against(arguments: &AgainstArguments) -> ReplayAgainst {
    match &arguments.version {
        Some(version) => ReplayAgainst::Version(version.clone()),
        None if arguments.draft => ReplayAgainst::Draft,
        None => ReplayAgainst::Live,
    }
}

fn selection(arguments: &WebhookArguments, since: Option<&String>) -> Result<ReplaySelection, WireError> {
    let WebhookArguments { sample, all, from, last, file, stdin } = arguments;
    Ok(if let Some(id) = from {
        ReplaySelection::From(id.clone())
    } else if last.is_some() || since.is_some() {
        ReplaySelection::Last(ReplayLast { count: last.unwrap_or(u32::MAX), since: since.cloned() })
    } else if !file.is_empty() {
        ReplaySelection::Texts(file.iter().map(|path| of_file(path)).collect::<Result<_, _>>()?)
    } else if *stdin {
        ReplaySelection::Texts(vec![text("Standard input", None, std::io::stdin().lock())?])
    } else if *all {
        ReplaySelection::All
    } else if sample.is_empty() {
        ReplaySelection::First
    } else {
        ReplaySelection::Samples(sample.clone())
    })
}

fn of_file(path: &Path) -> Result<ReplayText, WireError> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| unreadable(&format!("`{name}`"), &error))?;
    text(&format!("`{name}`"), Some(name.clone()), file)
}

fn text(what: &str, name: Option<String>, from: impl std::io::Read) -> Result<ReplayText, WireError> {
    let mut content = Vec::new();
    from.take(LONGEST + 1).read_to_end(&mut content).map_err(|error| unreadable(what, &error))?;
    if content.len() as u64 > LONGEST {
        return Err(WireError::new(
            ErrorCode::ReplayTooLarge,
            format!("{what} is larger than {} MB", LONGEST / 1_000_000),
        )
        .with_hint("Cloudflare takes requests of at most 100 MB; no sender of webhooks sends as much"));
    }
    Ok(ReplayText::new(name, &content))
}

fn unreadable(what: &str, error: &std::io::Error) -> WireError {
    WireError::new(ErrorCode::ReplayInvalidSample, format!("{what} cannot be read: {error}"))
        .with_hint("Give a sample, a curl command, a raw HTTP request or a HAR")
}
