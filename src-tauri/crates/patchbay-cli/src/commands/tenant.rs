//! `patchbay tenant`

use crate::Verdict;
use crate::args::TenantCommand;
use crate::session::Session;
use patchbay_app::handlers::tenant::{tenant_add, tenant_set, tenant_show};
use patchbay_app::handlers::workspace::require_overview;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::tenant::TenantAddRequest;
use std::fmt::Write as _;

pub async fn run(session: &Session, command: TenantCommand) -> Result<Verdict, WireError> {
    let printer = session.printer();
    match command {
        TenantCommand::Add(arguments) => {
            session.open_or_create_workspace()?;
            let id = arguments.tenant.clone();
            let request = TenantAddRequest {
                id: arguments.tenant,
                name: arguments.name,
                region: arguments.region,
                egress: arguments.egress,
            };
            tenant_add(session.app(), request).await?;
            let settings = tenant_show(session.app(), &id)?;
            printer.answer(&settings, "");
            printer.say(&format!("Added tenant {id}"));
        }
        TenantCommand::List => {
            session.open_workspace()?;
            let overview = require_overview(session.app())?;
            let mut text = String::new();
            for tenant in &overview.tenants {
                let state =
                    tenant.problem.as_ref().map_or(String::new(), |problem| format!("  broken: {}", problem.message));
                let adapters: Vec<&str> = tenant.adapters.iter().map(|adapter| adapter.id.as_str()).collect();
                let _ = writeln!(text, "{:<24} {:<4} {}{state}", tenant.id, tenant.region, adapters.join(", "));
            }
            printer.answer(&overview.tenants, &text);
        }
        TenantCommand::Show { tenant } => {
            session.open_workspace()?;
            let settings = tenant_show(session.app(), &tenant)?;
            printer.answer(&settings, &settings.text);
        }
        TenantCommand::Set { tenant, key, value } => {
            session.open_workspace()?;
            let settings = tenant_set(session.app(), &tenant, &key, &value).await?;
            printer.answer(&settings, "");
            printer.say(&format!("Set {key} of {tenant}"));
        }
    }
    Ok(Verdict::Held)
}
