//! Matchers in expected texts: what stands for values that vary.
//!
//! | matcher | stands for |
//! |---|---|
//! | `<any>` | anything but `null`; inside a text any characters |
//! | `<id>` | an integer, or a text without spaces: UUIDs, numbers, `evt_1` |
//! | `<uuid>` | a UUID with hyphens |
//! | `<iso-time>` | a date, or a date and time with an offset (RFC 3339) |
//! | `<unix-time>` `<unix-ms>` | seconds or milliseconds since 1970, as a number or as digits |
//! | `<number>` `<integer>` | a number; with `:MIN..MAX` one between them, both included, either left out for none |
//! | `<boolean>` `<text>` `<list>` `<object>` | a value of that kind |
//! | `<text:REGEX>` | a text that the regular expression matches whole |
//! | `<absent>` | nothing: the key must not be there |

use regex::Regex;
use serde_json::{Number, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Every matcher, for people.
pub const KNOWN: &str = "<any> <id> <uuid> <iso-time> <unix-time> <unix-ms> <number:MIN..MAX> <integer:MIN..MAX> <boolean> <text> <text:REGEX> \
     <list> <object> <absent>";
/// Patterns that a thread keeps compiled.
const MOST_COMPILED: usize = 256;
/// The key must not be there.
pub const ABSENT: &str = "<absent>";

/// What `<id>` covers inside a longer text: UUIDs, numbers, and prefixed ids such as `evt_1`.
const ID: &str = r"[A-Za-z0-9][A-Za-z0-9._~-]*";
const UUID: &str = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}";
/// In a query the colons and the plus may stand encoded.
const ISO_TIME: &str =
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}(?::|%3A)\d{2}(?::|%3A)\d{2}(?:\.\d+)?(?:Z|(?:[+-]|%2B)\d{2}(?::|%3A)\d{2}))?";
const NUMBER: &str = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?";
const INTEGER: &str = r"-?\d+";

/// Why a matcher is none.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatcherError {
    /// `<text:…>` that holds no regular expression.
    #[error("`{pattern}` should hold a valid regular expression")]
    Expression {
        /// The expected text.
        pattern: String,
        /// What is wrong with it.
        #[source]
        source: regex::Error,
    },
    /// `<number:…>` that holds no range.
    #[error("`{pattern}` should hold a range such as `1..5`, `0..` or `..0.5`")]
    Range {
        /// The expected text.
        pattern: String,
    },
    /// A text that looks like a matcher alone and is none.
    #[error("`{pattern}` is no matcher; there are {KNOWN}")]
    Unknown {
        /// The expected text.
        pattern: String,
    },
}

/// Whether a text holds a matcher.
pub fn is_pattern(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| !matches!(part(&text[at..]), Ok(None)))
}

/// Whether a value is as the pattern says. A text without matchers is equal or not.
pub fn matches(pattern: &str, actual: &Value) -> Result<bool, MatcherError> {
    if let Value::String(text) = actual
        && pattern == text
    {
        return Ok(true);
    }
    if !pattern.contains('<') {
        return Ok(false);
    }
    if let Some((part, length)) = part(pattern)?
        && length == pattern.len()
    {
        return part.admits(actual, pattern);
    }
    if looks_like_a_matcher(pattern) {
        return Err(MatcherError::Unknown { pattern: pattern.to_owned() });
    }
    let Value::String(text) = actual else { return Ok(false) };
    in_text(pattern, text)
}

