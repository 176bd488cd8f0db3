//! `patchbay deliveries`

mod export;
mod history;

use crate::Verdict;
use crate::args::DeliveriesCommand;
use crate::session::Session;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, command: DeliveriesCommand) -> Result<Verdict, WireError> {
    session.open_workspace()?;
    match command {
        DeliveriesCommand::List { search, before, limit } => history::list(session, search, before, limit).await?,
        DeliveriesCommand::Export { search, limit, output } => history::export(session, search, limit, output).await?,
        DeliveriesCommand::Purge { tenant, yes } => history::purge(session, tenant, yes).await?,
        DeliveriesCommand::Show { delivery, format } => export::show(session, delivery, format).await?,
        DeliveriesCommand::Report { run, output } => export::report(session, run, &output).await?,
    }
    Ok(Verdict::Held)
}
