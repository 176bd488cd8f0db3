//! One run of the command line: the app, the workspace it looks at, and how it was asked to print.

use crate::args::GlobalArguments;
use crate::printer::Printer;
use patchbay_app::wire::adapter::AdapterKey;
use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::{App, AppOptions};
use patchbay_core::{AdapterRef, Secret};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What every command gets.
pub struct Session {
    app: Arc<App>,
    printer: Printer,
    workspace: Option<PathBuf>,
}

impl Session {
    /// Reads the global options. Opens nothing yet.
    pub fn new(global: GlobalArguments, printer: Printer) -> Result<Self, WireError> {
        let mut options = AppOptions::for_this_machine()?;
        if let Some(file) = &global.passphrase_file {
            options.passphrase = Some(read_passphrase(file)?);
        }
        Ok(Self { app: App::new(options), printer, workspace: global.workspace })
    }

    /// The use cases.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Where answers go.
    pub fn printer(&self) -> Printer {
        self.printer
    }

    /// The folder that `--workspace` named.
    pub fn given_workspace(&self) -> Option<&Path> {
        self.workspace.as_deref()
    }

    /// Whether there is a workspace to open: one was named, or the current folder is in one.
    pub fn has_workspace(&self) -> bool {
        self.workspace.is_some()
            || std::env::current_dir()
                .is_ok_and(|here| here.ancestors().any(|folder| folder.join("patchbay.toml").is_file()))
    }

    /// Opens the workspace: `--workspace`, or the nearest folder upwards that has a `patchbay.toml`.
    pub fn open_workspace(&self) -> Result<(), WireError> {
        self.app.open_workspace(&self.workspace_folder()?)
    }

    /// Opens the workspace, and makes one first where the folder is missing or empty.
    pub fn open_or_create_workspace(&self) -> Result<(), WireError> {
        let folder = self.workspace_folder()?;
        if self.app.create_workspace_if_empty(&folder)? {
            self.printer.say(&format!("Made a new workspace in {}", folder.display()));
        }
        self.app.open_workspace(&folder)
    }

    fn workspace_folder(&self) -> Result<PathBuf, WireError> {
        if let Some(folder) = &self.workspace {
            return Ok(folder.clone());
        }
        let here = std::env::current_dir()
            .map_err(|error| WireError::internal("The current folder cannot be read", &error))?;
        Ok(here.ancestors().find(|folder| folder.join("patchbay.toml").is_file()).unwrap_or(&here).to_owned())
    }
}

/// `TENANT/ADAPTER` as the use cases take it.
pub fn adapter_key(given: &str) -> Result<AdapterKey, WireError> {
    let reference: AdapterRef = given.parse().map_err(|error| patchbay_app::id_error(&error))?;
    Ok(AdapterKey { tenant: reference.tenant.to_string(), adapter: reference.adapter.to_string() })
}

/// `name:value` as a header.
pub fn header(given: &str) -> Result<(String, String), WireError> {
    let (name, value) = given.split_once(':').ok_or_else(|| {
        WireError::new(ErrorCode::RouteInvalid, format!("`{given}` is not a header"))
            .with_hint("Write -H name:value, for example -H x-customer-id:customer-a")
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// A secret value from stdin, or from a hidden prompt when stdin is a terminal. One trailing line end is dropped.
pub fn read_secret(prompt: &str) -> Result<Secret, WireError> {
    use std::io::{IsTerminal as _, Read as _};
    let unreadable = |error: std::io::Error| {
        WireError::new(ErrorCode::SecretInvalid, format!("The value could not be read: {error}"))
            .with_hint("Pipe it in as UTF-8 text, or type it at the prompt")
    };
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Secret::new).map_err(unreadable);
    }
    let mut text = String::new();
    std::io::stdin().lock().take(1 << 20).read_to_string(&mut text).map_err(unreadable)?;
    let value = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    Ok(Secret::new(value))
}

fn read_passphrase(file: &Path) -> Result<Secret, WireError> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        WireError::new(
            ErrorCode::SecretNoKeychain,
            format!("The passphrase file `{}` cannot be read: {error}", file.display()),
        )
    })?;
    let passphrase = text.trim_end_matches(['\n', '\r']);
    if passphrase.is_empty() {
        return Err(WireError::new(
            ErrorCode::SecretNoKeychain,
            format!("The passphrase file `{}` is empty", file.display()),
        ));
    }
    Ok(Secret::new(passphrase))
}

/// Logs go to stderr when `PATCHBAY_LOG` asks for them (`info`, `patchbay_platform=debug`, …).
pub fn start_logging() {
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("PATCHBAY_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}

/// Ends when the person pressed Ctrl-C or the process was asked to stop.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

/// What an interrupted command reports.
pub fn interruption() -> WireError {
    WireError::new(ErrorCode::PublishCancelled, "Interrupted")
        .with_hint("Nothing half-done is left behind; run the command again")
}
