//! `patchbay secret`: values come in by stdin or a hidden prompt and never go out.

use crate::Verdict;
use crate::args::{SecretArguments, SecretCommand};
use crate::session::{Session, adapter_key, read_secret};
use patchbay_app::handlers::secret::{secret_delete, secret_list, secret_rotate, secret_set};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::secret::{BindingStatus, SecretDeleteRequest, SecretSetRequest};
use std::fmt::Write as _;

pub async fn run(session: &Session, command: SecretCommand) -> Result<Verdict, WireError> {
    let printer = session.printer();
    match command {
        SecretCommand::Set(arguments) => {
            let request = value_request(session, &arguments)?;
            let list = secret_set(session.app(), request).await?;
            printer.answer(&status_of(&list.bindings, &arguments.name), "");
            printer.say(&format!("Set {} of {}", arguments.name, arguments.adapter));
        }
        SecretCommand::Rotate(arguments) => {
            let request = value_request(session, &arguments)?;
            let rotated = secret_rotate(session.app(), request).await?;
            printer.answer(&rotated, "");
            let reached = if rotated.live_in.is_empty() {
                "it is not live anywhere yet".to_owned()
            } else {
                format!("live in {}", rotated.live_in.join(", "))
            };
            printer.say(&format!("Rotated {} of {}; {reached}", arguments.name, arguments.adapter));
        }
        SecretCommand::List(arguments) => {
            let key = adapter_key(&arguments.adapter)?;
            session.open_workspace()?;
            let list = secret_list(session.app(), key).await?;
            let mut text = String::new();
            for binding in &list.bindings {
                let state = match (binding.set, binding.required) {
                    (true, _) => "set",
                    (false, true) => "missing",
                    (false, false) => "optional",
                };
                let changed = binding.changed_at.as_deref().unwrap_or("");
                let fingerprint = binding.fingerprint.as_deref().unwrap_or("");
                let _ =
                    writeln!(text, "{:<28} {:<13} {:<9} {fingerprint:<9} {changed}", binding.name, binding.kind, state);
            }
            printer.answer(&list.bindings, &text);
        }
        SecretCommand::Delete(arguments) => {
            let key = adapter_key(&arguments.adapter)?;
            session.open_workspace()?;
            let request =
                SecretDeleteRequest { tenant: key.tenant, adapter: key.adapter, name: arguments.name.clone() };
            let list = secret_delete(session.app(), request).await?;
            printer.answer(&list.bindings, "");
            printer.say(&format!("Deleted {} of {}", arguments.name, arguments.adapter));
        }
    }
    Ok(Verdict::Held)
}

fn value_request(session: &Session, arguments: &SecretArguments) -> Result<SecretSetRequest, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let value = read_secret(&format!("{} of {}: ", arguments.name, arguments.adapter))?;
    Ok(SecretSetRequest {
        tenant: key.tenant,
        adapter: key.adapter,
        name: arguments.name.clone(),
        value: value.expose().to_owned(),
    })
}

fn status_of<'a>(bindings: &'a [BindingStatus], name: &str) -> Option<&'a BindingStatus> {
    bindings.iter().find(|binding| binding.name == name)
}
