//! `patchbay route test`

use crate::Verdict;
use crate::args::RouteCommand;
use crate::session::Session;
use patchbay_app::handlers::route::route_test;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::route::RouteTestRequest;
use std::fmt::Write as _;

pub async fn run(session: &Session, command: RouteCommand) -> Result<Verdict, WireError> {
    let RouteCommand::Test { url, headers } = command;
    let headers = headers
        .iter()
        .map(|header| {
            header.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).ok_or_else(
                || {
                    WireError::new(ErrorCode::RouteInvalid, format!("`{header}` is not a header"))
                        .with_hint("Write -H name:value, for example -H x-customer-id:customer-a")
                },
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    session.open_workspace()?;
    let decision = route_test(session.app(), RouteTestRequest { url, headers }).await?;
    let mut text = String::new();
    for rule in &decision.rules {
        let _ = writeln!(text, "{} {}\n    {}", if rule.matched { "✓" } else { "✗" }, rule.rule, rule.reason);
    }
    match (&decision.script, &decision.binding) {
        (Some(script), Some(binding)) => {
            let _ = writeln!(text, "→ {script} in {binding}");
        }
        (Some(script), None) => {
            let _ = writeln!(text, "→ {script}");
        }
        _ => text.push_str("→ no rule matches: 404 Service not found\n"),
    }
    session.printer().answer(&decision, &text);
    Ok(if decision.matched { Verdict::Held } else { Verdict::DidNotHold })
}
