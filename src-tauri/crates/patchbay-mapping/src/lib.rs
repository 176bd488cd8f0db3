//! The field mapping of an adapter: reads `[mapping]` entries, evaluates them on a document as the adapter does, and
//! checks them against samples and what an upstream takes.
//!
//! The language is defined in `templates/modules/MAPPING.md`; `templates/modules/mapping.vectors.json` holds this crate and
//! the TypeScript that adapters run together, values and words of errors alike.
//! Not here: files and their places (the workspace has them), what a sender's document is (the providers know), and which
//! upstream an adapter calls.
#![warn(missing_docs)]

pub mod check;
mod date;
mod entry;
mod error;
mod evaluate;
mod expression;
mod money;
mod number;
mod path;
mod pattern;
mod step;
mod text;
mod transform;
mod value;

pub use date::DateForm;
pub use entry::Entry;
pub use error::{MappingError, Misfit, Place, Problem, Unfit};
pub use evaluate::{Traced, evaluate, is_left_out, trace};
pub use expression::{Expression, Piece, Placeholder};
pub use path::{Path, Segment};
pub use pattern::Pattern;
pub use step::{Decimals, PlacedStep, Step};
