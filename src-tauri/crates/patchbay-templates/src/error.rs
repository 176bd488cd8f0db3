//! What can be asked for that is not there.

use patchbay_core::Hints;

/// Why nothing was handed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No template has this id.
    #[error("There is no template `{id}`")]
    Unknown {
        /// What was asked for, cut to a printable length.
        id: String,
        /// Every id, in the order of the catalogue.
        known: Vec<&'static str>,
        /// The id that it most resembles, if any does.
        closest: Option<&'static str>,
    },
    /// No route table has this name.
    #[error("There is no route table preset `{name}`")]
    UnknownRoutesPreset {
        /// What was asked for, cut to a printable length.
        name: String,
        /// Every name.
        known: Vec<&'static str>,
        /// The name that it most resembles, if any does.
        closest: Option<&'static str>,
    },
}

impl TemplateError {
    pub(crate) fn unknown_template(id: &str, known: Vec<&'static str>) -> Self {
        Self::Unknown { id: printable(id), closest: closest(id, &known), known }
    }

    pub(crate) fn unknown_routes_preset(name: &str, known: Vec<&'static str>) -> Self {
        Self::UnknownRoutesPreset { name: printable(name), closest: closest(name, &known), known }
    }
}

impl Hints for TemplateError {
    fn hints(&self) -> Vec<String> {
        let (kind, known, closest) = match self {
            Self::Unknown { known, closest, .. } => ("Templates", known, closest),
            Self::UnknownRoutesPreset { known, closest, .. } => ("Presets", known, closest),
        };
        let suggestion = closest.map(|closest| format!("Did you mean `{closest}`?"));
        suggestion.into_iter().chain([format!("{kind}: {}", known.join(", "))]).collect()
    }
}

fn printable(given: &str) -> String {
    given.chars().take(80).collect::<String>().escape_debug().to_string()
}

/// The known name with the smallest edit distance, unless so much differs that the guess would be a riddle.
fn closest(given: &str, known: &[&'static str]) -> Option<&'static str> {
    let given: Vec<char> = given.chars().take(80).collect();
    let ranked = known.iter().map(|name| (edit_distance(&given, name), *name)).min()?;
    let (distance, name) = ranked;
    (distance <= name.len() / 3).then_some(name)
}

/// Insertions, deletions and replacements between two texts.
fn edit_distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, character) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(character != other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{TemplateError, edit_distance};
    use patchbay_core::Hints;

    #[test]
    fn the_hint_names_what_was_probably_meant() {
        let known = vec!["slack-to-notion", "stripe-to-slack"];
        for (given, expected) in [
            ("slack-notion", Some("slack-to-notion")),
            ("slak-to-notion", Some("slack-to-notion")),
            ("Stripe-To-Slack", Some("stripe-to-slack")),
            ("teams-to-airtable", None),
            ("", None),
        ] {
            let error = TemplateError::unknown_template(given, known.clone());
            let TemplateError::Unknown { closest, .. } = &error else { panic!("another variant") };
            assert_eq!(*closest, expected, "given `{given}`");
            assert_eq!(error.hints().last().expect("a hint"), "Templates: slack-to-notion, stripe-to-slack");
        }
    }

    #[test]
    fn the_message_shows_control_characters_harmlessly() {
        let error = TemplateError::unknown_template("a\u{1b}[31m\n", vec![]);
        assert_eq!(error.to_string(), "There is no template `a\\u{1b}[31m\\n`");
    }

    #[test]
    fn distance_counts_single_changes() {
        for (left, right, expected) in [("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3)] {
            let left: Vec<char> = left.chars().collect();
            assert_eq!(edit_distance(&left, right), expected);
        }
    }
}
