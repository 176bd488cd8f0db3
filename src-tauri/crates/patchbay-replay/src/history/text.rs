//! The words of a delivery: what it is found by.
//!
//! A word is a run of letters and digits in lower case, so that each part of an id, a URL or a key is one. Scripts that
//! write without spaces have a word for each character. Words are cut here and not by `SQLite`, because a question has to be cut
//! in the same way, and because the index then has room for words that no text can contain: a tenant's, a status's, ….

use crate::trace::{Trace, TracedBody, TracedRequest};
use std::collections::HashSet;
use std::fmt::Write as _;

/// Characters of a word that count; what follows does not tell it from another.
const WORD: usize = 64;
/// Bytes of one body that are searchable. The contents are kept whole.
const SEARCHABLE: usize = 64 * 1024;
/// Starts a word that is no text: a private character is neither letter nor digit.
const MARK: char = '\u{e000}';

/// Something that deliveries are told apart by, as a word.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Tenant,
    Adapter,
    Run,
    Event,
    Status,
    StatusClass,
}

impl Mark {
    /// The word for a value. Long values may share one, so who asks compares the value as well.
    pub(super) fn word(self, value: &str) -> String {
        let kind = match self {
            Self::Tenant => 't',
            Self::Adapter => 'a',
            Self::Run => 'r',
            Self::Event => 'e',
            Self::Status => 's',
            Self::StatusClass => 'c',
        };
        let mut word = String::from(MARK);
        word.push(kind);
        // Hexadecimal, because the index would split a value at a hyphen.
        for byte in value.bytes().take(WORD) {
            let _ = write!(word, "{byte:02x}");
        }
        word
    }
}

/// The words of a text, as they stand in the index.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(|character: char| character.is_alphanumeric())?;
        rest = &rest[start..];
        let first = rest.chars().next()?;
        let end = if stands_alone(first) {
            first.len_utf8()
        } else {
            rest.find(|character: char| !character.is_alphanumeric() || stands_alone(character)).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word.chars().flat_map(char::to_lowercase).take(WORD).collect())
    })
}

/// Kana and ideographs, which are written without spaces.
fn stands_alone(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Every word of a delivery once, separated by spaces.
pub(super) fn of(trace: &Trace, answered: bool) -> String {
    let mut seen = Seen::default();
    seen.add(Mark::Tenant.word(&trace.tenant));
    seen.add(Mark::Adapter.word(&trace.adapter));
    trace.run.iter().for_each(|run| seen.add(Mark::Run.word(run)));
    trace.event_id.iter().for_each(|event| seen.add(Mark::Event.word(event)));
    for (mark, value) in status_marks(trace.response.as_ref().map(|response| response.status), answered) {
        seen.add(mark.word(&value));
    }
    for text in [&trace.sample, &trace.event_id, &trace.sender, &trace.no_answer, &trace.run].into_iter().flatten() {
        seen.text(text);
    }
    for text in [&trace.id, &trace.adapter, &trace.provider] {
        seen.text(text);
    }
    seen.request(&trace.request);
    trace.response.iter().for_each(|response| seen.body(&response.body));
    for call in &trace.outbound {
        seen.request(&call.request);
        seen.body(&call.response.body);
    }
    if let Some(run) = &trace.adapter_run {
        seen.text(&run.outcome);
        run.logs.iter().for_each(|line| seen.text(&line.message));
        for exception in &run.exceptions {
            seen.text(&exception.name);
            seen.text(&exception.message);
        }
    }
    seen.text
}

/// The marks of how a delivery was answered.
fn status_marks(status: Option<u16>, answered: bool) -> Vec<(Mark, String)> {
    match status {
        Some(status) => {
            vec![(Mark::Status, status.to_string()), (Mark::StatusClass, (status / 100).to_string())]
        }
        None if answered => vec![(Mark::StatusClass, "none".into())],
        None => vec![(Mark::StatusClass, "received".into())],
    }
}

#[derive(Default)]
struct Seen {
    words: HashSet<String>,
    text: String,
}

impl Seen {
    fn add(&mut self, word: String) {
        if !self.words.contains(&word) {
            self.text.push_str(&word);
            self.text.push(' ');
            self.words.insert(word);
        }
    }

    fn text(&mut self, text: &str) {
        words(text).for_each(|word| self.add(word));
    }

    fn request(&mut self, request: &TracedRequest) {
        self.text(&request.method);
        self.text(&request.url);
        self.body(&request.body);
    }

    fn body(&mut self, body: &TracedBody) {
        // Base64 of bytes has no words.
        if !body.base64 {
            let end = body.text.floor_char_boundary(SEARCHABLE.min(body.text.len()));
            self.text(&body.text[..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, words};

    #[test]
    fn a_text_is_cut_into_words_wherever_it_comes_from() {
        for (text, expected) in [
            ("evt_1NabcXYZ", vec!["evt", "1nabcxyz"]),
            ("https://api.notion.com/v1/pages?x=1", vec!["https", "api", "notion", "com", "v1", "pages", "x", "1"]),
            ("5f0e3c1a-0000", vec!["5f0e3c1a", "0000"]),
            ("{\"Größe\":\"ÄÖÜ\"}", vec!["größe", "äöü"]),
            ("東京 と Tokyo", vec!["東", "京", "と", "tokyo"]),
            ("価格100円", vec!["価", "格", "100", "円"]),
            (" \t\"-- ", vec![]),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(1000)).next().map(|word| word.len()), Some(64));
    }

    #[test]
    fn no_text_has_the_word_of_a_mark() {
        let mark = Mark::Tenant.word("customer-a");
        assert!(words(&mark).all(|word| word != mark), "{mark}");
        assert_ne!(Mark::Adapter.word("customer-a"), mark);
    }
}
