//! `patchbay upstream serve`

use crate::Verdict;
use crate::args::{UpstreamCommand, UpstreamServeArguments};
use crate::session::{Session, interrupted};
use patchbay_app::upstream_server::{ServedUpstreams, UpstreamServer};
use patchbay_app::wire::error::{ErrorCode, WireError};
use std::fmt::Write as _;
use std::path::Path;

pub async fn run(session: &Session, command: UpstreamCommand) -> Result<Verdict, WireError> {
    match command {
        UpstreamCommand::Serve(arguments) => serve(session, &arguments).await,
    }
}

async fn serve(session: &Session, arguments: &UpstreamServeArguments) -> Result<Verdict, WireError> {
    let documents = arguments.documents.iter().map(|file| document(file)).collect::<Result<Vec<_>, _>>()?;
    let server = UpstreamServer::start(arguments.port, &arguments.faults, &documents).await?;
    let printer = session.printer();
    printer.answer(server.served(), "");
    printer.say(&places(server.served()));
    for pattern in &server.served().unchecked_patterns {
        printer.say(&format!("warning: texts are not checked against the pattern {pattern}"));
    }
    interrupted().await;
    printer.say("Stopping.");
    Ok(Verdict::Held)
}

/// Name and text of an `OpenAPI` document; the name tells JSON from YAML.
fn document(file: &Path) -> Result<(String, String), WireError> {
    let shown = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => Ok((shown, text)),
        Err(error) => Err(WireError::new(ErrorCode::UsageMalformed, format!("`{shown}` cannot be read: {error}"))
            .with_hint("Name a text file with an OpenAPI 3 document in JSON or YAML")),
    }
}

fn places(served: &ServedUpstreams) -> String {
    let mut text = String::from("The simulated upstreams are served. Give a client one of these as its base URL:\n");
    for (id, hosts) in &served.hosts {
        for host in hosts {
            let host = host.replacen('*', "example", 1);
            let _ = writeln!(text, "  {id:<11} {}/{host}", served.url);
        }
    }
    text.push_str("Any token of the right shape is let in; none is checked or kept. Ctrl-C stops it.");
    text
}
