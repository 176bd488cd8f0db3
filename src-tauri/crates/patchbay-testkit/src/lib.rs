//! What the tests of every crate stand on: real side processes in folders of their own, and a way to run programs.
//!
//! Development only. It panics with a hint instead of returning errors, because a test has nothing better to do with
//! them. It never touches the person's own session bus, keyring or home folder.
#![warn(missing_docs)]

#[cfg(target_os = "linux")]
pub mod keyring;
pub mod locate;
pub mod process;
pub mod scripted_server;
pub mod workspace;

#[cfg(target_os = "linux")]
pub use keyring::{BusSession, KeyringSession};
pub use locate::{patchbay_binary, workerd_path};
pub use process::{CommandResult, CommandRun, Exit};
pub use scripted_server::{RecordedRequest, Reply, ScriptedServer};
pub use workspace::TempWorkspace;
