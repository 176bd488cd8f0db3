//! Which deliveries to find, and the question to `SQLite` that finds them.
//!
//! Every condition but time is a word of the index, so one walk through its lists, newest first, answers any combination:
//! no combination needs an index of its own, and a rare one is not looked for row by row.

use super::text::{self, Mark};
use crate::error::ReplayError;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::fmt::Write as _;
use std::str::FromStr;
use time::OffsetDateTime;

/// Deliveries of one millisecond that keep the order of their time exactly.
pub(super) const PER_MILLISECOND: i64 = 64;
/// Characters that a beginning of a word has at least.
const SHORTEST_START: usize = 3;
/// Words that are asked for one by one.
const FEW: usize = 40;
/// The last millisecond that a sequence has room for, in the year 2255.
const LAST_MILLISECOND: i64 = 9_000_000_000_000;

/// Which deliveries to find: those that meet every condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Only this tenant's.
    pub tenant: Option<String>,
    /// Only this adapter's.
    pub adapter: Option<String>,
    /// Only ones that were answered so.
    pub status: Option<StatusFilter>,
    /// Sent then or later.
    pub since: Option<OffsetDateTime>,
    /// Sent then or earlier.
    pub until: Option<OffsetDateTime>,
    /// Only this event's, by the provider's id.
    pub event_id: Option<String>,
    /// Words that all stand somewhere in the delivery; one that ends in `*` begins a word that does.
    pub text: Option<String>,
    /// Only this run's.
    pub run: Option<String>,
    /// Only ones that come after this delivery in the list: the last one of the page before.
    pub before: Option<String>,
    /// At most so many; `None` for all.
    pub limit: Option<u32>,
}

/// How a delivery was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusFilter {
    /// With this status.
    Exactly(u16),
    /// With a status of this hundred: 4 for 400 to 499.
    Class(u8),
    /// Not at all: the connection ended or the wait did.
    NoAnswer,
    /// Not yet.
    Received,
}

impl FromStr for StatusFilter {
    type Err = ReplayError;

    fn from_str(given: &str) -> Result<Self, ReplayError> {
        let refused = || ReplayError::StatusFilter { given: given.to_owned() };
        match given.to_ascii_lowercase().as_str() {
            "none" => Ok(Self::NoAnswer),
            "received" => Ok(Self::Received),
            class if class.len() == 3 && class.ends_with("xx") => match class.as_bytes()[0] {
                digit @ b'1'..=b'5' => Ok(Self::Class(digit - b'0')),
                _ => Err(refused()),
            },
            status => match status.parse() {
                Ok(status) if (100..=599).contains(&status) => Ok(Self::Exactly(status)),
                _ => Err(refused()),
            },
        }
    }
}

/// A query as SQL: what follows `FROM`, and its values.
pub(super) struct Question {
    pub(super) from: String,
    pub(super) values: Vec<Value>,
}

impl Question {
    /// `before` is the sequence that the deliveries have to be below.
    pub(super) fn new(connection: &Connection, query: &HistoryQuery, before: Option<i64>) -> Result<Self, ReplayError> {
        let mut conditions = Conditions::default();
        conditions.equal("tenant", Mark::Tenant, query.tenant.as_deref());
        conditions.equal("adapter", Mark::Adapter, query.adapter.as_deref());
        conditions.equal("run", Mark::Run, query.run.as_deref());
        conditions.equal("event_id", Mark::Event, query.event_id.as_deref());
        match query.status {
            None => {}
            Some(StatusFilter::Exactly(status)) => conditions.word(&Mark::Status.word(&status.to_string())),
            Some(StatusFilter::Class(class)) => conditions.word(&Mark::StatusClass.word(&class.to_string())),
            Some(StatusFilter::NoAnswer) => conditions.word(&Mark::StatusClass.word("none")),
            Some(StatusFilter::Received) => conditions.word(&Mark::StatusClass.word("received")),
        }
        if let Some(given) = &query.text {
            conditions.text(connection, given)?;
        }
        Ok(conditions.question(query, before))
    }
}

