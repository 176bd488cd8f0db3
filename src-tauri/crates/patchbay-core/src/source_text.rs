//! A source file's text with its lines: byte offsets to positions and back, and the code frame an error is shown with.

use crate::position::Position;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// Lines longer than this are shown in part, so that an error in a minified file stays readable.
const FRAME_WIDTH: usize = 120;

/// A text and where its lines begin, which is found when a place is first asked for: most texts have nothing to show.
///
/// Lines end at `\n`, `\r\n` or a lone `\r`, as in editors. A byte order mark at the start belongs to no column,
/// because editors take it off before they count.
#[derive(Debug, Clone)]
pub struct SourceText<'a> {
    text: &'a str,
    places: OnceLock<Places>,
}

/// What places are counted by.
#[derive(Debug, Clone)]
struct Places {
    line_starts: Vec<usize>,
    /// UTF-16 units before every `STEP`th byte, so that a place in a line of megabytes costs no more than in any other.
    units_before: Vec<usize>,
}

/// Bytes between two entries of `units_before`.
const STEP: usize = 4_096;

impl Places {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut line_starts = vec![if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }];
        for (index, byte) in bytes.iter().enumerate() {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => bytes.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends_line {
                line_starts.push(index + 1);
            }
        }
        let mut units_before = vec![0];
        for block in bytes.chunks(STEP) {
            let before = units_before.last().copied().unwrap_or_default();
            units_before.push(before + units(block));
        }
        Self { line_starts, units_before }
    }
}

impl<'a> SourceText<'a> {
    /// Takes a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, places: OnceLock::new() }
    }

    fn places(&self) -> &Places {
        self.places.get_or_init(|| Places::of(self.text))
    }

    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// How many lines there are; an empty text has one.
    pub fn line_count(&self) -> usize {
        self.places().line_starts.len()
    }

    /// The place of a byte offset. An offset past the end, or inside a character, is moved back to the last place before it.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = &self.places().line_starts;
        let line = starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = starts[line].min(offset);
        let column = self.units_to(offset) - self.units_to(start);
        Position { line: count(line + 1), column: count(column + 1) }
    }

    /// UTF-16 units before a byte.
    fn units_to(&self, offset: usize) -> usize {
        let block = offset / STEP;
        self.places().units_before[block] + units(&self.text.as_bytes()[block * STEP..offset])
    }

    /// The byte offset of a place, or nothing where the text has no such line. A column past the line's end gives its end.
    pub fn offset(&self, position: Position) -> Option<usize> {
        let line = usize::try_from(position.line).ok()?.checked_sub(1)?;
        let start = *self.places().line_starts.get(line)?;
        let mut left = usize::try_from(position.column).ok()?.saturating_sub(1);
        let text = self.line(line);
        for (index, character) in text.char_indices() {
            if left < character.len_utf16() {
                return Some(start + index);
            }
            left -= character.len_utf16();
        }
        Some(start + text.len())
    }

    /// A line without its ending, counted from 0; empty when there is no such line.
    pub fn line(&self, index: usize) -> &'a str {
        let starts = &self.places().line_starts;
        let Some(start) = starts.get(index) else { return "" };
        let end = starts.get(index + 1).copied().unwrap_or(self.text.len());
        self.text[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// The lines around a span with the span underlined, as terminals show an error:
    ///
    /// ```text
    ///   6 |   const event = await request.json();
    /// > 7 |   retrun event;
    ///     |   ^^^^^^
    ///   8 | }
    /// ```
    pub fn code_frame(&self, start: usize, end: usize) -> String {
        let first = self.position(start);
        let line = usize::try_from(first.line).unwrap_or(1) - 1;
        let shown = line.saturating_sub(1)..(line + 2).min(self.line_count());
        let gutter = shown.end.to_string().len();
        let line_start = self.places().line_starts[line];
        let text = self.line(line);
        let begin = floor(text, start.saturating_sub(line_start));
        let stop = floor(text, end.saturating_sub(line_start)).max(begin);
        let window = window(text, begin);
        let mut frame = String::new();
        for index in shown {
            let (mark, content) =
                if index == line { ('>', &text[window.clone()]) } else { (' ', clipped(self.line(index))) };
            let row = format!("{mark} {:>gutter$} | {content}", index + 1);
            frame.push_str(row.trim_end());
            frame.push('\n');
            if index == line {
                // Tabs stay tabs, so that the marks stand under the text whatever a tab's width is.
                let indent: String =
                    text[window.start..begin].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
                let marks = "^".repeat(text[begin..stop.min(window.end)].chars().count().max(1));
                let _ = writeln!(frame, "  {:>gutter$} | {indent}{marks}", "");
            }
        }
        frame
    }
}

