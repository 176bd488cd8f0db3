//! One file a command: arguments in, use case, answer out.

pub mod demo;
pub mod start;
pub mod new;
pub mod templates;
pub mod tenant;
pub mod import;
pub mod lint;
pub mod secret;
pub mod publish;
pub mod versions;
pub mod rollback;
pub mod replay;
pub mod route;
pub mod deliveries;
pub mod tail;
pub mod doctor;
#[cfg(feature = "bridge")]
pub mod bridge;
