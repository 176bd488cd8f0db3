//! Where the app keeps its data and finds its parts on this machine.

use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::Secret;
use std::path::PathBuf;

/// How an [`crate::App`] is set up. Nothing is opened or started by making one.
#[derive(Debug, Clone)]
pub struct AppOptions {
    /// Folder for vaults and the demo workspace: `$XDG_DATA_HOME/patchbay`.
    pub data_dir: PathBuf,
    /// The Workers runtime; `None` when it was not found, which only matters once the platform has to start.
    pub workerd: Option<PathBuf>,
    /// Keep tenant keys under this passphrase instead of the OS keychain. Only when a person asked for it.
    pub passphrase: Option<Secret>,
    /// Token for the target cloudflare, from `CLOUDFLARE_API_TOKEN`.
    pub cloudflare_token: Option<Secret>,
}

impl AppOptions {
    /// The ordinary places of this machine.
    pub fn for_this_machine() -> Result<Self, WireError> {
        Ok(Self {
            data_dir: data_dir()?,
            workerd: find_workerd(),
            passphrase: None,
            cloudflare_token: std::env::var("CLOUDFLARE_API_TOKEN")
                .ok()
                .filter(|token| !token.is_empty())
                .map(Secret::new),
        })
    }
}

fn data_dir() -> Result<PathBuf, WireError> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("patchbay"))
        .ok_or_else(|| {
            WireError::new(ErrorCode::WorkspaceStorage, "There is no folder for Patchbay's data: HOME is not set")
                .with_hint("Set HOME or XDG_DATA_HOME to an absolute path")
        })
}

/// `PATCHBAY_WORKERD`; beside this program (as packaged, and as `make start` links it); in the `node_modules` of a
/// checkout that holds this program or the current folder.
fn find_workerd() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("PATCHBAY_WORKERD") {
        return Some(PathBuf::from(given));
    }
    let program = std::env::current_exe().ok()?;
    let beside = program.parent()?.join("patchbay-workerd");
    if beside.is_file() {
        return Some(beside);
    }
    let package = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "workerd-linux-64",
        ("linux", "aarch64") => "workerd-linux-arm64",
        ("macos", "x86_64") => "workerd-darwin-64",
        ("macos", "aarch64") => "workerd-darwin-arm64",
        _ => return None,
    };
    let here = std::env::current_dir().ok();
    program
        .ancestors()
        .chain(here.iter().flat_map(|here| here.ancestors()))
        .map(|folder| folder.join("node_modules/@cloudflare").join(package).join("bin/workerd"))
        .find(|candidate| candidate.is_file())
}
