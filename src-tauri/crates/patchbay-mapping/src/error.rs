//! What a mapping cannot do, and where it says so.

use patchbay_core::Hints;
use std::ops::Range;

/// What an entry cannot do. Continues the sentence `The mapping of "Field" …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Misfit {
    /// What is wrong.
    pub kind: Problem,
    /// Where in the entry.
    pub place: Place,
}

/// Where in an entry something stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Keys below the entry; none for an entry that is a text.
    pub keys: Vec<String>,
    /// Bytes of the text that stands there; `None` for all of it.
    pub within: Option<Range<usize>>,
}

/// What is wrong with an entry, or with a value for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The entry is a number, a list, ….
    #[error("is neither a text nor a table; write \"text with {{fields}}\" or {{ value = \"…\" }}")]
    NeitherTextNorTable,
    /// A key that entries do not have.
    #[error("has the key \"{0}\"; the keys are value, type, required, default, lookup")]
    UnknownKey(String),
    /// A table without an expression.
    #[error("has no value; write value = \"text with {{fields}}\"")]
    NoExpression,
    /// `type` is not a text.
    #[error("has a type that is not a text")]
    TypeNotText,
    /// `required` is not a boolean.
    #[error("has a required that is neither true nor false")]
    RequiredNotBoolean,
    /// `default` is a list or a table.
    #[error("has a default that is neither a text, a number nor a boolean")]
    DefaultNotScalar,
    /// `lookup` is not a table, or has a list or a table in it.
    #[error("has a lookup that is not a table of texts, numbers and booleans")]
    LookupNotScalars,
    /// `{` or `}` alone.
    #[error("has a single {0}; write {0}{0} for the sign itself")]
    SingleBrace(char),
    /// A quotation mark in a placeholder without its other.
    #[error("has a quotation mark that is not closed")]
    OpenQuotation,
    /// `{}`.
    #[error("has an empty {{}}; name a field of the event in it")]
    EmptyPlaceholder,
    /// A placeholder whose path is none.
    #[error("has {{{0}}}, which is not a path; write names with dots between them, and [] after a list")]
    NotAPath(String),
    /// A step that there is not.
    #[error("uses \"{0}\", which is not a transform; use {names}", names = crate::step::names())]
    UnknownStep(String),
    /// A step with the wrong arguments.
    #[error("cannot use \"| {written}\"; write for example | {example}")]
    WrongArguments {
        /// The step as it stands there.
        written: String,
        /// One as it should be.
        example: &'static str,
    },
    /// A regular expression whose time may double with each character.
    #[error(
        "has a regular expression that some texts keep busy for ever; do not repeat a group that has a repetition or | in it"
    )]
    EndlessPattern,
    /// A value does not fit the step, or the text, that it is for.
    #[error("does not fit: {{{placeholder}}} {reason}")]
    DoesNotFit {
        /// What stands between the braces.
        placeholder: String,
        /// Why.
        reason: Unfit,
    },
    /// The same for the entry's own lookup.
    #[error("{0}")]
    LookupDoesNotFit(Unfit),
    /// No field of this name, and nothing that stands in.
    #[error(
        "reads {{{0}}}, which this event does not have; correct the name, or add | default:\"\" if only some events have it"
    )]
    MissingField(String),
    /// The field is there and a step made nothing of it.
    #[error("finds nothing with {{{0}}}; correct the expression, or add | default:\"\" if only some events have it")]
    FindsNothing(String),
    /// Required and empty.
    #[error("is required, but its value is empty; correct the expression, or give it a default")]
    RequiredIsEmpty,
}

/// Why a value does not fit. Continues the sentence that begins with the placeholder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A list where a text is written.
    #[error("is a list; join it with | join:\", \"")]
    List,
    /// An object where a text is written.
    #[error("is an object; name one of its fields")]
    Object,
    /// No list where a step needs one.
    #[error("is not a list, as | {0} needs")]
    NotAList(&'static str),
    /// `[]` after something else.
    #[error("has [] after \"{0}\", which is not a list")]
    ListMarkAfter(String),
    /// Not a date.
    #[error("is not a date")]
    NotADate,
    /// Not a number.
    #[error("is not a number")]
    NotANumber,
    /// Not a whole number of cents.
    #[error("is not a whole number of minor units")]
    NotMinorUnits,
    /// The path of the currency leads to none.
    #[error("finds no currency at {0}")]
    NoCurrency(String),
    /// `| lookup` without a table.
    #[error("has no lookup table; add lookup = {{ … }} to the entry")]
    NoLookup,
    /// A key that the table does not have.
    #[error("has no entry for \"{0}\" in its lookup; add it, or a default")]
    NotInLookup(String),
}

/// An entry that cannot be evaluated, or cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The mapping of \"{field}\" {misfit}")]
pub struct MappingError {
    /// The entry's name.
    pub field: String,
    /// What is wrong, and where.
    pub misfit: Box<Misfit>,
}

impl Misfit {
    pub(crate) fn at(kind: Problem, place: Place) -> Self {
        Self { kind, place }
    }
}

impl Place {
    /// All of what stands under these keys.
    pub(crate) fn of(keys: &[&str]) -> Self {
        Self { keys: keys.iter().map(|key| (*key).to_owned()).collect(), within: None }
    }

    pub(crate) fn within(&self, range: Range<usize>) -> Self {
        Self { keys: self.keys.clone(), within: Some(range) }
    }
}

impl Hints for MappingError {
    fn hints(&self) -> Vec<String> {
        // What to do is part of the sentence, because an adapter's log has nothing but the sentence.
        vec!["`patchbay map preview` shows every entry's value for a sample".to_owned()]
    }
}
