//! `patchbay versions`

use crate::Verdict;
use crate::args::VersionsArguments;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::publish::version_list;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::publish::VersionListRequest;
use std::fmt::Write as _;

pub async fn run(session: &Session, arguments: &VersionsArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let request = VersionListRequest { tenant: key.tenant, adapter: key.adapter, environment: arguments.env.clone() };
    let list = version_list(session.app(), request).await?;
    let mut text = String::new();
    for version in &list.versions {
        let live = if version.live { "live" } else { "" };
        let note = version.note.as_deref().unwrap_or("");
        let _ = writeln!(text, "{:>4}  {}  {:<5} {}  {note}", version.number, version.created_at, live, version.id);
        for allowed in &version.allowances {
            let _ = writeln!(text, "      allowed {}: {}", allowed.rule, allowed.reason);
        }
    }
    session.printer().answer(&list.versions, &text);
    Ok(Verdict::Held)
}
