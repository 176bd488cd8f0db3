//! `patchbay sample`

mod add;
mod catalogue;
mod sign;
mod verify;

use crate::Verdict;
use crate::args::SampleCommand;
use crate::session::Session;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, command: SampleCommand) -> Result<Verdict, WireError> {
    match command {
        SampleCommand::List(arguments) => catalogue::list(session, &arguments).await,
        SampleCommand::Search { words, provider } => catalogue::search(session, &words, provider).await,
        SampleCommand::Show { place, name } => catalogue::show(session, place, name).await,
        SampleCommand::Providers => catalogue::providers(session).await,
        SampleCommand::Add(arguments) => add::run(session, arguments).await,
        SampleCommand::Sign(arguments) => sign::run(session, arguments).await,
        SampleCommand::Verify(arguments) => verify::run(session, &arguments).await,
    }
}
