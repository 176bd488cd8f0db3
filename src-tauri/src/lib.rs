//! The desktop shell: one window, one command, one stream of events. Everything that Patchbay does stands in
//! `patchbay-app`; this crate only carries it to a webview and stops it when the window closes.

mod arguments;
mod events;
mod rpc;
mod window;

use arguments::{Arguments, Start, UsageError};
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::{App, AppOptions};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use tauri::RunEvent;
use tauri::async_runtime::block_on;

/// Exit code for arguments that cannot be understood; the CLI uses the same.
const USAGE: u8 = 2;

/// Opens the window and returns when it is closed.
pub fn run() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => return refuse_usage(&error),
    };
    if !window::has_display() {
        say(
            "error: There is no display to open a window on\nhint: Set DISPLAY or WAYLAND_DISPLAY, or use `patchbay` in the terminal\n",
        );
        return ExitCode::FAILURE;
    }
    match open_app(&arguments).and_then(show_window) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

/// Sets the app up, with the workspace that was asked for.
fn open_app(arguments: &Arguments) -> Result<Arc<App>, WireError> {
    let app = App::new(AppOptions::for_this_machine()?);
    match &arguments.start {
        Start::Empty => {}
        Start::Workspace(folder) => app.open_workspace(folder)?,
        Start::Demo => open_demo(&app)?,
    }
    Ok(app)
}

/// Opens the demo workspace as it was left, or makes it. What a person tried in it stays.
fn open_demo(app: &Arc<App>) -> Result<(), WireError> {
    let folder = app.demo_workspace_folder();
    if folder.join("patchbay.toml").is_file() {
        return app.open_workspace(&folder);
    }
    block_on(patchbay_app::demo::prepare(app, &folder)).map(drop)
}

fn show_window(app: Arc<App>) -> Result<(), WireError> {
    let state = Arc::clone(&app);
    let desktop = tauri::Builder::default()
        .manage(state)
        .invoke_handler(tauri::generate_handler![rpc::rpc])
        .setup(move |desktop| {
            events::forward(app.subscribe(), desktop.handle().clone());
            window::open(desktop)?;
            Ok(())
        })
        .build(tauri::generate_context!())
        .map_err(|error| WireError::internal("The window cannot be opened", &error))?;
    desktop.run(|desktop, event| {
        if let RunEvent::Exit = event {
            let app = tauri::Manager::state::<Arc<App>>(desktop);
            block_on(app.shutdown());
        }
    });
    Ok(())
}

fn refuse_usage(error: &UsageError) -> ExitCode {
    say(&format!("error: {error}\nhint: {}\n", arguments::USAGE));
    ExitCode::from(USAGE)
}

fn report(error: &WireError) -> ExitCode {
    let causes = error.causes.iter().map(|cause| format!("caused by: {cause}\n"));
    let hints = error.hints.iter().map(|hint| format!("hint: {hint}\n"));
    let text: String = std::iter::once(format!("error: {}\n", error.message)).chain(causes).chain(hints).collect();
    say(&text);
    if error.code == ErrorCode::InternalBug { ExitCode::from(70) } else { ExitCode::FAILURE }
}

fn say(text: &str) {
    // A terminal that is gone cannot be told; the exit code still says it.
    drop(std::io::stderr().write_all(text.as_bytes()));
}
