//! One function a command: parse, call, convert.

pub mod adapter;
pub mod platform;
pub mod publish;
pub mod replay;
pub mod route;
pub mod secret;
pub mod template;
pub mod tenant;
pub mod workspace;