#[derive(Default)]
struct Conditions {
    /// Terms of the index's own language.
    words: Vec<String>,
    rest: Vec<&'static str>,
    values: Vec<Value>,
}

impl Conditions {
    fn equal(&mut self, column: &'static str, mark: Mark, value: Option<&str>) {
        if let Some(value) = value {
            self.word(&mark.word(value));
            self.rest.push(match column {
                "tenant" => "d.tenant = ?",
                "adapter" => "d.adapter = ?",
                "run" => "d.run = ?",
                _ => "d.event_id = ?",
            });
            self.values.push(value.to_owned().into());
        }
    }

    fn word(&mut self, word: &str) {
        self.words.push(format!("\"{word}\""));
    }

    fn text(&mut self, connection: &Connection, given: &str) -> Result<(), ReplayError> {
        let before = self.words.len();
        for piece in given.split_whitespace() {
            let mut words: Vec<String> = text::words(piece).collect();
            let start = if piece.ends_with('*') { words.pop() } else { None };
            for word in &words {
                self.word(word);
            }
            if let Some(start) = start {
                if start.chars().count() < SHORTEST_START {
                    return Err(ReplayError::ShortStart { given: piece.to_owned() });
                }
                self.start_of_word(connection, &start)?;
            }
        }
        if self.words.len() == before { Err(ReplayError::NoWords { given: given.to_owned() }) } else { Ok(()) }
    }

    /// A few words that begin so are asked for one by one, because the index walks a word's list and stops when the page is
    /// full; for the beginning of a word it reads all lists to their ends first. Many words are rare ones with short lists.
    fn start_of_word(&mut self, connection: &Connection, start: &str) -> Result<(), ReplayError> {
        let known =
            words_with(connection, start, FEW).map_err(|source| ReplayError::History { operation: "read", source })?;
        self.words.push(match known.len() {
            1..FEW => format!("({})", known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" OR ")),
            _ => format!("\"{start}\"*"),
        });
        Ok(())
    }

    fn question(mut self, query: &HistoryQuery, before: Option<i64>) -> Question {
        let (mut from, place) = if self.words.is_empty() {
            (String::from("deliveries d WHERE true"), "d.sequence")
        } else {
            self.values.insert(0, self.words.join(" AND ").into());
            (
                String::from("words CROSS JOIN deliveries d ON d.sequence = words.rowid WHERE words MATCH ?"),
                "words.rowid",
            )
        };
        for condition in self.rest {
            from.push_str(" AND ");
            from.push_str(condition);
        }
        let bounds = [
            (">=", query.since.map(first_sequence)),
            ("<=", query.until.map(|until| first_sequence(until) + (PER_MILLISECOND - 1))),
            ("<", before),
        ];
        for (comparison, bound) in bounds {
            if let Some(bound) = bound {
                let _ = write!(from, " AND {place} {comparison} ?");
                self.values.push(bound.into());
            }
        }
        let _ = write!(from, " ORDER BY {place} DESC");
        Question { from, values: self.values }
    }
}

/// The words of the index that begin so, at most `limit`.
fn words_with(connection: &Connection, start: &str, limit: usize) -> rusqlite::Result<Vec<String>> {
    let end = format!("{start}{}", char::MAX);
    connection
        .prepare_cached("SELECT term FROM temp.vocabulary WHERE term >= ? AND term <= ?")?
        .query_map([start, &end], |row| row.get(0))?
        .take(limit)
        .collect()
}

/// Milliseconds since 1970, within what a sequence has room for.
pub(super) fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).unwrap_or(i64::MAX).clamp(0, LAST_MILLISECOND)
}

/// The first sequence of a millisecond.
pub(super) fn first_sequence(time: OffsetDateTime) -> i64 {
    milliseconds(time) * PER_MILLISECOND
}
