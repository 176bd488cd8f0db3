//! `patchbay deliveries list`, `export` and `purge`.

use crate::args::SearchArguments;
use crate::session::Session;
use patchbay_app::handlers::history::{history_export, history_purge, history_search};
use patchbay_app::history;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::wire::history::{
    HistoryDelivery, HistoryExportRequest, HistoryExported, HistoryPurgeRequest, HistoryPurged, HistorySearchRequest,
};
use std::fmt::Write as _;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::PathBuf;

/// Prints a page of deliveries.
pub async fn list(
    session: &Session,
    search: SearchArguments,
    before: Option<String>,
    limit: u32,
) -> Result<(), WireError> {
    let request = HistorySearchRequest { before, limit: Some(limit), ..request(search) };
    let page = history_search(session.app(), request).await?;
    let text: String = page.deliveries.iter().map(line).collect();
    session.printer().answer(&page.deliveries, &text);
    if let Some(next) = page.next {
        session.printer().say(&format!("There are more: add `--before {next}`"));
    }
    Ok(())
}

/// Writes deliveries into a file or to standard output.
pub async fn export(
    session: &Session,
    search: SearchArguments,
    limit: Option<u32>,
    output: Option<PathBuf>,
) -> Result<(), WireError> {
    let search = HistorySearchRequest { limit, ..request(search) };
    let Some(output) = output else {
        let mut stream = BufWriter::new(std::io::stdout().lock());
        let open = session.app().workspace()?;
        let exported = history::export(&open, search, &mut stream)?;
        // A reader that closed the pipe has seen what it wanted.
        drop(stream.flush());
        session.printer().say(&told(&exported));
        return Ok(());
    };
    let request = HistoryExportRequest { search, output: output.display().to_string() };
    let exported = history_export(session.app(), request).await?;
    session.printer().answer(&exported, &told(&exported));
    Ok(())
}

/// Removes what is kept of a tenant.
pub async fn purge(session: &Session, tenant: String, yes: bool) -> Result<(), WireError> {
    if !yes && !is_agreed(session, &tenant)? {
        session.printer().say("Nothing was removed");
        return Ok(());
    }
    let purged = history_purge(session.app(), HistoryPurgeRequest { tenant }).await?;
    session.printer().answer(&purged, &said(&purged));
    Ok(())
}

fn is_agreed(session: &Session, tenant: &str) -> Result<bool, WireError> {
    if session.printer().is_json() || !std::io::stdin().is_terminal() {
        return Err(WireError::new(
            ErrorCode::UsageMalformed,
            format!("Nobody can be asked whether all deliveries of `{tenant}` are to be removed"),
        )
        .with_hint("Add --yes; what is removed cannot be brought back"));
    }
    let mut err = std::io::stderr().lock();
    drop(write!(err, "Remove all deliveries of {tenant}, also from backups of the history? [y/N] "));
    drop(err.flush());
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| WireError::internal("The answer could not be read", &error))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn request(search: SearchArguments) -> HistorySearchRequest {
    let (tenant, adapter) = match search.scope.as_deref().map(|scope| scope.split_once('/').unwrap_or((scope, ""))) {
        Some((tenant, "")) => (Some(tenant.to_owned()), None),
        Some((tenant, adapter)) => (Some(tenant.to_owned()), Some(adapter.to_owned())),
        None => (None, None),
    };
    HistorySearchRequest {
        tenant,
        adapter,
        status: search.status,
        since: search.since,
        until: search.until,
        event: search.event,
        text: search.text,
        run: search.run,
        before: None,
        limit: None,
    }
}

fn line(delivery: &HistoryDelivery) -> String {
    let what = delivery.sample.as_deref().unwrap_or(&delivery.origin);
    let adapter = format!("{}/{}", delivery.tenant, delivery.adapter);
    let mut line = format!("{}  {}  {adapter:<40} {what:<20} ", delivery.delivery, delivery.started_at);
    let _ = match delivery.status {
        _ if !delivery.answered => write!(line, "received, not answered"),
        Some(status) => write!(line, "{status:>3}  {:>8.1} ms", delivery.duration_ms),
        None => write!(line, "  -  {:>8.1} ms", delivery.duration_ms),
    };
    if !delivery.has_contents {
        line.push_str("  contents dropped");
    }
    line.push('\n');
    line
}

fn told(exported: &HistoryExported) -> String {
    let mut text = format!("Exported {} deliveries, {} bytes", exported.deliveries, exported.bytes);
    if let Some(output) = &exported.output {
        let _ = write!(text, ", to {output}");
    }
    if exported.without_contents > 0 {
        let _ = write!(text, "; of {} only the head was kept", exported.without_contents);
    }
    text
}

fn said(purged: &HistoryPurged) -> String {
    let mut text = format!("Removed {} deliveries of {}", purged.deliveries, purged.tenant);
    match purged.backups.len() {
        0 => {}
        1 => text.push_str(", and the tenant from one backup"),
        count => {
            let _ = write!(text, ", and the tenant from {count} backups");
        }
    }
    for file in &purged.set_aside {
        let _ = write!(text, "\nLeft as it is, because it may be damaged: {file}. Delete it to remove what it holds");
    }
    text
}
