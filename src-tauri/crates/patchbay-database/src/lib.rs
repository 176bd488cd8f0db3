//! `SQLite` files that lose nothing: opened durably, refused when damaged, backed up before they are changed to a newer
//! format, and restored.
//!
//! A file belongs to a [`Format`], a list of numbered steps. Its `user_version` counts the steps that were taken. Opening
//! never makes an empty file in the place of one that was lost: that takes [`start_empty`].
#![warn(missing_docs)]

mod backup;
mod check;
mod error;
mod format;
mod open;
mod restore;

pub use backup::{Backup, amend, back_up, back_up_regularly, backups};
pub use check::check;
pub use error::{Damage, DatabaseError};
pub use format::Format;
pub use open::open;
pub use restore::{Replacement, Restored, replace, restore, start_empty};
