//! Readings of a text that know where each of their bytes stands in it.

use std::borrow::Cow;

/// Where a byte of a reading stands in the text: from, up to.
type Place = (u32, u32);

/// Bytes read from a text in some way.
pub(super) struct View<'a> {
    bytes: Cow<'a, [u8]>,
    /// Absent where the bytes are the text itself.
    places: Option<Vec<Place>>,
}

/// What an escape stands for, and how many bytes it takes.
struct Escape {
    character: Escaped,
    length: usize,
}

enum Escaped {
    Byte(u8),
    Character(char),
}

impl<'a> View<'a> {
    /// The text as it is. Texts of 4 GiB and more are not looked at at once.
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(text), places: None }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a part of the reading, which is not empty, stands in the text.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        match &self.places {
            None => (start, end),
            Some(places) => (places[start].0 as usize, places[end - 1].1 as usize),
        }
    }

    fn place(&self, start: usize, end: usize) -> Place {
        let (start, end) = self.source(start, end);
        (narrowed(start), narrowed(end))
    }

    /// Whether it may be text, if only for the most part: what surrounds a value may have been read wrongly.
    pub(super) fn is_text(&self) -> bool {
        let bytes = self.bytes();
        let controls = bytes.iter().filter(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace()).count();
        controls <= 4 + bytes.len() / 50
    }

    /// The reading with one layer of escapes taken away; `None` where it has none.
    pub(super) fn unescaped(&self) -> Option<View<'static>> {
        let bytes = self.bytes();
        let mut at = bytes.iter().position(|byte| matches!(byte, b'%' | b'\\' | b'&'))?;
        let (first, mut end) = loop {
            match escape(&bytes[at..]) {
                Some(escape) => break (escape, at),
                None => at += 1 + bytes[at + 1..].iter().position(|byte| matches!(byte, b'%' | b'\\' | b'&'))?,
            }
        };
        let mut plain = Vec::with_capacity(bytes.len());
        let mut places = Vec::with_capacity(bytes.len());
        plain.extend_from_slice(&bytes[..end]);
        places.extend((0..end).map(|index| self.place(index, index + 1)));
        let mut next = Some(first);
        while end < bytes.len() {
            let found = next.take().or_else(|| escape(&bytes[end..]));
            let Some(Escape { character, length }) = found else {
                plain.push(bytes[end]);
                places.push(self.place(end, end + 1));
                end += 1;
                continue;
            };
            let place = self.place(end, end + length);
            match character {
                Escaped::Byte(byte) => plain.push(byte),
                Escaped::Character(character) => {
                    plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            places.resize(plain.len(), place);
            end += length;
        }
        Some(View { bytes: Cow::Owned(plain), places: Some(places) })
    }

    /// The bytes with every layer of escapes taken away.
    pub(super) fn plain(&self) -> Vec<u8> {
        let mut plain = self.bytes().to_vec();
        while let Some(read) = View::of(&plain).unescaped() {
            plain = read.bytes.into_owned();
        }
        plain
    }

    /// Calls `each` with what every run of at least so many base64 characters decodes to, for each of the four characters
    /// that it may begin with. Both alphabets; line ends within are skipped.
    pub(super) fn each_decoded(&self, shortest: usize, mut each: impl FnMut(View<'static>)) {
        let bytes = self.bytes();
        let mut symbols: Vec<(u8, usize)> = Vec::new();
        for index in 0..=bytes.len() {
            match bytes.get(index).copied() {
                Some(byte) if sextet(byte).is_some() => symbols.extend(sextet(byte).map(|value| (value, index))),
                Some(b'\r' | b'\n') if !symbols.is_empty() => {}
                _ => {
                    if symbols.len() >= shortest {
                        // What fills the last group up belongs to the last byte.
                        let filled = bytes[index..].iter().take(2).take_while(|byte| **byte == b'=').count();
                        for skipped in 0..4 {
                            each(self.decoded(&symbols[skipped.min(symbols.len())..], filled));
                        }
                    }
                    symbols.clear();
                }
            }
        }
    }

    fn decoded(&self, symbols: &[(u8, usize)], filled: usize) -> View<'static> {
        let mut decoded = Vec::with_capacity(symbols.len() * 3 / 4);
        let mut places = Vec::with_capacity(symbols.len() * 3 / 4);
        for group in symbols.chunks(4) {
            // Every byte has its bits from two characters that stand side by side.
            for (place, pair) in group.windows(2).enumerate() {
                let bits = u16::from(pair[0].0) << 6 | u16::from(pair[1].0);
                let [_, byte] = (bits >> (4 - 2 * place)).to_be_bytes();
                decoded.push(byte);
                places.push(self.place(pair[0].1, pair[1].1 + 1));
            }
        }
        if let (Some(place), Some((_, last))) = (places.last_mut(), symbols.last()) {
            place.1 = self.place(*last, last + 1 + filled).1;
        }
        View { bytes: Cow::Owned(decoded), places: Some(places) }
    }
}

