//! Entries that cannot be read.

use super::rules::MALFORMED;
use super::{Finding, Severity};
use crate::entry::KEYS;
use crate::error::{Misfit, Problem};
use patchbay_core::nearest;

pub(super) fn finding(field: &str, misfit: &Misfit) -> Finding {
    // What adapters log is one sentence that says what to do behind the semicolon.
    let text = misfit.to_string();
    let (message, help) = text.split_once("; ").map_or((text.as_str(), None), |(what, how)| (what, Some(how)));
    let message = format!("The mapping of `{field}` {message}");
    let found = Finding::new(MALFORMED, Severity::Error, field, misfit.place.clone(), message);
    let meant = match &misfit.kind {
        Problem::UnknownKey(key) => nearest(key, KEYS),
        Problem::UnknownStep(name) => nearest(name, crate::step::all_names()),
        _ => None,
    };
    let found = match (meant, help) {
        (Some(meant), _) => found.help(format!("Did you mean `{meant}`?")),
        (None, Some(help)) => found.help(capitalised(help)),
        (None, None) => found,
    };
    Finding { is_about_name: matches!(misfit.kind, Problem::UnknownKey(_)), ..found }
}

/// With a capital at the beginning.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
