//! One function a command: parse, call, convert.
#![expect(clippy::unused_async, reason = "a command is asynchronous in every host, whether its work is or not")]

pub mod adapter;
pub mod compare;
pub mod export;
pub mod history;
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
