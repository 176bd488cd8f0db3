//! `patchbay rollback`

use crate::Verdict;
use crate::args::RollbackArguments;
use crate::commands::publish::published_line;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::publish::{version_before_live, version_rollback};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::publish::RollbackRequest;

pub async fn run(session: &Session, arguments: &RollbackArguments) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let number = match arguments.to {
        Some(number) => number,
        None => version_before_live(session.app(), &key, &arguments.env).await?,
    };
    let request =
        RollbackRequest { tenant: key.tenant, adapter: key.adapter, environment: arguments.env.clone(), number };
    let rolled_back = version_rollback(session.app(), request).await?;
    let printer = session.printer();
    printer.answer(&rolled_back, "");
    printer.say(&format!("Rolled back to the code of version {number}"));
    printer.say(&published_line(&arguments.adapter, &rolled_back.version));
    if !rolled_back.secrets_changed_since.is_empty() {
        printer.say(&format!(
            "Secrets that changed since, and keep their new values: {}",
            rolled_back.secrets_changed_since.join(", ")
        ));
    }
    Ok(Verdict::Held)
}
