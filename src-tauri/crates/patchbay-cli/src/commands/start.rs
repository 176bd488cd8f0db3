//! `patchbay start`: the embedded platform in the foreground.

use crate::Verdict;
use crate::args::StartArguments;
use crate::printer::Printer;
use crate::session::{Session, interrupted};
use patchbay_app::Serving;
use patchbay_app::handlers::route::route_warnings;
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::events::AppEvent;
use patchbay_app::wire::inbox::InboxWebhook;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

pub async fn run(session: &Session, arguments: &StartArguments) -> Result<Verdict, WireError> {
    session.open_or_create_workspace()?;
    let serving = Serving {
        api_port: arguments.api_port,
        dispatcher_port: arguments.dispatcher_port,
        api_rate: arguments.api_requests.unwrap_or_default(),
        inbox: !arguments.no_inbox,
    };
    // From the first webhook on.
    let arrivals = session.app().subscribe();
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
    tokio::select! {
        () = interrupted() => {}
        () = print_arrivals(printer, arrivals) => {}
    }
    printer.say("Stopping.");
    Ok(Verdict::Held)
}

/// One line for each webhook that arrives, when it is answered.
async fn print_arrivals(printer: Printer, mut events: Receiver<AppEvent>) {
    loop {
        match events.recv().await {
            Ok(AppEvent::WebhookAnswered(webhook)) => printer.say(&arrival(&webhook)),
            Ok(AppEvent::WebhookRefused(refusal)) => {
                printer.say(&format!(
                    "503  {}  not stored, the sender is told to come back: {}",
                    refusal.request, refusal.message
                ));
            }
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => {
                printer.say(&format!(
                    "… {missed} events passed too fast to be shown; `patchbay deliveries list` has them"
                ));
            }
            // The app ends with this command.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// `200    12 ms  POST /hooks/a  slack  customer-a/notes  0199…`
fn arrival(webhook: &InboxWebhook) -> String {
    let path = webhook.url.splitn(4, '/').nth(3).unwrap_or_default();
    let receiver = match webhook.tenant.as_str() {
        "" => "nobody".to_owned(),
        tenant => format!("{tenant}/{}", webhook.adapter),
    };
    let note = webhook.note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
    format!(
        "{}  {:5.0} ms  {} /{path}  {}  {receiver}  {}{note}",
        webhook.status.map_or_else(|| "---".into(), |status| status.to_string()),
        webhook.duration_ms.unwrap_or_default(),
        webhook.method,
        webhook.provider,
        webhook.delivery,
    )
}