/// UTF-16 units of UTF-8 bytes, which may begin or end inside a character: each character counts at its first byte.
fn units(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0)).sum()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The last character boundary at or before a byte offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The part of a line that is shown when something at `begin` is meant.
fn window(text: &str, begin: usize) -> std::ops::Range<usize> {
    if text.len() <= FRAME_WIDTH {
        return 0..text.len();
    }
    let start = floor(text, begin.saturating_sub(FRAME_WIDTH / 2));
    start..floor(text, start + FRAME_WIDTH)
}

fn clipped(text: &str) -> &str {
    &text[..floor(text, FRAME_WIDTH)]
}

#[cfg(test)]
mod tests {
    use super::SourceText;
    use crate::position::Position;

    fn check(text: &str, needle: &str, line: u32, column: u32) {
        let source = SourceText::new(text);
        let offset = text.find(needle).expect("the needle is in the text");
        let position = Position { line, column };
        assert_eq!(source.position(offset), position, "place of {needle:?} in {text:?}");
        assert_eq!(source.offset(position), Some(offset), "offset of {needle:?} in {text:?}");
    }

    #[test]
    fn columns_count_utf16_units() {
        check("const a = '🦊'; x", "x", 1, 17);
        check("größe; x", "x", 1, 8);
        check("'👩‍👩‍👧'; x", "x", 1, 13);
    }

    #[test]
    fn every_line_ending_ends_a_line() {
        check("a\r\nb\nc\rd", "b", 2, 1);
        check("a\r\nb\nc\rd", "c", 3, 1);
        check("a\r\nb\nc\rd", "d", 4, 1);
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        check("\u{feff}x = 1\ny", "x", 1, 1);
        check("\u{feff}x = 1\ny", "y", 2, 1);
    }

    #[test]
    fn a_tab_is_one_column() {
        check("\t\tx", "x", 1, 3);
    }

    #[test]
    fn offsets_outside_the_text_are_pulled_in() {
        let source = SourceText::new("🦊");
        assert_eq!(source.position(2), Position { line: 1, column: 1 }, "inside a character");
        assert_eq!(source.position(99), Position { line: 1, column: 3 }, "past the end");
        assert_eq!(source.offset(Position { line: 2, column: 1 }), None, "no such line");
        assert_eq!(SourceText::new("").position(0), Position { line: 1, column: 1 }, "an empty text has a first place");
    }

    #[test]
    fn a_code_frame_underlines_the_span() {
        let text = "one\n\tretrun x;\nthree\nfour";
        let start = text.find("retrun").expect("in the text");
        let frame = SourceText::new(text).code_frame(start, start + 6);
        assert_eq!(frame, "  1 | one\n> 2 | \tretrun x;\n    | \t^^^^^^\n  3 | three\n");
    }

    #[test]
    fn places_in_a_line_of_megabytes_are_found_at_once() {
        let text = format!("{}x", "ö🦊".repeat(700_000));
        let source = SourceText::new(&text);
        let started = std::time::Instant::now();
        for _ in 0..1_000 {
            assert_eq!(source.position(text.len() - 1).column, 2_100_001);
        }
        assert!(started.elapsed().as_millis() < 1_000, "1,000 places took {:?}", started.elapsed());
    }

    #[test]
    fn a_code_frame_of_a_minified_line_is_short() {
        let text = format!("{}X{}", "a".repeat(5_000_000), "b".repeat(100));
        let frame = SourceText::new(&text).code_frame(5_000_000, 5_000_001);
        assert!(frame.len() < 400 && frame.contains('X'), "{frame}");
    }
}
