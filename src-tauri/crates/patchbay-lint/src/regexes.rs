//! Regular expressions of a file, parsed: the literals, and what `RegExp` is given as texts.

use crate::patterns::is_unbound;
use crate::project::File;
use oxc::allocator::Allocator;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::diagnostics::{LabeledSpan, OxcDiagnostic};
use oxc::regular_expression::ast::Pattern;
use oxc::regular_expression::{ConstructorParser, LiteralParser, Options};
use oxc::span::{GetSpan as _, Span};

/// Why an expression is not one.
pub(crate) struct Problem {
    pub(crate) place: Span,
    pub(crate) reason: String,
}

/// An expression with texts that are known.
pub(crate) struct Made<'a> {
    pub(crate) pattern: Result<Pattern<'a>, Problem>,
}

/// Visits the literals that are valid and whose text `may_matter`: parsing is what costs. Places in the pattern are places
/// in the file.
pub(crate) fn for_each_literal(
    file: &File<'_>,
    may_matter: impl Fn(&str) -> bool,
    mut visit: impl FnMut(&Pattern<'_>),
) {
    let allocator = Allocator::default();
    for node in file.of_type(AstType::RegExpLiteral) {
        let AstKind::RegExpLiteral(literal) = node.kind() else { continue };
        let text = literal.regex.pattern.text.as_str();
        if !may_matter(text) {
            continue;
        }
        let flags = literal.regex.flags.to_string();
        let options = Options {
            pattern_span_offset: literal.span.start + 1,
            flags_span_offset: literal.span.start + 2 + u32::try_from(text.len()).unwrap_or_default(),
        };
        if let Ok(pattern) = LiteralParser::new(&allocator, text, Some(&flags), options).parse() {
            visit(&pattern);
        }
    }
}

/// Visits what `RegExp(…)` and `new RegExp(…)` make from texts that are written out.
pub(crate) fn for_each_made(file: &File<'_>, mut visit: impl FnMut(&Made<'_>)) {
    let allocator = Allocator::default();
    for node in file.of_type(AstType::NewExpression).chain(file.of_type(AstType::CallExpression)) {
        let (callee, arguments) = match node.kind() {
            AstKind::NewExpression(made) => (&made.callee, &made.arguments),
            AstKind::CallExpression(call) => (&call.callee, &call.arguments),
            _ => continue,
        };
        let Expression::Identifier(callee) = callee.get_inner_expression() else { continue };
        if callee.name != "RegExp" || !is_unbound(file, callee) {
            continue;
        }
        let flags = match arguments.get(1) {
            None => None,
            Some(Argument::StringLiteral(flags)) => Some(flags),
            // With flags that are not known, neither is what the pattern means.
            Some(_) => continue,
        };
        let raw = |span: Span| &file.source.text()[span.start as usize..span.end as usize];
        // Without a known pattern the flags are still checked.
        let (text, start) = match arguments.first() {
            Some(Argument::StringLiteral(text)) => (raw(text.span), text.span.start),
            Some(other) if flags.is_some() => ("''", other.span().start),
            _ => continue,
        };
        let options =
            Options { pattern_span_offset: start, flags_span_offset: flags.map_or(0, |flags| flags.span.start) };
        let flags = flags.map(|flags| raw(flags.span));
        let pattern = ConstructorParser::new(&allocator, text, flags, options).parse().map_err(|error| problem(&error));
        visit(&Made { pattern });
    }
}

fn problem(error: &OxcDiagnostic) -> Problem {
    let label = error.labels.first();
    let start = label.map_or(0, LabeledSpan::offset);
    let reason = error.message.trim_start_matches("Invalid regular expression: ").to_owned();
    Problem { place: Span::sized(start, label.map_or(0, LabeledSpan::len)), reason }
}
