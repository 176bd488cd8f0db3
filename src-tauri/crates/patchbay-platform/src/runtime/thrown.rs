//! What of an adapter's exception may be known outside its process: the dispatcher answers with it and logs it.

use super::observe::Observed;
use super::tail::Shown;
use crate::local_api::ServedBy;
use serde::{Deserialize, Serialize};

/// Bytes of a message at most; a webhook's sender has no use for more.
const LONGEST_MESSAGE: usize = 4096;
const LONGEST_NAME: usize = 128;
/// Stands for a message whose secrets nobody knows any more.
const WITHHELD: &str = "The script threw an exception";

/// What the router module says about an exception.
#[derive(Deserialize)]
pub(crate) struct ThrownReport {
    caller: ServedBy,
    name: Shown,
    message: Shown,
}

/// An exception as the namespace binding throws it again.
#[derive(Serialize)]
pub(crate) struct Thrown {
    name: String,
    message: String,
}

impl Observed {
    /// The exception without the values of the version's secrets, and short.
    pub(crate) async fn thrown(&self, report: ThrownReport) -> Thrown {
        let ThrownReport { caller, name, message } = report;
        let (name, message) = match self.redactor(&caller.version).await {
            // Cut last: the end of a value that was cut away would not be recognised.
            Some(redactor) => (redactor.text(&name.0), redactor.text(&message.0)),
            None => ("Error".to_owned(), WITHHELD.to_owned()),
        };
        Thrown { name: cut(name, LONGEST_NAME), message: cut(message, LONGEST_MESSAGE) }
    }
}

fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        text.truncate(text.floor_char_boundary(longest));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("größer".into(), 100), "größer");
        assert_eq!(cut("größer".into(), 3), "gr…");
        assert_eq!(cut("größer".into(), 4), "grö…");
    }
}
