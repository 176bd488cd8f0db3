//! What an upstream takes in the fields that a mapping fills.

/// The fields of an upstream.
#[derive(Debug, Clone)]
pub struct UpstreamFields {
    /// The upstream's id, `notion`.
    pub upstream: &'static str,
    /// Its name for people, `Notion`.
    pub name: &'static str,
    /// The types that an entry's `type` may name; none where entries name no type.
    pub types: Vec<FieldType>,
    /// The type of an entry that names none, by the field's name.
    pub untyped: fn(&str) -> Option<&'static str>,
    /// Fields of its own, the same for every customer.
    pub fields: Vec<KnownField>,
    /// Fields with other names.
    pub others: OtherFields,
}

impl UpstreamFields {
    /// An upstream whose fields are the customer's own, as long as nothing else is said.
    pub fn open(upstream: &'static str, name: &'static str) -> Self {
        Self { upstream, name, types: Vec::new(), untyped: |_| None, fields: Vec::new(), others: OtherFields::Own }
    }
}

/// A type of field that a customer's table may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldType {
    /// Its word.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Most characters of a text.
    pub longest: Option<usize>,
}

/// A field that the upstream knows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownField {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Most characters of a text.
    pub longest: Option<usize>,
    /// The texts that it takes; any where none is listed.
    pub one_of: &'static [&'static str],
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// One text; numbers and booleans are written as such.
    Text,
    /// A number, or a text that is one.
    Number,
    /// `true` or `false`, or a text that says so.
    Boolean,
    /// An ISO date, or a text that is one.
    Date,
    /// Several texts, or one with commas between them.
    Texts,
    /// Nothing that a request may write.
    Computed,
    /// Whatever it is given.
    Anything,
}

impl Holds {
    /// For people: `a number`.
    pub fn what(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "`true` or `false`",
            Self::Date => "a date such as `2026-11-21`",
            Self::Texts => "a list of texts",
            Self::Computed => "nothing that can be written",
            Self::Anything => "any value",
        }
    }
}

/// Which names besides the known ones an upstream takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherFields {
    /// Any: the columns are the customer's own.
    Own,
    /// Those that end like this, Salesforce's custom fields.
    Ending(&'static str),
    /// Lower-case letters, digits and `_`, beginning with a letter, as `HubSpot` names properties.
    LowerCase,
}

impl OtherFields {
    /// Whether it takes a field of this name.
    pub fn takes(self, name: &str) -> bool {
        match self {
            Self::Own => true,
            Self::Ending(end) => name.len() > end.len() && name.ends_with(end),
            Self::LowerCase => {
                name.starts_with(|first: char| first.is_ascii_lowercase())
                    && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
                    && name.len() <= 100
            }
        }
    }
}