/// A matcher.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part<'a> {
    Any,
    Id,
    Uuid,
    IsoTime,
    UnixTime,
    UnixMilliseconds,
    Number(Range),
    Integer(Range),
    Boolean,
    Text,
    List,
    Object,
    Absent,
    Expression(&'a str),
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Range {
    least: f64,
    most: f64,
}

impl Range {
    const ALL: Self = Self { least: f64::NEG_INFINITY, most: f64::INFINITY };

    fn parse(text: &str) -> Option<Self> {
        let (least, most) = text.split_once("..")?;
        let bound = |text: &str, none: f64| if text.is_empty() { Some(none) } else { text.parse().ok() };
        Some(Self { least: bound(least, f64::NEG_INFINITY)?, most: bound(most, f64::INFINITY)? })
    }

    fn has(self, number: f64) -> bool {
        (self.least..=self.most).contains(&number)
    }
}

impl Part<'_> {
    /// What a value has to be where the matcher is the whole pattern.
    fn admits(self, actual: &Value, pattern: &str) -> Result<bool, MatcherError> {
        Ok(match (self, actual) {
            (Self::Any, actual) => !actual.is_null(),
            (Self::Boolean, actual) => actual.is_boolean(),
            (Self::Text, actual) => actual.is_string(),
            (Self::List, actual) => actual.is_array(),
            (Self::Object, actual) => actual.is_object(),
            (Self::Number(range), Value::Number(number)) => number.as_f64().is_some_and(|number| range.has(number)),
            (Self::Integer(range), Value::Number(number)) => {
                is_whole(number) && number.as_f64().is_some_and(|number| range.has(number))
            }
            (Self::Absent | Self::Number(_) | Self::Integer(_), _) => false,
            (Self::Id, Value::Number(number)) => is_whole(number),
            (Self::UnixTime, Value::Number(number)) => number.as_f64().is_some_and(|at| (1e9..1e10).contains(&at)),
            (Self::UnixMilliseconds, Value::Number(number)) => {
                number.as_f64().is_some_and(|at| (1e12..1e13).contains(&at))
            }
            (_, Value::String(text)) => in_text(pattern, text)?,
            _ => false,
        })
    }

    /// What it stands for inside a text.
    fn expression(self) -> &'static str {
        match self {
            Self::Any => ".*",
            Self::Id => ID,
            Self::Uuid => UUID,
            Self::IsoTime => ISO_TIME,
            Self::UnixTime => r"\d{10}",
            Self::UnixMilliseconds => r"\d{13}",
            Self::Number(_) => NUMBER,
            Self::Integer(_) => INTEGER,
            Self::Boolean => "true|false",
            Self::Text | Self::List | Self::Object => ".+",
            Self::Absent | Self::Expression(_) => "",
        }
    }
}

