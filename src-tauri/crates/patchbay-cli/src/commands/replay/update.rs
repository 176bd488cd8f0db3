//! `patchbay replay --update`: writes the expectations of samples from what happened, after showing what changes.

use crate::printer::diff;
use crate::session::Session;
use patchbay_app::handlers::compare::{expectation_propose, expectation_write};
use patchbay_app::wire::compare::{ExpectationProposal, ExpectationRequest};
use patchbay_app::wire::error::{ErrorCode, WireError};
use std::io::{BufRead as _, IsTerminal as _, Write as _};

/// Shows the changes that these deliveries make, and writes them: at once where nobody sits at the terminal or `yes` was
/// said, else when the person agrees. Everything is proposed before anything is written. Answers what was written.
pub async fn run(session: &Session, deliveries: &[String], yes: bool) -> Result<Vec<ExpectationProposal>, WireError> {
    let mut proposals = Vec::new();
    for delivery in deliveries {
        let proposal = expectation_propose(session.app(), ExpectationRequest { delivery: delivery.clone() }).await?;
        proposals.push((delivery, proposal));
    }
    let printer = session.printer();
    let changes: Vec<_> = proposals.into_iter().filter(|(_, proposal)| proposal.changed).collect();
    for (_, proposal) in &changes {
        printer.say(diff(&proposal.diff, std::io::stderr().is_terminal()).trim_end());
    }
    if changes.is_empty() {
        printer.say("Every expectation says already what happened");
        return Ok(Vec::new());
    }
    let asks = !yes && !printer.is_json() && std::io::stdin().is_terminal();
    if asks && !agrees(&format!("Write {}?", count(changes.len())))? {
        return Err(WireError::new(ErrorCode::PublishCancelled, "No expectation was written")
            .with_hint("--yes writes without asking"));
    }
    let mut written = Vec::new();
    for (delivery, _) in changes {
        written.push(expectation_write(session.app(), ExpectationRequest { delivery: delivery.clone() }).await?);
    }
    printer.say(&format!("Wrote {}", count(written.len())));
    Ok(written)
}

fn count(expectations: usize) -> String {
    if expectations == 1 { "1 expectation".into() } else { format!("{expectations} expectations") }
}

fn agrees(question: &str) -> Result<bool, WireError> {
    let unreadable = |error: std::io::Error| WireError::internal("The terminal cannot be read", &error);
    let mut out = std::io::stderr().lock();
    write!(out, "{question} [y/N] ").and_then(|()| out.flush()).map_err(unreadable)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(unreadable)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
