//! The Workers runtime `workerd` as child processes: how they are configured, spawned, watched and spoken to.

pub(crate) mod config;
pub(crate) mod dedicated;
pub(crate) mod ending;
pub(crate) mod logs;
pub(crate) mod process;
pub(crate) mod socket;
pub(crate) mod spawn;
pub(crate) mod storage;
