//! What is missing on this machine and how to get it.

use crate::app::{App, blocking};
use crate::wire::error::WireError;
use patchbay_secrets::KeychainStore;
use serde::Serialize;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

/// How one thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// It is there and works.
    Good,
    /// It is not there and not needed for everything.
    Optional,
    /// It is needed and does not work.
    Missing,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// `workerd`, `keychain`, …
    pub name: &'static str,
    /// How it is.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// How to get it.
    pub hints: Vec<String>,
}

impl Check {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: CheckState::Good, found: found.into(), hints: Vec::new() }
    }

    fn of_error(name: &'static str, state: CheckState, error: WireError) -> Self {
        let mut found = error.message;
        for cause in error.causes {
            if !found.ends_with(&cause) {
                found.push_str(": ");
                found.push_str(&cause);
            }
        }
        Self { name, state, found, hints: error.hints }
    }
}

/// Looks at everything. `workspace` is the folder that the person named, if any.
pub async fn examine(app: &Arc<App>, workspace: Option<&Path>) -> Vec<Check> {
    let workspace = workspace_check(app, workspace);
    let opened = workspace.state == CheckState::Good;
    let mut checks = vec![runtime(app).await, keychain(app).await, data_folder(app), display(), workspace];
    if opened {
        checks.extend([store(app).await, history(app).await]);
    }
    checks
}

async fn runtime(app: &Arc<App>) -> Check {
    let hint = "Run `make setup`, or set PATCHBAY_WORKERD to a workerd binary (npm package `workerd`)".to_owned();
    let missing =
        |found: String| Check { name: "workerd", state: CheckState::Missing, found, hints: vec![hint.clone()] };
    let Some(path) = &app.options().workerd else {
        return missing("The Workers runtime was not found".into());
    };
    let output = tokio::process::Command::new(path).arg("--version").stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(std::time::Duration::from_secs(10), output).await {
        Ok(Ok(output)) if output.status.success() => {
            Check::good("workerd", format!("{} at {}", String::from_utf8_lossy(&output.stdout).trim(), path.display()))
        }
        Ok(Ok(output)) => missing(format!("{} ends with {}", path.display(), output.status)),
        Ok(Err(error)) => missing(format!("{} does not run: {error}", path.display())),
        Err(_) => missing(format!("{} does not answer", path.display())),
    }
}

async fn keychain(app: &Arc<App>) -> Check {
    if app.options().passphrase.is_some() {
        return Check::good("keychain", "not used: a passphrase was given");
    }
    // The probe writes an entry of its own and removes it, because reading proves nothing about a closed keychain.
    let store = KeychainStore::new(&app.options().data_dir, uuid::Uuid::nil());
    match blocking(move || store.probe()).await {
        Ok(Ok(())) => Check::good("keychain", "a key can be written, read and removed"),
        Ok(Err(error)) => Check::of_error("keychain", CheckState::Missing, error.into()),
        Err(error) => Check::of_error("keychain", CheckState::Missing, error),
    }
}

fn data_folder(app: &Arc<App>) -> Check {
    let folder = &app.options().data_dir;
    let nearest = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(folder);
    match tempfile::tempfile_in(nearest) {
        Ok(_) => Check::good("data folder", folder.display().to_string()),
        Err(error) => Check {
            name: "data folder",
            state: CheckState::Missing,
            found: format!("{} cannot be written: {error}", folder.display()),
            hints: vec!["Make it writable for your user, or set XDG_DATA_HOME to another folder".into()],
        },
    }
}

fn display() -> Check {
    match ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
    {
        Some(name) => Check::good("display", format!("{name} is set")),
        None => Check {
            name: "display",
            state: CheckState::Optional,
            found: "there is none; the window needs one, the commands do not".into(),
            hints: vec!["Run `make start` in a desktop session to open the window".into()],
        },
    }
}

/// Reads the whole store of the workspace's platform, running or not.
async fn store(app: &Arc<App>) -> Check {
    let name = "platform store";
    let backups = match app.workspace().and_then(|open| Ok(open.workspace.state_folder()?.join("platform"))) {
        Ok(folder) => blocking(move || patchbay_platform::examine_store(&folder)).await,
        Err(error) => Err(error),
    };
    match backups {
        Ok(Ok(Some(backups))) => Check::good(name, whole(backups.len())),
        Ok(Ok(None)) => Check::good(name, "there is none yet"),
        Ok(Err(error)) => Check::of_error(name, CheckState::Missing, error.into()),
        Err(error) => Check::of_error(name, CheckState::Missing, error),
    }
}

/// Reads the whole history of the workspace.
async fn history(app: &Arc<App>) -> Check {
    let name = "history";
    let backups = match app.workspace().and_then(|open| Ok(open.workspace.state_folder()?.join("history.sqlite"))) {
        Ok(path) => blocking(move || patchbay_replay::History::examine(&path)).await,
        Err(error) => Err(error),
    };
    match backups {
        Ok(Ok(Some(backups))) => Check::good(name, whole(backups)),
        Ok(Ok(None)) => Check::good(name, "there is none yet"),
        Ok(Err(error)) => Check::of_error(name, CheckState::Missing, error.into()),
        Err(error) => Check::of_error(name, CheckState::Missing, error),
    }
}

fn whole(backups: usize) -> String {
    match backups {
        0 => "whole; not backed up yet".into(),
        1 => "whole; 1 backup".into(),
        backups => format!("whole; {backups} backups"),
    }
}

fn workspace_check(app: &Arc<App>, folder: Option<&Path>) -> Check {
    let Some(folder) = folder.filter(|folder| folder.exists()) else {
        return Check {
            name: "workspace",
            state: CheckState::Optional,
            found: "none was named".into(),
            hints: vec!["`patchbay demo` makes one to look at".into()],
        };
    };
    let warnings = app.open_workspace(folder).and_then(|()| crate::handlers::route::route_warnings(app));
    match warnings {
        Ok(warnings) => {
            let mut check = Check::good("workspace", folder.display().to_string());
            check.hints = warnings;
            check
        }
        Err(error) => Check::of_error("workspace", CheckState::Missing, error),
    }
}
