//! Parts of texts that vary from delivery to delivery by their nature: times, ids, durations.

use regex::Regex;
use std::sync::LazyLock;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// What a part of a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A UUID with hyphens.
    Uuid,
    /// A date, or a date and time.
    IsoTime,
    /// `Sat, 21 Nov 2026 08:30:00 GMT`.
    HttpTime,
    /// Ten digits: seconds since 1970.
    UnixSeconds,
    /// Thirteen digits: milliseconds since 1970.
    UnixMilliseconds,
    /// `12 ms`, `0.8s`.
    Duration,
    /// Digits and letters long and mixed enough to be no word: ids that were made up, digests, JSON Web Tokens.
    Opaque,
}

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The piece itself.
    pub text: &'a str,
    /// What it looks like; `None` where it looks like nothing that varies.
    pub shape: Option<Shape>,
}

static MARKED: LazyLock<Regex> = LazyLock::new(|| {
    let expression = r"(?x)
        (?<uuid>[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12})
        |(?<iso>[12][0-9]{3}-[01][0-9]-[0-3][0-9]
            (?:(?:T|\x20|%20)[0-2][0-9](?::|%3[Aa])[0-5][0-9](?:(?::|%3[Aa])[0-6][0-9](?:[.,][0-9]+)?)?
            (?:Z|(?:[+-]|%2[Bb])[0-9]{2}(?::|%3[Aa])?[0-9]{2})?)?)
        |(?<http>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\x20[0-9]{2}\x20[A-Z][a-z]{2}\x20[0-9]{4}
            \x20[0-9]{2}:[0-9]{2}:[0-9]{2}\x20GMT)
        |(?<token>\beyJ[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+)
        |(?<duration>\b[0-9]+(?:\.[0-9]+)?\x20?(?:ms|s|µs)\b)";
    Regex::new(expression).expect("a constant expression")
});
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9A-Za-z]{10,}").expect("a constant expression"));

/// The pieces of a text, in order. Together they are the text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut end = 0;
    for found in MARKED.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        words(&text[end..whole.start()], &mut pieces);
        let shape = if found.name("uuid").is_some() {
            Shape::Uuid
        } else if found.name("iso").is_some() {
            Shape::IsoTime
        } else if found.name("http").is_some() {
            Shape::HttpTime
        } else if found.name("token").is_some() {
            Shape::Opaque
        } else {
            Shape::Duration
        };
        pieces.push(Piece { text: whole.as_str(), shape: Some(shape) });
        end = whole.end();
    }
    words(&text[end..], &mut pieces);
    pieces
}

/// The pieces of a text without marks such as hyphens and colons to tell them by. After those, because a UUID's parts look
/// like words too.
fn words<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) {
    let mut end = 0;
    for word in WORD.find_iter(text) {
        let Some(shape) = of_word(word.as_str()) else { continue };
        if word.start() > end {
            pieces.push(Piece { text: &text[end..word.start()], shape: None });
        }
        pieces.push(Piece { text: word.as_str(), shape: Some(shape) });
        end = word.end();
    }
    if end < text.len() {
        pieces.push(Piece { text: &text[end..], shape: None });
    }
}

/// Of ten or more letters and digits without a gap.
fn of_word(word: &str) -> Option<Shape> {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits == word.len() {
        return match word.len() {
            10 => Some(Shape::UnixSeconds),
            13 => Some(Shape::UnixMilliseconds),
            16.. => Some(Shape::Opaque),
            _ => None,
        };
    }
    // An id that was made up has digits and cases all over it; a word with a number in it has not.
    let changes = |kind: fn(u8) -> u8| word.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    let digit = |letter: u8| u8::from(letter.is_ascii_digit());
    let digit_or_case = |letter: u8| u8::from(letter.is_ascii_digit()) * 2 + u8::from(letter.is_ascii_uppercase());
    let is_made_up = digits >= 2 && changes(digit) >= 4 || word.len() >= 14 && changes(digit_or_case) * 2 > word.len();
    is_made_up.then_some(Shape::Opaque)
}

