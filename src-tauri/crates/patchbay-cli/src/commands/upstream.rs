//! `patchbay upstream`

use crate::Verdict;
use crate::args::{UpstreamCommand, UpstreamServeArguments};
use crate::session::{Session, interrupted};
use patchbay_app::handlers::upstream::{upstream_fault, upstream_list, upstream_reset, upstream_show};
use patchbay_app::upstream_server::{ServedUpstreams, UpstreamServer};
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::upstream::{
    UpstreamFaultRequest, UpstreamList, UpstreamListRequest, UpstreamResetRequest, UpstreamShowRequest, UpstreamState,
    UpstreamSummary,
};
use std::fmt::Write as _;
use std::path::Path;

pub async fn run(session: &Session, command: UpstreamCommand) -> Result<Verdict, WireError> {
    match command {
        UpstreamCommand::Serve(arguments) => return serve(session, &arguments).await,
        UpstreamCommand::List { tenant } => {
            session.open_workspace()?;
            let list = upstream_list(session.app(), UpstreamListRequest { tenant }).await?;
            session.printer().answer(&list, &table(&list));
        }
        UpstreamCommand::Show { tenant, upstream } => {
            session.open_workspace()?;
            let state = upstream_show(session.app(), UpstreamShowRequest { tenant, upstream }).await?;
            session.printer().answer(&state, &kept(&state));
        }
        UpstreamCommand::Reset { tenant, upstream } => {
            session.open_workspace()?;
            let list = upstream_reset(session.app(), UpstreamResetRequest { tenant, upstream }).await?;
            session.printer().answer(&list, &table(&list));
        }
        UpstreamCommand::Fault { tenant, faults } => {
            session.open_workspace()?;
            let list = upstream_fault(session.app(), UpstreamFaultRequest { tenant, faults }).await?;
            session.printer().answer(&list, &table(&list));
        }
    }
    Ok(Verdict::Held)
}

fn table(list: &UpstreamList) -> String {
    let mut text = String::new();
    for upstream in &list.upstreams {
        let UpstreamSummary { id, calls, kept, faults, late_failures, .. } = upstream;
        let _ = writeln!(text, "{id:<11} {calls:>6} calls {kept:>6} kept  {}", faults.join("  "));
        for failure in late_failures {
            let _ = writeln!(text, "            accepted, but would fail: {failure}");
        }
    }
    for document in &list.documents {
        match &document.problem {
            None => {
                let _ = writeln!(text, "upstreams/{}  {}", document.name, document.hosts.join(", "));
            }
            Some(problem) => {
                let _ = writeln!(text, "upstreams/{}  not used: {}", document.name, problem.message);
            }
        }
        for pattern in &document.unchecked_patterns {
            let _ = writeln!(text, "            texts are not checked against the pattern `{pattern}`");
        }
    }
    text
}

fn kept(state: &UpstreamState) -> String {
    let mut text = String::new();
    for object in &state.kept {
        let _ = writeln!(text, "{} {}\n{:#}", object.kind, object.id, object.content);
    }
    text
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
