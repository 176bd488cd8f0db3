//! `patchbay start`: the embedded platform in the foreground.

use crate::Verdict;
use crate::args::StartArguments;
use crate::session::{Session, interrupted};
use patchbay_app::Serving;
use patchbay_app::handlers::route::route_warnings;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, arguments: &StartArguments) -> Result<Verdict, WireError> {
    session.open_or_create_workspace()?;
    let serving = Serving {
        api_port: arguments.api_port,
        dispatcher_port: arguments.dispatcher_port,
        api_rate: arguments.api_requests.unwrap_or_default(),
    };
    let running = session.app().start_platform_in_foreground(serving).await?;
    let printer = session.printer();
    printer.answer(&running, "");
    for warning in route_warnings(session.app())? {
        printer.say(&format!("warning: {warning}"));
    }
    let others: String = running
        .other_dispatchers
        .iter()
        .map(|(environment, url)| format!("\n              {url}  {environment}"))
        .collect();
    printer.say(&format!(
        "The embedded platform runs.\n  API         {}\n  dispatcher  {}  {}{others}\n  account     {}\n  token file  {}\nCtrl-C stops it.",
        running.api_url,
        running.dispatcher_url,
        running.environment,
        running.account_id,
        running.token_file.display()
    ));
    interrupted().await;
    printer.say("Stopping.");
    Ok(Verdict::Held)
}
