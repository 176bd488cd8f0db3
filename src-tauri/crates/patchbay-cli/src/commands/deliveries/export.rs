//! `patchbay deliveries show` and `report`.

use crate::args::DeliveryFormat;
use crate::printer::Printer;
use crate::session::Session;
use patchbay_app::handlers::export::{replay_export, replay_export_to};
use patchbay_app::handlers::replay::replay_show;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::export::{ExportFormat, ReplayExportRequest};
use patchbay_app::wire::replay::ReplayShowRequest;
use serde_json::json;
use std::path::Path;

/// Prints one delivery. The formats of other programs are what they are, with `--json` and without.
pub async fn show(session: &Session, delivery: String, format: DeliveryFormat) -> Result<(), WireError> {
    let foreign = match format {
        DeliveryFormat::Otel => ExportFormat::Otel,
        DeliveryFormat::Har => ExportFormat::Har,
        DeliveryFormat::Tree | DeliveryFormat::Json => {
            let trace = replay_show(session.app(), ReplayShowRequest { delivery }).await?;
            let printer = if format == DeliveryFormat::Json { Printer::new(true) } else { session.printer() };
            printer.answer(&trace, &trace.text);
            return Ok(());
        }
    };
    let export = replay_export(session.app(), ReplayExportRequest { id: delivery, format: foreign }).await?;
    Printer::bytes(format!("{}\n", export.content).as_bytes());
    Ok(())
}

/// Writes the report of a run.
pub async fn report(session: &Session, run: String, output: &Path) -> Result<(), WireError> {
    let request = ReplayExportRequest { id: run.clone(), format: ExportFormat::Html };
    replay_export_to(session.app(), request, output).await?;
    let file = output.display();
    session.printer().answer(&json!({ "run": run, "output": file.to_string() }), &format!("Wrote {file}"));
    Ok(())
}
