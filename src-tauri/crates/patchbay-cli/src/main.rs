//! `patchbay`, the command line over the same use cases as the window.
//!
//! It owns arguments, printing and exit codes. What a command does is in `patchbay-app`.

mod args;
mod commands;
mod exit;
mod printer;
mod session;

use args::{Arguments, Command, UpstreamCommand};
use clap::Parser as _;
use patchbay_app::wire::error::WireError;
use printer::Printer;
use session::Session;
use std::process::ExitCode;

/// How a command ended that did not fail: the check held, or it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Exit code 0.
    Held,
    /// Exit code 1: lint errors, a replay that differs, a check that found something.
    DidNotHold,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage_error(&error),
    };
    let printer = Printer::new(arguments.global.json);
    match run(arguments, printer) {
        Ok(Verdict::Held) => ExitCode::SUCCESS,
        Ok(Verdict::DidNotHold) => ExitCode::from(1),
        Err(error) => {
            printer.error(&error);
            ExitCode::from(exit::code_of(error.code))
        }
    }
}

/// clap's own text for people; the one error shape where `--json` stands anywhere in the arguments.
fn usage_error(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let asked_for_text = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !asked_for_text && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Printer::new(true).error(
            &WireError::new(patchbay_app::wire::error::ErrorCode::UsageMalformed, first)
                .with_hint("`patchbay --help` lists the commands, `patchbay COMMAND --help` their options"),
        );
        return ExitCode::from(2);
    }
    drop(error.print());
    ExitCode::from(if asked_for_text { 0 } else { 2 })
}

fn run(arguments: Arguments, printer: Printer) -> Result<Verdict, WireError> {
    session::start_logging();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| WireError::internal("The asynchronous runtime did not start", &error))?;
    runtime.block_on(async {
        let session = Session::new(arguments.global, printer)?;
        let result = if runs_until_interrupted(&arguments.command) {
            Box::pin(execute(&session, arguments.command)).await
        } else {
            tokio::select! {
                result = execute(&session, arguments.command) => result,
                () = session::interrupted() => Err(session::interruption()),
            }
        };
        session.app().shutdown().await;
        result
    })
}

/// For these an interrupt is the ordinary end, and they wait for it themselves.
fn runs_until_interrupted(command: &Command) -> bool {
    match command {
        Command::Start(_)
        | Command::Tail(_)
        | Command::Replay(_)
        | Command::Resilience(_)
        | Command::Upstream(UpstreamCommand::Serve(_)) => true,
        #[cfg(feature = "bridge")]
        Command::Bridge(_) => true,
        _ => false,
    }
}

async fn execute(session: &Session, command: Command) -> Result<Verdict, WireError> {
    match command {
        Command::Demo => commands::demo::run(session).await,
        Command::Start(arguments) => commands::start::run(session, &arguments).await,
        Command::New(arguments) => commands::new::run(session, &arguments).await,
        Command::Templates => commands::templates::run(session).await,
        Command::Tenant(command) => commands::tenant::run(session, command).await,
        Command::Import(arguments) => commands::import::run(session, &arguments).await,
        Command::Lint(arguments) => commands::lint::run(session, &arguments),
        Command::Map(command) => commands::map::run(session, command).await,
        Command::Secret(command) => commands::secret::run(session, command).await,
        Command::Publish(arguments) => commands::publish::run(session, &arguments).await,
        Command::Versions(arguments) => commands::versions::run(session, &arguments).await,
        Command::Rollback(arguments) => commands::rollback::run(session, &arguments).await,
        Command::Replay(arguments) => Box::pin(commands::replay::run(session, &arguments)).await,
        Command::Compare(arguments) => commands::compare::run(session, arguments).await,
        Command::Resilience(arguments) => commands::resilience::run(session, &arguments).await,
        Command::Route(command) => commands::route::run(session, command).await,
        Command::Deliveries(command) => commands::deliveries::run(session, command).await,
        Command::Sample(command) => commands::sample::run(session, command).await,
        Command::Upstream(command) => commands::upstream::run(session, command).await,
        Command::Tail(arguments) => commands::tail::run(session, &arguments).await,
        Command::Restore(arguments) => commands::restore::run(session, arguments).await,
        Command::Doctor(arguments) => commands::doctor::run(session, &arguments).await,
        #[cfg(feature = "bridge")]
        Command::Bridge(arguments) => commands::bridge::run(session, &arguments).await,
    }
}
