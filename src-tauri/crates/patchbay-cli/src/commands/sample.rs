//! `patchbay sample sign` and `patchbay sample verify`

mod sign;
mod verify;

use crate::Verdict;
use crate::args::SampleCommand;
use crate::session::Session;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, command: SampleCommand) -> Result<Verdict, WireError> {
    match command {
        SampleCommand::Sign(arguments) => sign::run(session, arguments).await,
        SampleCommand::Verify(arguments) => verify::run(session, &arguments).await,
    }
}
