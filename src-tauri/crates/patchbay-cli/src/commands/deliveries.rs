//! `patchbay deliveries`

use crate::Verdict;
use crate::args::DeliveriesCommand;
use crate::session::Session;
use patchbay_app::handlers::replay::{replay_list, replay_show};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::replay::{ReplayListRequest, ReplayShowRequest};
use std::fmt::Write as _;

pub async fn run(session: &Session, command: DeliveriesCommand) -> Result<Verdict, WireError> {
    session.open_workspace()?;
    match command {
        DeliveriesCommand::List { scope, limit } => {
            let (tenant, adapter) = match scope.as_deref().map(|scope| scope.split_once('/').unwrap_or((scope, ""))) {
                Some((tenant, "")) => (Some(tenant.to_owned()), None),
                Some((tenant, adapter)) => (Some(tenant.to_owned()), Some(adapter.to_owned())),
                None => (None, None),
            };
            let list = replay_list(session.app(), ReplayListRequest { tenant, adapter, limit }).await?;
            let mut text = String::new();
            for delivery in &list.deliveries {
                let _ = writeln!(
                    text,
                    "{}  {}  {:<40} {:<20} {:>3}  {:>8.1} ms",
                    delivery.delivery,
                    delivery.started_at,
                    format!("{}/{}", delivery.tenant, delivery.adapter),
                    delivery.sample.as_deref().unwrap_or(""),
                    delivery.status.map_or_else(|| "-".to_owned(), |status| status.to_string()),
                    delivery.duration_ms,
                );
            }
            session.printer().answer(&list.deliveries, &text);
        }
        DeliveriesCommand::Show { delivery } => {
            let trace = replay_show(session.app(), ReplayShowRequest { delivery }).await?;
            session.printer().answer(&trace, &trace.text);
        }
    }
    Ok(Verdict::Held)
}
