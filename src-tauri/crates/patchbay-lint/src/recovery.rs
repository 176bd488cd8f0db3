//! Parsing that goes on behind a mistake, so that one typo does not hide what else is wrong in a file.
//!
//! The parser gives up at most syntax errors and keeps nothing. Then the line of the error, or one before it, is blanked
//! with as many bytes of spaces, so that every place stays where it was, and the rest is parsed again. What was cut out
//! may have declared something, so a mended file is not whole: rules must not conclude from what is absent.

use oxc::allocator::Allocator;
use oxc::ast::ast::Program;
use oxc::diagnostics::OxcDiagnostic;
use oxc::parser::{Parser, ParserReturn};
use oxc::span::SourceType;
use oxc::syntax::module_record::ModuleRecord;
use patchbay_core::nesting;

/// Mistakes that are cut out of one file. Beyond them a file is a draft, or no code at all.
const MOST_CUTS: usize = 12;
/// Bytes that may be parsed again on the way. Bounds the time that a large broken file takes.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Nesting that every stack has room for.
const SHALLOW: usize = 100;

/// A file, parsed as far as it could be.
pub(crate) struct Parsed<'a> {
    pub(crate) program: Program<'a>,
    pub(crate) record: ModuleRecord<'a>,
    /// What the parser said, about the text as its author wrote it.
    pub(crate) problems: Vec<OxcDiagnostic>,
    /// Parts of the text were cut out.
    pub(crate) is_mended: bool,
}

/// Parses a file. `depth` is how deep it may nest, by [`nesting::depth_bound`].
pub(crate) fn parse<'a>(allocator: &'a Allocator, text: &'a str, source_type: SourceType, depth: usize) -> Parsed<'a> {
    let first = Parser::new(allocator, text, source_type).parse();
    if !first.panicked {
        return of(first, false);
    }
    let mut problems: Vec<OxcDiagnostic> = first.diagnostics.iter().cloned().collect();
    let Some((mended, more)) = mend(text, source_type, depth, &problems) else { return of(first, false) };
    let again = Parser::new(allocator, allocator.alloc_str(&mended), source_type).parse();
    problems.extend(more);
    for problem in &again.diagnostics {
        if !problems.contains(problem) {
            problems.push(problem.clone());
        }
    }
    Parsed { problems, ..of(again, true) }
}

fn of(parsed: ParserReturn<'_>, is_mended: bool) -> Parsed<'_> {
    let problems = parsed.diagnostics.iter().cloned().collect();
    Parsed { program: parsed.program, record: parsed.module_record, problems, is_mended }
}

/// The text without its mistakes, and what the parser said about the second and later ones; nothing where the rest makes
/// no sense either, because what the parser says of that may come from the cuts.
fn mend(
    text: &str,
    source_type: SourceType,
    depth: usize,
    problems: &[OxcDiagnostic],
) -> Option<(String, Vec<OxcDiagnostic>)> {
    let mut more = Vec::new();
    let mut mended = text.to_owned();
    let mut failed_at = offset_of(problems.last()?)?;
    let mut budget = MOST_BYTES;
    for _ in 0..MOST_CUTS {
        let mut best: Option<(usize, String, Vec<OxcDiagnostic>)> = None;
        for candidate in candidates(&mended, failed_at) {
            budget = budget.checked_sub(text.len())?;
            if nesting::depth_bound(&candidate) > depth.max(SHALLOW) {
                continue;
            }
            let allocator = Allocator::default();
            let parsed = Parser::new(&allocator, &candidate, source_type).parse();
            if !parsed.panicked {
                return Some((candidate, more));
            }
            let Some(next) = parsed.diagnostics.last().and_then(offset_of) else { continue };
            if next > failed_at && best.as_ref().is_none_or(|(furthest, ..)| next > *furthest) {
                let said = parsed.diagnostics.iter().cloned().collect();
                best = Some((next, candidate, said));
            }
        }
        let (next, candidate, said) = best?;
        more.extend(said.into_iter().filter(|problem| !problems.contains(problem)));
        (failed_at, mended) = (next, candidate);
    }
    None
}

fn offset_of(problem: &OxcDiagnostic) -> Option<usize> {
    problem.labels.first().map(|label| label.offset() as usize)
}

/// What the text may look like without the mistake, the smallest cut first.
fn candidates(text: &str, at: usize) -> Vec<String> {
    let at = at.min(text.len());
    let bytes = text.as_bytes();
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| at + length);
    // A bracket that is missing is noticed on a later line.
    let before = text[..start].trim_end().len();
    let before_start = bytes[..before].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let closed = |bracket: &str| {
        let mut closed = text.to_owned();
        // In the place of a line break, so that nothing else moves.
        if let Some(line_break) = start.checked_sub(1) {
            closed.replace_range(line_break..start, bracket);
        }
        closed
    };
    let mut all = vec![
        closed("}"),
        closed(")"),
        blanked(text, start..end, |byte| matches!(byte, b'{' | b'}')),
        blanked(text, before_start..before, |byte| matches!(byte, b'{' | b'}')),
        blanked(text, start..end, |_| false),
        blanked(text, before_start..before, |_| false),
        blanked(text, before_start..end, |_| false),
    ];
    // A block that is never closed is noticed at the end of the file.
    if text[at..].trim().is_empty() && text.ends_with('\n') {
        all.insert(0, format!("{}}}", &text[..text.len() - 1]));
    }
    all.retain(|candidate| candidate != text);
    all.dedup();
    all
}

/// The text with a part of it as spaces, line breaks and `kept` bytes excepted.
fn blanked(text: &str, part: std::ops::Range<usize>, kept: impl Fn(u8) -> bool) -> String {
    let blank = |byte: u8| if matches!(byte, b'\n' | b'\r') || kept(byte) { char::from(byte) } else { ' ' };
    let middle: String = text[part.clone()].bytes().map(blank).collect();
    format!("{}{middle}{}", &text[..part.start], &text[part.end..])
}
