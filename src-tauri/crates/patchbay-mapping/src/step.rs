//! `truncate:120`: one step of a placeholder.

use crate::date::DateForm;
use crate::error::Problem;
use crate::money::is_currency;
use crate::path::Path;
use crate::pattern::Pattern;
use crate::text::{quoted_length, trim};
use std::fmt;
use std::ops::Range;

/// A step with its place in the expression.
#[derive(Debug, Clone)]
pub struct PlacedStep {
    /// What it does.
    pub step: Step,
    /// Bytes in the expression.
    pub range: Range<usize>,
}

/// What is done with a value. MAPPING.md says what each means.
#[derive(Debug, Clone)]
pub enum Step {
    /// Stands in for a missing or empty value.
    Default(String),
    /// At most so many characters.
    Truncate(usize),
    /// A date in a form.
    Date(DateForm),
    /// The number that a text is.
    Number,
    /// The elements of a list as one text.
    Join(String),
    /// Without white space at the ends.
    Trim,
    /// In capitals.
    Upper,
    /// In small letters.
    Lower,
    /// Every one text as another.
    Replace(String, String),
    /// The first group of the first match.
    Regex(Box<Pattern>),
    /// Minor units as decimal text.
    Money(Decimals),
    /// The first element.
    First,
    /// The last element.
    Last,
    /// How many elements there are.
    Count,
    /// The entry's lookup table.
    Lookup,
}

/// How many decimals an amount has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decimals {
    /// So many.
    Number(usize),
    /// Those of a currency.
    Currency(String),
    /// Those of the currency at a path of the document.
    Path(Path),
}

/// Name, an example for people.
const STEPS: [(&str, &str); 15] = [
    ("default", "default:\"none\""),
    ("truncate", "truncate:120"),
    ("date", "date, date:day, date:minute or date:seconds"),
    ("number", "number"),
    ("join", "join:\", \""),
    ("trim", "trim"),
    ("upper", "upper"),
    ("lower", "lower"),
    ("replace", "replace:\"a\",\"b\""),
    ("regex", "regex:\"run (\\d+)\""),
    ("money", "money:2, money:EUR or money:path.of.the.currency"),
    ("first", "first"),
    ("last", "last"),
    ("count", "count"),
    ("lookup", "lookup"),
];

/// The names of the steps.
pub(crate) fn all_names() -> impl Iterator<Item = &'static str> {
    STEPS.into_iter().map(|(name, _)| name)
}

/// The same for people.
pub(crate) fn names() -> String {
    all_names().collect::<Vec<_>>().join(", ")
}

impl Step {
    /// Reads a step, without the white space around it.
    pub(crate) fn parse(source: &str) -> Result<Self, Problem> {
        let length = source.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let (name, rest) = source.split_at(length);
        let Some((name, example)) = STEPS.into_iter().find(|(known, _)| *known == name) else {
            return Err(Problem::UnknownStep(if name.is_empty() { source } else { name }.to_owned()));
        };
        let step = arguments(trim(rest)).and_then(|given| Self::of(name, &given));
        match step {
            Some(Self::Regex(pattern)) if pattern.may_never_end() => Err(Problem::EndlessPattern),
            Some(step) => Ok(step),
            None => Err(Problem::WrongArguments { written: source.to_owned(), example }),
        }
    }

    fn of(name: &str, given: &[String]) -> Option<Self> {
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        Some(match (name, given.as_slice()) {
            ("default", [text]) => Self::Default((*text).to_owned()),
            ("truncate", [length]) => Self::Truncate(length_of(length)?),
            ("date", []) => Self::Date(DateForm::Full),
            ("date", ["day"]) => Self::Date(DateForm::Day),
            ("date", ["minute"]) => Self::Date(DateForm::Minute),
            ("date", ["seconds"]) => Self::Date(DateForm::Seconds),
            ("number", []) => Self::Number,
            ("join", []) => Self::Join(", ".into()),
            ("join", [separator]) => Self::Join((*separator).to_owned()),
            ("trim", []) => Self::Trim,
            ("upper", []) => Self::Upper,
            ("lower", []) => Self::Lower,
            ("replace", [from, to]) if !from.is_empty() => Self::Replace((*from).to_owned(), (*to).to_owned()),
            ("regex", [pattern]) => Self::Regex(Box::new(Pattern::parse(pattern)?)),
            ("money", []) => Self::Money(Decimals::Number(2)),
            ("money", [decimals]) => Self::Money(Decimals::parse(decimals)?),
            ("first", []) => Self::First,
            ("last", []) => Self::Last,
            ("count", []) => Self::Count,
            ("lookup", []) => Self::Lookup,
            _ => return None,
        })
    }

    /// What its author calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Default(_) => "default",
            Self::Truncate(_) => "truncate",
            Self::Date(_) => "date",
            Self::Number => "number",
            Self::Join(_) => "join",
            Self::Trim => "trim",
            Self::Upper => "upper",
            Self::Lower => "lower",
            Self::Replace(..) => "replace",
            Self::Regex(_) => "regex",
            Self::Money(_) => "money",
            Self::First => "first",
            Self::Last => "last",
            Self::Count => "count",
            Self::Lookup => "lookup",
        }
    }
}

fn length_of(text: &str) -> Option<usize> {
    let is_length = (1..=6).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    if is_length { text.parse().ok() } else { None }
}

impl Decimals {
    fn parse(text: &str) -> Option<Self> {
        if text.starts_with(|first: char| first.is_ascii_digit()) {
            return matches!(text, "0" | "1" | "2" | "3" | "4").then(|| text.parse().ok().map(Self::Number))?;
        }
        let path = Path::parse(text)?;
        Some(if is_currency(text) { Self::Currency(text.to_owned()) } else { Self::Path(path) })
    }
}

/// The arguments behind a step's name; `None` when they have not the form of any.
fn arguments(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let given = trim(text.strip_prefix(':')?);
    if !given.contains('"') {
        return Some(vec![given.to_owned()]);
    }
    let mut found = Vec::new();
    let mut rest = given;
    loop {
        let length = rest.starts_with('"').then(|| quoted_length(rest)).flatten()?;
        found.push(rest[1..length - 1].replace("\\\"", "\""));
        rest = trim(&rest[length..]);
        if rest.is_empty() {
            return Some(found);
        }
        rest = trim(rest.strip_prefix(',')?);
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        // Two steps do the same when they are written the same.
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())?;
        match self {
            Self::Default(text) | Self::Join(text) => write!(formatter, ":{}", argument(text)),
            Self::Truncate(length) => write!(formatter, ":{length}"),
            Self::Date(DateForm::Day) => formatter.write_str(":day"),
            Self::Date(DateForm::Minute) => formatter.write_str(":minute"),
            Self::Date(DateForm::Seconds) => formatter.write_str(":seconds"),
            Self::Replace(from, to) => write!(formatter, ":{},{}", quoted(from), quoted(to)),
            Self::Regex(pattern) => write!(formatter, ":{}", argument(pattern.source())),
            Self::Money(Decimals::Number(decimals)) => write!(formatter, ":{decimals}"),
            Self::Money(Decimals::Currency(currency)) => write!(formatter, ":{currency}"),
            Self::Money(Decimals::Path(path)) => write!(formatter, ":{}", argument(&path.source)),
            _ => Ok(()),
        }
    }
}

/// An argument that stands alone. A backslash at the end can only stand without quotation marks.
fn argument(text: &str) -> String {
    let is_bare = !text.contains(['|', '{', '}', '"']) && trim(text) == text && !text.is_empty();
    if is_bare && text.ends_with('\\') { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}
