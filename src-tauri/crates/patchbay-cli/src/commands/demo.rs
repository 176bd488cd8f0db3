//! `patchbay demo`: the main job, end to end. Exit 0 only if every step really held.

use crate::Verdict;
use crate::commands::publish::progress_line;
use crate::session::Session;
use patchbay_app::demo::{self, DemoEvent};
use patchbay_app::wire::error::WireError;

pub async fn run(session: &Session) -> Result<Verdict, WireError> {
    let printer = session.printer();
    let folder = match session.given_workspace() {
        Some(folder) => folder.to_owned(),
        None => session.app().demo_workspace_folder(),
    };
    let report = |event: DemoEvent| match event {
        DemoEvent::Step { number, of, title } => printer.say(&format!("\n[{number}/{of}] {title}")),
        DemoEvent::Detail(text) => printer.say(&format!("  {text}")),
        DemoEvent::Publish(progress) => printer.say(&progress_line(&progress)),
        DemoEvent::Trace(text) => printer.say(&format!("  {}", text.trim_end().replace('\n', "\n  "))),
    };
    let outcome = demo::run(session.app(), &folder, &report).await?;
    printer.answer(&outcome, "");
    let binary = std::env::args().next().unwrap_or_else(|| "patchbay".into());
    let workspace = format!("--workspace {}", folder.display());
    let samples = if outcome.as_expected { "It held: " } else { "It did NOT hold: " };
    printer.say(&format!("{samples}{}", outcome.summary));
    if outcome.as_expected && std::env::var_os("PATCHBAY_PRIVATE_SESSION").is_some() {
        printer.say(&format!(
            "\nWhat to try next\n  This machine has no keychain, so workspace and secrets of this run end with it. To keep them:\n  demo     {binary} demo --workspace ./demo --passphrase-file FILE   # a file with a passphrase of your own\n  replay   {binary} replay {} --all --workspace ./demo --passphrase-file FILE\n  doctor   {binary} doctor",
            outcome.adapter,
        ));
    } else if outcome.as_expected {
        printer.say(&format!(
            "\nWhat to try next\n  edit     {}\n  publish  {binary} publish {} {workspace}\n  replay   {binary} replay {} --all {workspace}\n  routes   {binary} route test http://localhost/ -H x-customer-id:customer-a -H x-script-id:slack-to-notion {workspace}\n  serve    {binary} start {workspace}",
            outcome.entry_file, outcome.adapter, outcome.adapter,
        ));
    }
    Ok(if outcome.as_expected { Verdict::Held } else { Verdict::DidNotHold })
}
