//! `patchbay new`

use crate::Verdict;
use crate::args::NewArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::adapter::adapter_new;
use patchbay_app::wire::adapter::AdapterNewRequest;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, arguments: &NewArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let request = AdapterNewRequest {
        tenant: key.tenant.clone(),
        adapter: key.adapter.clone(),
        template: arguments.template.clone(),
    };
    let detail = adapter_new(session.app(), request).await?;
    let files: Vec<&str> = detail.files.iter().map(|file| file.path.as_str()).collect();
    session.printer().answer(
        &serde_json::json!({ "tenant": key.tenant, "adapter": key.adapter, "script": detail.script, "template": arguments.template, "files": files }),
        "",
    );
    session.printer().say(&format!(
        "Made {}/{} from {}: {}",
        key.tenant,
        key.adapter,
        arguments.template,
        files.join(", ")
    ));
    let unset: Vec<&str> = detail
        .bindings
        .iter()
        .filter(|binding| binding.required && !binding.set)
        .map(|binding| binding.name.as_str())
        .collect();
    if !unset.is_empty() {
        session.printer().say(&format!("It still needs values for: {}", unset.join(", ")));
    }
    Ok(Verdict::Held)
}
