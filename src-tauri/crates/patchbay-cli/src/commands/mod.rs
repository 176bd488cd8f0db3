//! One file a command: arguments in, use case, answer out.

#[cfg(feature = "bridge")]
pub mod bridge;
pub mod compare;
pub mod deliveries;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod lint;
pub mod map;
pub mod new;
pub mod publish;
pub mod replay;
pub mod resilience;
pub mod restore;
pub mod rollback;
pub mod route;
pub mod sample;
pub mod secret;
pub mod start;
pub mod tail;
pub mod templates;
pub mod tenant;
pub mod upstream;
pub mod versions;
