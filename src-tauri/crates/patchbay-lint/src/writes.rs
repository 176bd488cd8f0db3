//! Where names are given new values.

use crate::project::File;
use oxc::semantic::SymbolId;
use oxc::span::{GetSpan as _, Span};

/// The places that assign to a name after its declaration, patterns and `++` included.
pub(crate) fn writes<'p>(file: &'p File<'_>, symbol: SymbolId) -> impl Iterator<Item = Span> + 'p {
    file.semantic
        .symbol_references(symbol)
        .filter(|reference| reference.is_write())
        .map(|reference| file.nodes().kind(reference.node_id()).span())
}
