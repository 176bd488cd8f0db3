//! Ids in the alphabets that the simulated APIs use.

use uuid::Uuid;

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// A prefix and so many random letters and digits.
pub(crate) fn mixed(prefix: &str, length: usize) -> String {
    drawn(prefix, length, LETTERS_AND_DIGITS)
}

/// A prefix and so many random capital letters and digits.
pub(crate) fn upper(prefix: &str, length: usize) -> String {
    drawn(prefix, length, UPPER_AND_DIGITS)
}

fn drawn(prefix: &str, length: usize, alphabet: &[u8]) -> String {
    let bytes = std::iter::repeat_with(|| Uuid::new_v4().into_bytes()).flatten();
    prefix
        .chars()
        .chain(bytes.take(length).map(|byte| char::from(alphabet[usize::from(byte) % alphabet.len()])))
        .collect()
}

/// Whether an id is the prefix and so many letters or digits.
pub(crate) fn has_shape(id: &str, prefix: &str, length: usize) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| rest.len() == length && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}
