//! What can be read about every rule.

use super::Severity;

/// A rule about field mappings.
#[derive(Debug)]
pub struct RuleDocs {
    /// Its id.
    pub id: &'static str,
    /// The severity of its findings where nothing speaks for a milder one.
    pub severity: Severity,
    /// What it looks for.
    pub what: &'static str,
    /// Why that is bad.
    pub why: &'static str,
    /// An entry as it should be.
    pub good: &'static str,
}

pub(super) const MALFORMED: &str = "mapping-malformed";
pub(super) const MISSING_VALUE: &str = "mapping-missing-value";
pub(super) const UNKNOWN_FIELD: &str = "mapping-unknown-field";
pub(super) const UNKNOWN_PATH: &str = "mapping-unknown-path";
pub(super) const UNKNOWN_TYPE: &str = "mapping-unknown-type";
pub(super) const WRONG_TYPE: &str = "mapping-wrong-type";
pub(super) const WRONG_VALUE: &str = "mapping-wrong-value";

/// Every rule, by id.
pub const RULES: [RuleDocs; 7] = [
    RuleDocs {
        id: MALFORMED,
        severity: Severity::Error,
        what: "Finds entries of [mapping] that cannot be read: single braces, unknown transforms, wrong arguments, unknown keys.",
        why: "The adapter reads the same text and refuses every webhook.",
        good: "Title = \"[{event.channel}] {event.text | truncate:120}\"",
    },
    RuleDocs {
        id: MISSING_VALUE,
        severity: Severity::Error,
        what: "Finds entries that have no value for a sample which comes to the mapping, and nothing that stands in.",
        why: "The adapter refuses such a webhook, because it does not know what to write.",
        good: "Thread = { value = \"{event.thread_ts}\", default = \"\" }",
    },
    RuleDocs {
        id: UNKNOWN_FIELD,
        severity: Severity::Error,
        what: "Finds entries for fields that the upstream does not have, or fills in itself.",
        why: "The upstream refuses the whole record because of one such field.",
        good: "LastName = \"{contact.last_name}\"",
    },
    RuleDocs {
        id: UNKNOWN_PATH,
        severity: Severity::Error,
        what: "Finds paths in entries of [mapping] that no sample has.",
        why: "A misspelt path is a missing value for every webhook.",
        good: "Channel = \"{event.channel}\"",
    },
    RuleDocs {
        id: UNKNOWN_TYPE,
        severity: Severity::Error,
        what: "Finds entries whose type is none that the upstream's fields have, or one that it computes.",
        why: "Nobody knows how such a value is written, and the upstream takes none.",
        good: "Amount = { type = \"number\", value = \"{amount | money | number}\" }",
    },
    RuleDocs {
        id: WRONG_TYPE,
        severity: Severity::Error,
        what: "Finds entries whose value is not what the field holds: a text for a number, a list for a text, no date for a date.",
        why: "The upstream refuses the record, or writes something else than was meant.",
        good: "\"Posted at\" = { type = \"date\", value = \"{event.ts | date}\" }",
    },
    RuleDocs {
        id: WRONG_VALUE,
        severity: Severity::Error,
        what: "Finds transforms that do not fit a sample's value, and values that the field does not take.",
        why: "The adapter refuses such a webhook, or the upstream refuses the record.",
        good: "severity = { value = \"{priority}\", lookup = { P1 = \"critical\", default = \"warning\" } }",
    },
];