/// `1.0` and `1e3` are whole numbers too.
fn is_whole(number: &Number) -> bool {
    number.is_u64() || number.is_i64() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// The matcher that a text begins with, and its length.
fn part(text: &str) -> Result<Option<(Part<'_>, usize)>, MatcherError> {
    let words = [
        ("<any>", Part::Any),
        ("<id>", Part::Id),
        ("<uuid>", Part::Uuid),
        ("<iso-time>", Part::IsoTime),
        ("<unix-time>", Part::UnixTime),
        ("<unix-ms>", Part::UnixMilliseconds),
        ("<number>", Part::Number(Range::ALL)),
        ("<integer>", Part::Integer(Range::ALL)),
        ("<boolean>", Part::Boolean),
        ("<text>", Part::Text),
        ("<list>", Part::List),
        ("<object>", Part::Object),
        (ABSENT, Part::Absent),
    ];
    if let Some((word, part)) = words.iter().find(|(word, _)| text.starts_with(word)) {
        return Ok(Some((*part, word.len())));
    }
    for start in ["<number:", "<integer:"] {
        if let Some((range, _)) = text.strip_prefix(start).and_then(|rest| rest.split_once('>')) {
            let wrong = || MatcherError::Range { pattern: format!("{start}{range}>") };
            let parsed = Range::parse(range).ok_or_else(wrong)?;
            let part = if start == "<number:" { Part::Number(parsed) } else { Part::Integer(parsed) };
            return Ok(Some((part, start.len() + range.len() + 1)));
        }
    }
    let Some(inner) = text.strip_prefix("<text:") else { return Ok(None) };
    // The expression may hold `>` itself, as in `(?<name>…)`: the first one before which it is whole ends it.
    let mut wrong = None;
    for (end, _) in inner.match_indices('>') {
        match Regex::new(&inner[..end]) {
            Ok(_) => return Ok(Some((Part::Expression(&inner[..end]), "<text:".len() + end + 1))),
            Err(source) => wrong = Some(MatcherError::Expression { pattern: text[..end + 7].to_owned(), source }),
        }
    }
    wrong.map_or(Ok(None), Err)
}

/// A misspelt matcher would otherwise be a text that nothing ever is.
fn looks_like_a_matcher(pattern: &str) -> bool {
    let inner = pattern.strip_prefix('<').and_then(|inner| inner.strip_suffix('>'));
    inner.is_some_and(|inner| {
        let word = inner.split(':').next().unwrap_or_default();
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !inner.contains(['<', '>', '/'])
    })
}

/// A text with matchers as an expression; each numbered group has a range of its own.
struct Compiled {
    expression: Regex,
    ranges: Vec<Range>,
}

thread_local! {
    /// Lists are aligned by comparing every item with every other: the same patterns come again and again.
    static COMPILED: RefCell<HashMap<String, Rc<Compiled>>> = RefCell::default();
}

fn in_text(pattern: &str, text: &str) -> Result<bool, MatcherError> {
    let compiled = kept(pattern)?;
    let Some(captures) = compiled.expression.captures(text) else { return Ok(false) };
    Ok(compiled.ranges.iter().enumerate().all(|(index, range)| {
        let number = captures.name(&format!("__range{index}")).and_then(|number| number.as_str().parse().ok());
        number.is_some_and(|number| range.has(number))
    }))
}

fn kept(pattern: &str) -> Result<Rc<Compiled>, MatcherError> {
    if let Some(known) = COMPILED.with_borrow(|known| known.get(pattern).cloned()) {
        return Ok(known);
    }
    let made = Rc::new(compiled(pattern)?);
    COMPILED.with_borrow_mut(|known| {
        if known.len() >= MOST_COMPILED {
            known.clear();
        }
        known.insert(pattern.to_owned(), Rc::clone(&made));
    });
    Ok(made)
}

fn compiled(pattern: &str) -> Result<Compiled, MatcherError> {
    let mut expression = String::from(r"\A(?s:");
    let mut ranges = Vec::new();
    let mut rest = pattern;
    while let Some(start) = rest.find('<') {
        expression.push_str(&regex::escape(&rest[..start]));
        rest = &rest[start..];
        let Some((part, length)) = part(rest)? else {
            expression.push('<');
            rest = &rest[1..];
            continue;
        };
        match part {
            Part::Number(range) | Part::Integer(range) => {
                // The name cannot stand in an author's expression by chance.
                expression.extend(["(?<__range", &ranges.len().to_string(), ">", part.expression(), ")"]);
                ranges.push(range);
            }
            Part::Expression(inner) => expression.extend(["(?:", inner, ")"]),
            part => expression.extend(["(?:", part.expression(), ")"]),
        }
        rest = &rest[length..];
    }
    expression.push_str(&regex::escape(rest));
    expression.push_str(r")\z");
    let expression =
        Regex::new(&expression).map_err(|source| MatcherError::Expression { pattern: pattern.to_owned(), source })?;
    Ok(Compiled { expression, ranges })
}

#[cfg(test)]
mod tests {
    use super::{MatcherError, is_pattern, matches};
    use serde_json::{Value, json};

    #[test]
    fn matchers_stand_alone_and_inside_texts() {
        let id = "5f0e3c1a-0000-4000-8000-000000000001";
        for (pattern, actual, expected) in [
            ("<any>", json!("x"), true),
            ("<any>", json!([]), true),
            ("<any>", json!(""), true),
            ("<any>", Value::Null, false),
            ("<id>", json!(id), true),
            ("<id>", json!(42), true),
            ("<id>", json!(4.2), false),
            ("<id>", json!(""), false),
            ("<id>", json!("two words"), false),
            ("<uuid>", json!(id), true),
            ("<uuid>", json!("5f0e3c1a"), false),
            ("ev-<uuid>", json!(format!("ev-{id}")), true),
            ("<iso-time>", json!("2026-11-21T08:30:00.250Z"), true),
            ("<iso-time>", json!("2026-11-21T08%3A30%3A00%2B01%3A00"), true),
            ("<iso-time>", json!("2026-11-21"), true),
            ("<iso-time>", json!("21.11.2026"), false),
            ("<unix-time>", json!(1_763_700_000), true),
            ("<unix-time>", json!(1_763_700_000.25), true),
            ("<unix-time>", json!("1763700000"), true),
            ("<unix-time>", json!(1_763_700_000_000_i64), false),
            ("<unix-time>.000100", json!("1763700000.000100"), true),
            ("<unix-ms>", json!(1_763_700_000_000_i64), true),
            ("<unix-ms>", json!("1763700000"), false),
            ("<number>", json!(-0.5), true),
            ("<number>", json!("5"), false),
            ("<number:1..5>", json!(5), true),
            ("<number:1..5>", json!(5.01), false),
            ("<number:..0.5>", json!(-3), true),
            ("<number:1..>", json!(0), false),
            ("<integer>", json!(3), true),
            ("<integer>", json!(3.5), false),
            ("<integer:2..>", json!(2.0), true),
            ("<number:1..9> of <integer>", json!("7.5 of 10"), true),
            ("<number:1..5> of <integer>", json!("7.5 of 10"), false),
            ("<boolean>", json!(false), true),
            ("<boolean>", json!("false"), false),
            ("<text>", json!(""), true),
            ("<text>", json!(1), false),
            ("<list>", json!([1]), true),
            ("<object>", json!({}), true),
            ("<object>", json!([]), false),
            ("<absent>", json!("x"), false),
            ("<text:ev_[0-9]+>", json!("ev_12"), true),
            ("<text:ev_[0-9]+>", json!("my ev_12"), false),
            ("<text:(?<name>a+)>", json!("aa"), true),
            ("<text:[^>]+>", json!("aa"), true),
            ("<text:\\d+> and <id>", json!("1 and x"), true),
            ("a < b and 1.5", json!("a < b and 1.5"), true),
            ("a < b and 1.5", json!("a < b and 1x5"), false),
            ("<b>bold</b> <any>", json!("<b>bold</b> x"), true),
            ("https://api.notion.com/v1/pages/<id>", json!(format!("https://api.notion.com/v1/pages/{id}")), true),
            ("https://api.notion.com/v1/pages/<id>", json!(format!("https://api.notion.com/v1/pages/{id}/x")), false),
            ("<any> at <iso-time>", json!("done\nall at 2026-11-21"), true),
            ("plain", json!("plain"), true),
            ("<isotime>", json!("<isotime>"), true),
            ("1", json!(1), false),
        ] {
            assert_eq!(matches(pattern, &actual), Ok(expected), "{pattern} ~ {actual}");
        }
    }

    #[test]
    fn a_broken_matcher_is_said_and_not_a_match() {
        for (pattern, said) in [
            ("<text:(>", "`<text:(>` should hold a valid regular expression"),
            ("x <text:[> y", "`<text:[>` should hold a valid regular expression"),
            ("<number:1-5>", "`<number:1-5>` should hold a range such as `1..5`, `0..` or `..0.5`"),
            ("<isotime>", "`<isotime>` is no matcher; there are"),
            ("<regex:a+>", "`<regex:a+>` is no matcher; there are"),
        ] {
            let reason: MatcherError = matches(pattern, &json!("(")).expect_err(pattern);
            assert!(reason.to_string().starts_with(said), "{reason}");
        }
        assert_eq!(matches("<https://example.com|a link>", &json!("x")), Ok(false), "no matcher, and not like one");
    }

    #[test]
    fn texts_with_matchers_are_told_from_others() {
        for (text, expected) in
            [("a <id>", true), ("<text:a>", true), ("<number:>", true), ("<b> a", false), ("a", false)]
        {
            assert_eq!(is_pattern(text), expected, "{text}");
        }
    }
}
