//! The only serialised types that the desktop window, the HTTP bridge and the CLI's `--json` share.
//!
//! The TypeScript side is generated from here into `ui/src/ipc/generated/` by the test `bindings_are_current`.

pub mod adapter;
pub mod commands;
pub mod compare;
pub mod error;
pub mod events;
pub mod export;
pub mod history;
pub mod inbox;
pub mod load;
pub mod mapping;
pub mod platform;
pub mod publish;
pub mod replay;
pub mod resilience;
pub mod route;
pub mod sample;
pub mod secret;
pub mod template;
pub mod tenant;
pub mod upstream;
pub mod workspace;
