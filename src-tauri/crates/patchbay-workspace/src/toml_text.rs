//! Where a part of a TOML text's value stands in its token: quotes, escapes and folded lines lie between the two.

use std::ops::Range;

/// The range in the token for a range of bytes in the value. Offsets past the end are the end's.
pub(crate) fn range_in_token(token: &str, value: Range<usize>) -> Range<usize> {
    let mut decoded = 0;
    let mut start = None;
    let mut end = body(token).1;
    for piece in Pieces::of(token) {
        if start.is_none() && decoded >= value.start && piece.decoded > 0 {
            start = Some(piece.raw.start);
            // An empty range has a place and no length.
            end = piece.raw.start;
        }
        if decoded >= value.end {
            break;
        }
        decoded += piece.decoded;
        if start.is_some() {
            end = piece.raw.end;
        }
    }
    let start = start.unwrap_or_else(|| body(token).1);
    start..end.max(start)
}

/// Where the text between the quotes begins and ends, and whether backslashes are escapes.
fn body(token: &str) -> (usize, usize, bool) {
    let escapes = token.starts_with('"');
    let many = token.len() >= 6 && (token.starts_with("\"\"\"") || token.starts_with("'''"));
    let quotes = if many { 3 } else { usize::from(token.starts_with(['"', '\''])) };
    let mut start = quotes.min(token.len());
    if many {
        // A line end right behind the opening quotes is no part of the value.
        start += ["\r\n", "\n"].iter().find(|end| token[start..].starts_with(**end)).map_or(0, |end| end.len());
    }
    (start, token.len().saturating_sub(quotes).max(start), escapes)
}

/// What one character of the value, or nothing, is written as.
struct Piece {
    raw: Range<usize>,
    /// Bytes in the value.
    decoded: usize,
}

struct Pieces<'a> {
    token: &'a str,
    at: usize,
    end: usize,
    escapes: bool,
}

impl<'a> Pieces<'a> {
    fn of(token: &'a str) -> Self {
        let (at, end, escapes) = body(token);
        Self { token, at, end, escapes }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let rest = self.token.get(self.at..self.end)?;
        let first = rest.chars().next()?;
        let (raw, decoded) =
            if first == '\\' && self.escapes { escape(rest) } else { (first.len_utf8(), first.len_utf8()) };
        let start = self.at;
        self.at += raw;
        Some(Piece { raw: start..self.at, decoded })
    }
}

/// Bytes of the escape at the beginning of the text, and of what it stands for.
fn escape(text: &str) -> (usize, usize) {
    let digits = match text.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(b' ' | b'\t' | b'\r' | b'\n') => {
            let folded = text[1..].len() - text[1..].trim_start_matches([' ', '\t', '\r', '\n']).len();
            return (1 + folded, 0);
        }
        _ => return (2.min(text.len()), 1),
    };
    let hex = text.get(2..2 + digits).unwrap_or_default();
    let character = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    ((2 + digits).min(text.len()), character.map_or(1, char::len_utf8))
}

#[cfg(test)]
mod tests {
    use super::range_in_token;

    #[test]
    fn a_part_of_a_value_is_found_in_its_token() {
        for token in [
            "\"a {b} c\"",
            "'a {b} c'",
            "\"\\u0061\\u0020{b} c\"",
            "\"\"\"\na {b} c\"\"\"",
            "\"\"\"a \\\n    {b} c\"\"\"",
            "'''\r\na {b} c'''",
        ] {
            let value: toml_edit::Value = token.parse().expect("TOML");
            let value = value.as_str().expect("a text").to_owned();
            let place = value.find("{b}").expect("it is there");
            let range = range_in_token(token, place..place + 3);
            assert_eq!(&token[range], "{b}", "{token}");
        }
    }

    #[test]
    fn escapes_and_letters_of_several_bytes_count_as_what_they_stand_for() {
        let token = "\"\\t\\\"é\\u20ac\\U0001F680{b}\"";
        let value: toml_edit::Value = token.parse().expect("TOML");
        let value = value.as_str().expect("a text").to_owned();
        let place = value.find("{b}").expect("it is there");
        assert_eq!(&token[range_in_token(token, place..place + 3)], "{b}");
    }

    #[test]
    fn the_end_and_what_lies_behind_it_have_a_place() {
        assert_eq!(range_in_token("\"ab\"", 2..2), 3..3);
        assert_eq!(range_in_token("\"ab\"", 7..9), 3..3);
        assert_eq!(range_in_token("\"ab\"", 0..2), 1..3);
        assert_eq!(range_in_token("\"\"", 0..0), 1..1);
        assert_eq!(range_in_token("\"ab\"", 1..1), 2..2);
    }
}