/// Windows are far smaller than 4 GiB.
fn narrowed(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// The escape that the bytes begin with: of URLs, of JSON and JavaScript, of HTML.
fn escape(bytes: &[u8]) -> Option<Escape> {
    let known = |character: Escaped, length: usize| Some(Escape { character, length });
    match bytes {
        [b'%', high, low, ..] if let (Some(high), Some(low)) = (digit(*high), digit(*low)) => {
            known(Escaped::Byte(high << 4 | low), 3)
        }
        [b'\\', b'u', b'{', rest @ ..] => {
            let end = rest.iter().take(7).position(|byte| *byte == b'}')?;
            known(Escaped::Character(char::from_u32(number(rest.get(..end)?)?)?), end + 4)
        }
        [b'\\', b'u', rest @ ..] => {
            let unit = number(rest.get(..4)?)?;
            if let Some(character) = char::from_u32(unit) {
                return known(Escaped::Character(character), 6);
            }
            // The second half of what does not fit into 16 bits.
            let second = rest.get(4..10)?.strip_prefix(b"\\u").and_then(number)?;
            let pair = [u16::try_from(unit).ok()?, u16::try_from(second).ok()?];
            known(Escaped::Character(char::decode_utf16(pair).next()?.ok()?), 12)
        }
        [b'\\', b'x', rest @ ..] => known(Escaped::Character(char::from_u32(number(rest.get(..2)?)?)?), 4),
        [b'\\', letter, ..] => {
            let byte = match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 0x08,
                b'f' => 0x0c,
                b'"' | b'\'' | b'\\' | b'/' => *letter,
                _ => return None,
            };
            known(Escaped::Byte(byte), 2)
        }
        [b'&', rest @ ..] => {
            let end = rest.iter().take(10).position(|byte| *byte == b';')?;
            let character = match &rest[..end] {
                b"amp" => '&',
                b"lt" => '<',
                b"gt" => '>',
                b"quot" => '"',
                b"apos" => '\'',
                [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits)?)?,
                [b'#', digits @ ..] => char::from_u32(std::str::from_utf8(digits).ok()?.parse().ok()?)?,
                _ => return None,
            };
            known(Escaped::Character(character), end + 2)
        }
        _ => None,
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Hexadecimal digits, at least one, as a number.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits.iter().try_fold(0, |number, byte| Some(number << 4 | u32::from(digit(*byte)?)))
}

#[cfg(test)]
mod tests {
    use super::View;

    fn plain(text: &str) -> String {
        String::from_utf8(View::of(text.as_bytes()).plain()).expect("text")
    }

    #[test]
    fn escapes_are_taken_away_layer_by_layer() {
        assert_eq!(plain("a%2Fb%2fc%252Fd"), "a/b/c/d");
        assert_eq!(plain(r#"\"\u00e9\uD83D\uDE00\u{1F600}\x41\n"#), "\"é😀😀A\n");
        assert_eq!(plain(r"\\u0041 \\\\n"), "A \n");
        assert_eq!(plain("&lt;&#39;&#x27;&amp;quot;"), "<''\"");
        for text in ["100 %", "%zz", "\\q", "\\u12", "\\ud800", "&nothing;", "a & b;", "\\u{}", "%", "\\", "&#;", "&"] {
            assert_eq!(plain(text), text, "nothing is escaped here");
        }
    }

    #[test]
    fn base64_is_decoded_wherever_it_begins() {
        let mut read = Vec::new();
        View::of(b"x/Y2Fu\nYXJ5 no").each_decoded(8, |view| read.push(view));
        assert_eq!(read.len(), 4);
        let view = read.iter().find(|view| view.bytes().starts_with(b"canary")).expect("one of them is right");
        assert_eq!(view.source(0, 6), (2, 11), "the characters that it was read from, the line end among them");
    }
}
