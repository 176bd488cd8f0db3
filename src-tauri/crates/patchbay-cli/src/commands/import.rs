//! `patchbay import`

use crate::Verdict;
use crate::args::ImportArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::adapter::adapter_import;
use patchbay_app::wire::adapter::AdapterImportRequest;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, arguments: &ImportArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let request = AdapterImportRequest {
        tenant: key.tenant.clone(),
        adapter: key.adapter.clone(),
        path: arguments.path.display().to_string(),
    };
    let imported = adapter_import(session.app(), request).await?;
    let or_none = |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let bindings: Vec<String> =
        imported.bindings.iter().map(|binding| format!("{} ({})", binding.name, binding.kind)).collect();
    session.printer().answer(&imported, "");
    session.printer().say(&format!(
        "Imported {}/{}\n  files      {}\n  entry      {}\n  provider   {}\n  bindings   {}\n  upstreams  {}",
        key.tenant,
        key.adapter,
        imported.files.join(", "),
        imported.entry,
        imported.provider.as_deref().unwrap_or("not recognised"),
        or_none(&bindings),
        or_none(&imported.upstreams),
    ));
    for skipped in &imported.skipped {
        session.printer().say(&format!("  left out   {skipped}"));
    }
    Ok(Verdict::Held)
}
