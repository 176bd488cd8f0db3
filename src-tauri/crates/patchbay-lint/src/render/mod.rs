//! Forms in which people read a report. The JSON form is the report itself, serialised.

pub mod github;
pub mod sarif;
pub mod text;
