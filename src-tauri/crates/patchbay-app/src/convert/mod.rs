//! From the engines' types to the wire types.

pub mod errors;
pub mod history;
pub mod loads;
pub mod traces;
