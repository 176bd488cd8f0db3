//! What ECMAScript calls white space, and texts between quotation marks.

/// White space as `String.prototype.trim` takes it off.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_white_space)
}

pub(crate) fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_white_space)
}

pub(crate) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_white_space)
}

/// `WhiteSpace` and `LineTerminator` of ECMAScript: Unicode's, without U+0085 and with U+FEFF.
fn is_white_space(character: char) -> bool {
    character == '\u{feff}' || (character.is_whitespace() && character != '\u{85}')
}

/// How many bytes of white space the text begins with.
pub(crate) fn leading(text: &str) -> usize {
    text.len() - trim_start(text).len()
}

/// Bytes up to and with the quotation mark that closes the one that the text begins with; `None` when none does.
/// `\"` does not close.
pub(crate) fn quoted_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if bytes.get(at + 1) == Some(&b'"') => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// The first so many characters, for messages.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::{quoted_length, trim};

    #[test]
    fn white_space_is_that_of_ecmascript() {
        assert_eq!(trim("\u{feff}\u{a0}\n a \u{3000}\u{2028}"), "a");
        assert_eq!(trim("\u{85}a"), "\u{85}a");
    }

    #[test]
    fn an_escaped_quotation_mark_does_not_close() {
        assert_eq!(quoted_length(r#""a\"b" c"#), Some(6));
        assert_eq!(quoted_length(r#""a\\""#), None, "a backslash does not escape another one");
        assert_eq!(quoted_length(r#""a"#), None);
    }
}
