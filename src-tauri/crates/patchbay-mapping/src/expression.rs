//! `[{event.channel}] {event.text | truncate:120}`, read into pieces.

use crate::error::Problem;
use crate::path::Path;
use crate::step::{PlacedStep, Step};
use crate::text::{leading, quoted_length, trim};
use std::fmt;
use std::ops::Range;

/// An expression. Places are bytes of its text.
#[derive(Debug, Clone)]
pub struct Expression {
    /// Texts and placeholders in order; one empty text for an empty expression.
    pub pieces: Vec<Piece>,
}

/// A part of an expression.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A text with its `{{` and `}}` read.
    Text(String),
    /// `{…}`.
    Placeholder(Placeholder),
}

/// `{path | step | …}`.
#[derive(Debug, Clone)]
pub struct Placeholder {
    /// What stands between the braces.
    pub source: String,
    /// With the braces.
    pub range: Range<usize>,
    /// Where the value stands in the document.
    pub path: Path,
    /// The path's place.
    pub path_range: Range<usize>,
    /// What is done with it.
    pub steps: Vec<PlacedStep>,
}

impl Expression {
    /// Reads an expression; the first thing in it that cannot be read is the error, with its place.
    pub fn parse(text: &str) -> Result<Self, (Problem, Range<usize>)> {
        let bytes = text.as_bytes();
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                sign @ (b'{' | b'}') if bytes.get(at + 1) == Some(&sign) => {
                    plain.push(char::from(sign));
                    at += 2;
                }
                b'}' => return Err((Problem::SingleBrace('}'), at..at + 1)),
                b'{' => {
                    let end = end_of_placeholder(text, at)?;
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Placeholder(Placeholder::parse(text, at..end)?));
                    at = end;
                }
                _ => {
                    let length = text[at..].find(['{', '}']).unwrap_or(text.len() - at);
                    plain.push_str(&text[at..at + length]);
                    at += length;
                }
            }
        }
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// Its placeholders.
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some(placeholder),
            Piece::Text(_) => None,
        })
    }

    /// Whether it is text whatever the document holds.
    pub fn is_text(&self) -> bool {
        !matches!(self.pieces.as_slice(), [Piece::Placeholder(_)])
    }
}

/// The byte behind the brace that closes the one at `start`.
fn end_of_placeholder(text: &str, start: usize) -> Result<usize, (Problem, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => match quoted_length(&text[at..]) {
                Some(length) => at += length,
                None => return Err((Problem::OpenQuotation, at..text.len())),
            },
            b'}' => return Ok(at + 1),
            b'{' => return Err((Problem::SingleBrace('{'), start..start + 1)),
            _ => at += 1,
        }
    }
    Err((Problem::SingleBrace('{'), start..start + 1))
}

impl Placeholder {
    /// Reads the placeholder that stands in a range of the text, braces included.
    fn parse(text: &str, range: Range<usize>) -> Result<Self, (Problem, Range<usize>)> {
        let source = &text[range.start + 1..range.end - 1];
        let mut parts = split(source).into_iter().map(|part| {
            let start = range.start + 1 + part.start + leading(&source[part.clone()]);
            let trimmed = trim(&source[part]);
            (trimmed, start..start + trimmed.len())
        });
        let (path, path_range) = parts.next().unwrap_or(("", range.clone()));
        if path.is_empty() {
            return Err((Problem::EmptyPlaceholder, range));
        }
        let path = Path::parse(path).ok_or_else(|| (Problem::NotAPath(path.to_owned()), path_range.clone()))?;
        let steps = parts.map(|(source, range)| match Step::parse(source) {
            Ok(step) => Ok(PlacedStep { step, range }),
            Err(problem) => Err((problem, range)),
        });
        let steps = steps.collect::<Result<_, _>>()?;
        Ok(Self { source: source.to_owned(), range, path, path_range, steps })
    }
}

/// What stands between the bars that are not quoted.
fn split(source: &str) -> Vec<Range<usize>> {
    let bytes = source.as_bytes();
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += quoted_length(&source[at..]).unwrap_or(1),
            b'|' => {
                parts.push(start..at);
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    parts.push(start..source.len());
    parts
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => formatter.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Piece::Placeholder(placeholder) => write!(formatter, "{placeholder}"),
        })
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{{}", self.path)?;
        self.steps.iter().try_for_each(|placed| write!(formatter, " | {}", placed.step))?;
        formatter.write_str("}")
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.pieces == other.pieces
    }
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            // White space and places do not count.
            (Self::Placeholder(one), Self::Placeholder(other)) => {
                let steps = |placeholder: &Placeholder| -> Vec<Step> {
                    placeholder.steps.iter().map(|placed| placed.step.clone()).collect()
                };
                one.path.segments == other.path.segments && steps(one) == steps(other)
            }
            _ => false,
        }
    }
}
