//! `patchbay tail`: an adapter's logs as they come.

use crate::Verdict;
use crate::args::AdapterArgument;
use crate::session::{Session, adapter_key, interrupted};
use patchbay_app::tailing::tail;
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session, arguments: &AdapterArgument) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let printer = session.printer();
    let mut lines = tail(session.app(), &key).await?;
    printer.say(&format!("Following {}. Ctrl-C ends it.", arguments.adapter));
    loop {
        tokio::select! {
            () = interrupted() => return Ok(Verdict::Held),
            line = lines.next() => match line {
                Some(entry) => { let entry = entry?; printer.line(&entry, &entry.text); }
                None => return Ok(Verdict::Held),
            },
        }
    }
}
