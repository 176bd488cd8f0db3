//! `patchbay upstream serve`

use crate::Verdict;
use crate::args::{UpstreamCommand, UpstreamServeArguments};
use crate::session::{Session, interrupted};
use patchbay_app::upstream_server::{ServedUpstreams, UpstreamServer};
use patchbay_app::wire::error::WireError;
use std::fmt::Write as _;

pub async fn run(session: &Session, command: UpstreamCommand) -> Result<Verdict, WireError> {
    match command {
        UpstreamCommand::Serve(arguments) => serve(session, &arguments).await,
    }
}

async fn serve(session: &Session, arguments: &UpstreamServeArguments) -> Result<Verdict, WireError> {
    let server = UpstreamServer::start(arguments.port, &arguments.faults).await?;
    let printer = session.printer();
    printer.answer(server.served(), "");
    printer.say(&places(server.served()));
    interrupted().await;
    printer.say("Stopping.");
    Ok(Verdict::Held)
}

fn places(served: &ServedUpstreams) -> String {
    let mut text = String::from("The simulated upstreams are served. Give a client one of these as its base URL:\n");
    for (id, hosts) in &served.hosts {
        for host in hosts {
            let host = host.replacen('*', "example", 1);
            let _ = writeln!(text, "  {id:<11} {}/{host}", served.url);
        }
    }
    text.push_str("Any token of the right shape is let in; none is checked or kept. Ctrl-C stops it.");
    text
}
