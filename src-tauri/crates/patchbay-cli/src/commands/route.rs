//! `patchbay route test` and `patchbay route preset`

use crate::Verdict;
use crate::args::RouteCommand;
use crate::session::{Session, header};
use patchbay_app::handlers::route::{route_preset, route_presets, route_test, route_warnings};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::route::{RouteDecision, RoutePresetChosen, RouteTestRequest};
use std::fmt::Write as _;

pub async fn run(session: &Session, command: RouteCommand) -> Result<Verdict, WireError> {
    match command {
        RouteCommand::Test { url, headers, env } => test(session, url, &headers, env).await,
        RouteCommand::Preset { name: None, .. } => {
            let names = route_presets();
            session.printer().answer(&serde_json::json!({ "presets": names }), &names.join("\n"));
            Ok(Verdict::Held)
        }
        RouteCommand::Preset { name: Some(name), replace } => {
            session.open_or_create_workspace()?;
            let chosen = route_preset(session.app(), &name, replace).await?;
            session.printer().answer(&chosen, &chosen_text(&chosen));
            Ok(Verdict::Held)
        }
    }
}

async fn test(
    session: &Session,
    url: String,
    headers: &[String],
    environment: Option<String>,
) -> Result<Verdict, WireError> {
    let headers = headers.iter().map(|given| header(given)).collect::<Result<Vec<_>, _>>()?;
    session.open_workspace()?;
    for warning in route_warnings(session.app())? {
        session.printer().say(&format!("warning: {warning}"));
    }
    let decision = route_test(session.app(), RouteTestRequest { url, headers, environment }).await?;
    session.printer().answer(&decision, &decision_text(&decision));
    Ok(if decision.matched && decision.problem.is_none() { Verdict::Held } else { Verdict::DidNotHold })
}

fn decision_text(decision: &RouteDecision) -> String {
    let mut text = String::new();
    for rule in &decision.rules {
        let _ = writeln!(text, "{} {}\n    {}", if rule.matched { "✓" } else { "✗" }, rule.rule, rule.reason);
    }
    match (&decision.script, &decision.binding) {
        (Some(script), Some(binding)) => {
            let namespace = decision.namespace.as_deref().unwrap_or(binding);
            let _ = writeln!(text, "→ {script} in {namespace} ({binding})");
        }
        (Some(script), None) => {
            let _ = writeln!(text, "→ {script}");
        }
        _ => text.push_str("→ no rule matches: 404 Service not found\n"),
    }
    for note in decision.problem.iter().chain(&decision.notes) {
        let _ = writeln!(text, "  {note}");
    }
    text
}

fn chosen_text(chosen: &RoutePresetChosen) -> String {
    let mut text = format!("{} is the route table in {}\n", chosen.preset, chosen.routes);
    for (environment, regions) in &chosen.namespaces {
        let mut names: Vec<&str> = regions.values().map(String::as_str).collect();
        names.dedup();
        let _ = writeln!(text, "  {environment:<12} {}", names.join(", "));
    }
    if let Some(tenant) = &chosen.added_tenant {
        let _ = writeln!(text, "Added the tenant {tenant}: its settings apply to the services.");
    }
    if chosen.restart {
        text.push_str("Restart `patchbay start` so that it serves these namespaces.\n");
    }
    text
}