/// The moment that a piece names, in milliseconds since 1970.
pub fn moment(piece: Piece<'_>) -> Option<f64> {
    let milliseconds = |at: OffsetDateTime| {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century have 13 digits")]
        let milliseconds = (at.unix_timestamp_nanos() / 1_000_000) as f64;
        milliseconds
    };
    match piece.shape? {
        Shape::UnixSeconds => piece.text.parse::<f64>().ok().map(|seconds| seconds * 1000.0),
        Shape::UnixMilliseconds => piece.text.parse().ok(),
        Shape::HttpTime => OffsetDateTime::parse(piece.text, &Rfc2822).ok().map(milliseconds),
        Shape::IsoTime => {
            let plain = piece.text.replace("%20", " ").replace("%3A", ":").replace("%3a", ":");
            let plain = plain.replace("%2B", "+").replace("%2b", "+").replacen(' ', "T", 1).replace(',', ".");
            let complete = match plain.len() {
                10 => format!("{plain}T00:00:00Z"),
                16 => format!("{plain}:00Z"),
                17.. if !plain[10..].contains(['Z', '+', '-']) => format!("{plain}Z"),
                _ => plain,
            };
            OffsetDateTime::parse(&complete, &Rfc3339).ok().map(milliseconds)
        }
        Shape::Uuid | Shape::Duration | Shape::Opaque => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, Shape, moment, pieces};

    fn shapes(text: &str) -> Vec<(&str, Shape)> {
        pieces(text).into_iter().filter_map(|piece| Some((piece.text, piece.shape?))).collect()
    }

    #[test]
    fn ids_and_times_are_found_inside_texts() {
        for (text, expected) in [
            ("Ev5f0e3c1a-0000-4000-8000-000000000001", vec![("5f0e3c1a-0000-4000-8000-000000000001", Shape::Uuid)]),
            ("at 2026-11-21T08:30:00.250Z", vec![("2026-11-21T08:30:00.250Z", Shape::IsoTime)]),
            ("q?since=2026-11-21T08%3A30%3A00Z&x", vec![("2026-11-21T08%3A30%3A00Z", Shape::IsoTime)]),
            ("due 2026-11-21.", vec![("2026-11-21", Shape::IsoTime)]),
            ("2026-11-21 08:30 UTC", vec![("2026-11-21 08:30", Shape::IsoTime)]),
            ("Sat, 21 Nov 2026 08:30:00 GMT", vec![("Sat, 21 Nov 2026 08:30:00 GMT", Shape::HttpTime)]),
            ("1763700000.000100", vec![("1763700000", Shape::UnixSeconds)]),
            ("v0:1763700000123", vec![("1763700000123", Shape::UnixMilliseconds)]),
            ("Bearer eyJhbGciOi.eyJpc3M-i_.c2ln", vec![("eyJhbGciOi.eyJpc3M-i_.c2ln", Shape::Opaque)]),
            ("took 12.5 ms", vec![("12.5 ms", Shape::Duration)]),
            ("rec7Ky2mPq9ZwX4bT1", vec![("rec7Ky2mPq9ZwX4bT1", Shape::Opaque)]),
            ("evt_1NG8Du2eZvKYlo2CUI79vXWy", vec![("1NG8Du2eZvKYlo2CUI79vXWy", Shape::Opaque)]),
            ("4bf92f3577b34da6a3ce929d0e0e4736", vec![("4bf92f3577b34da6a3ce929d0e0e4736", Shape::Opaque)]),
            ("C0EXAMPLE01 pi_example_1042 T0EXAMPLE01", vec![]),
            ("Deployment2026 of checkout-api finished", vec![]),
            ("Iphone15ProMax2 deploymentFailedForCustomer7", vec![]),
            ("rec8xKyBmPqzZwXrbT", vec![("rec8xKyBmPqzZwXrbT", Shape::Opaque)]),
            ("+49 30 1234567 and 12345678901", vec![]),
            ("Zażółć gęślą jaźń — 東京 🚀", vec![]),
        ] {
            assert_eq!(shapes(text), expected, "{text}");
            assert_eq!(pieces(text).iter().map(|piece| piece.text).collect::<String>(), text);
        }
    }

    #[test]
    fn times_are_moments_in_every_form() {
        let at = 1_763_713_800_000.0;
        for (text, shape) in [
            ("2025-11-21T08:30:00Z", Shape::IsoTime),
            ("2025-11-21T09:30:00+01:00", Shape::IsoTime),
            ("2025-11-21T09%3A30%3A00%2B01%3A00", Shape::IsoTime),
            ("2025-11-21T08:30:00", Shape::IsoTime),
            ("2025-11-21 08:30", Shape::IsoTime),
            ("Fri, 21 Nov 2025 08:30:00 GMT", Shape::HttpTime),
            ("1763713800", Shape::UnixSeconds),
            ("1763713800000", Shape::UnixMilliseconds),
        ] {
            assert_eq!(moment(Piece { text, shape: Some(shape) }), Some(at), "{text}");
        }
        assert_eq!(moment(Piece { text: "2025-99-21", shape: Some(Shape::IsoTime) }), None);
    }
}
