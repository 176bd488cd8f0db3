//! SOQL: `SELECT fields FROM object [WHERE …] [ORDER BY …] [LIMIT n] [OFFSET n]`.
//!
//! Conditions compare one field with a literal and are joined by AND, OR, NOT and parentheses. What is not known here
//! is refused as a malformed query, never ignored.

use super::records::Record;
use crate::complaint::Complaint;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// A query that was read.
pub struct Query {
    pub kind: String,
    fields: Vec<String>,
    count_only: bool,
    condition: Option<Condition>,
    order: Vec<(String, bool)>,
    limit: Option<usize>,
    offset: usize,
}

/// What a query found.
pub struct Found {
    pub total: usize,
    pub records: Vec<Value>,
}

enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare(String, Operator, Vec<Value>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
    In,
    NotIn,
}

const DEEPEST: usize = 32;

impl Query {
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let mut reader = Reader { tokens: tokens(text)?, next: 0, depth: 0 };
        reader.expect("SELECT")?;
        let mut fields = Vec::new();
        let mut count_only = false;
        loop {
            let name = reader.word()?;
            if name.eq_ignore_ascii_case("COUNT") && reader.take("(") {
                reader.expect(")")?;
                count_only = true;
            } else {
                fields.push(name);
            }
            if !reader.take(",") {
                break;
            }
        }
        reader.expect("FROM")?;
        let kind = reader.word()?;
        let condition = if reader.take("WHERE") { Some(reader.either()?) } else { None };
        let mut order = Vec::new();
        if reader.take("ORDER") {
            reader.expect("BY")?;
            loop {
                let field = reader.word()?;
                let descending = reader.take("DESC");
                if !descending {
                    reader.take("ASC");
                }
                if reader.take("NULLS") && !reader.take("FIRST") {
                    reader.expect("LAST")?;
                }
                order.push((field, descending));
                if !reader.take(",") {
                    break;
                }
            }
        }
        let limit = if reader.take("LIMIT") { Some(reader.number()?) } else { None };
        let offset = if reader.take("OFFSET") { reader.number()? } else { 0 };
        match reader.tokens.get(reader.next) {
            None => Ok(Self { kind, fields, count_only, condition, order, limit, offset }),
            Some(token) => Err(Complaint::new(format!("unexpected token: '{}'", token.text()))),
        }
    }

    pub fn run<'a>(&self, records: impl Iterator<Item = &'a Record>) -> Found {
        let all: Vec<&Record> = records.collect();
        let of_kind = all.iter().copied().filter(|record| record.kind.name.eq_ignore_ascii_case(&self.kind));
        let mut found: Vec<&Record> =
            of_kind.filter(|record| self.condition.as_ref().is_none_or(|condition| condition.holds(record))).collect();
        for (field, descending) in self.order.iter().rev() {
            found.sort_by(|left, right| {
                let order = compare(&value(left, field), &value(right, field));
                if *descending { order.reverse() } else { order }
            });
        }
        let found: Vec<&Record> = found.into_iter().skip(self.offset).take(self.limit.unwrap_or(usize::MAX)).collect();
        if self.count_only {
            return Found { total: found.len(), records: Vec::new() };
        }
        let records: Vec<Value> = found.iter().map(|record| self.shown(record, &all)).collect();
        Found { total: records.len(), records }
    }

    /// Whether the condition asks for records whose field is this text.
    pub fn asks_for(&self, field: &str, text: &str) -> bool {
        self.condition.as_ref().is_some_and(|condition| condition.asks_for(field, text))
    }

    fn shown(&self, record: &Record, all: &[&Record]) -> Value {
        let mut object = json!({ "attributes": record.attributes() });
        for field in &self.fields {
            show(&mut object, record, field, all);
        }
        object
    }
}

/// Puts a field into what is answered. One of a parent record (`Account.Name`) stands in an object for the parent, which
/// is null if there is none.
fn show(object: &mut Value, record: &Record, field: &str, all: &[&Record]) {
    let Some((relation, rest)) = field.split_once('.') else {
        object[record.kind.field_name(field).unwrap_or_else(|| field.to_owned())] = value(record, field);
        return;
    };
    let Some(parent) = parent(record, relation, all) else {
        object[relation] = Value::Null;
        return;
    };
    if !object[relation].is_object() {
        object[relation] = json!({ "attributes": parent.attributes() });
    }
    show(&mut object[relation], parent, rest, all);
}

/// The record that a relation leads to: `Account` by the field `AccountId`, `Plan__r` by `Plan__c`.
fn parent<'a>(record: &Record, relation: &str, all: &[&'a Record]) -> Option<&'a Record> {
    let field = relation.strip_suffix("__r").map_or_else(|| format!("{relation}Id"), |stem| format!("{stem}__c"));
    let held = value(record, &field);
    let id = held.as_str()?.get(..15)?;
    all.iter().copied().find(|record| record.id.starts_with(id))
}

fn value(record: &Record, field: &str) -> Value {
    record.field(&record.kind.field_name(field).unwrap_or_else(|| field.to_owned()))
}

impl Condition {
    fn asks_for(&self, field: &str, text: &str) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.asks_for(field, text)),
            Self::Compare(name, Operator::Equal | Operator::In, wanted) if name.eq_ignore_ascii_case(field) => {
                wanted.iter().filter_map(Value::as_str).any(|wanted| wanted.eq_ignore_ascii_case(text))
            }
            Self::Not(_) | Self::Compare(..) => false,
        }
    }

    fn holds(&self, record: &Record) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(record)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(record)),
            Self::Not(part) => !part.holds(record),
            Self::Compare(field, operator, wanted) => {
                let held = value(record, field);
                let order = |wanted: &Value| compare(&held, wanted);
                let present = !held.is_null();
                let equal = |wanted: &Value| held.is_null() == wanted.is_null() && order(wanted).is_eq();
                match operator {
                    Operator::Equal => equal(&wanted[0]),
                    Operator::NotEqual => !equal(&wanted[0]),
                    Operator::Less => present && order(&wanted[0]).is_lt(),
                    Operator::LessOrEqual => present && order(&wanted[0]).is_le(),
                    Operator::Greater => present && order(&wanted[0]).is_gt(),
                    Operator::GreaterOrEqual => present && order(&wanted[0]).is_ge(),
                    Operator::Like => present && like(&text(&held), &text(&wanted[0])),
                    Operator::In => wanted.iter().any(equal),
                    Operator::NotIn => !wanted.iter().any(equal),
                }
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_lowercase)
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => text(left).cmp(&text(right)),
    }
}

/// `%` stands for any text, `_` for one character.
fn like(held: &str, pattern: &str) -> bool {
    let held: Vec<char> = held.chars().collect();
    // For each prefix of the pattern: which prefixes of the text it covers.
    let mut covered = vec![false; held.len() + 1];
    covered[0] = true;
    for wanted in pattern.chars() {
        let before = covered.clone();
        if wanted == '%' {
            for index in 1..=held.len() {
                covered[index] = covered[index - 1] || before[index];
            }
        } else {
            covered[0] = false;
            for index in 1..=held.len() {
                covered[index] = before[index - 1] && (wanted == '_' || wanted == held[index - 1]);
            }
        }
    }
    covered[held.len()]
}

enum Token {
    Word(String),
    Text(String),
    Symbol(&'static str),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Text(text) => text,
            Self::Symbol(text) => text,
        }
    }
}

const SYMBOLS: [&str; 10] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","];

fn tokens(query: &str) -> Result<Vec<Token>, Complaint> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            let mut text = String::new();
            let mut characters = rest.char_indices().skip(1);
            let end = loop {
                match characters.next() {
                    None => return Err(Complaint::new("unterminated string literal")),
                    Some((index, '\'')) => break index + 1,
                    Some((_, '\\')) => text.extend(characters.next().map(|(_, escaped)| escaped)),
                    Some((_, character)) => text.push(character),
                }
            };
            tokens.push(Token::Text(text));
            rest = &rest[end..];
        } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            tokens.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || "_.:-+".contains(c))).unwrap_or(rest.len());
            if end == 0 {
                return Err(Complaint::new(format!("unexpected token: '{first}'")));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Reader {
    fn take(&mut self, wanted: &str) -> bool {
        let taken = match self.tokens.get(self.next) {
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
            Some(Token::Symbol(symbol)) => *symbol == wanted,
            Some(Token::Text(_)) | None => false,
        };
        self.next += usize::from(taken);
        taken
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Complaint> {
        if self.take(wanted) {
            return Ok(());
        }
        Err(Complaint::new(self.tokens.get(self.next).map_or_else(
            || format!("unexpected end of query, expecting '{wanted}'"),
            |token| format!("unexpected token: '{}', expecting '{wanted}'", token.text()),
        )))
    }

    fn word(&mut self) -> Result<String, Complaint> {
        match self.tokens.get(self.next) {
            Some(Token::Word(word)) => {
                self.next += 1;
                Ok(word.clone())
            }
            Some(token) => Err(Complaint::new(format!("unexpected token: '{}'", token.text()))),
            None => Err(Complaint::new("unexpected end of query")),
        }
    }

    fn number(&mut self) -> Result<usize, Complaint> {
        let word = self.word()?;
        word.parse().map_err(|_| Complaint::new(format!("unexpected token: '{word}'")))
    }

    fn either(&mut self) -> Result<Condition, Complaint> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Complaint::new("the query is nested too deeply"));
        }
        let first = self.one()?;
        let mut parts = vec![first];
        let or = self.take("OR");
        if or || self.take("AND") {
            let joint = if or { "OR" } else { "AND" };
            loop {
                parts.push(self.one()?);
                if !self.take(joint) {
                    break;
                }
            }
        }
        self.depth -= 1;
        Ok(if or { Condition::Or(parts) } else { Condition::And(parts) })
    }

    fn one(&mut self) -> Result<Condition, Complaint> {
        if self.take("NOT") {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(Complaint::new("the query is nested too deeply"));
            }
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.take("(") {
            let inner = self.either()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let field = self.word()?;
        let operator = self.operator()?;
        if matches!(operator, Operator::In | Operator::NotIn) {
            self.expect("(")?;
            let mut values = vec![self.literal()?];
            while self.take(",") {
                values.push(self.literal()?);
            }
            self.expect(")")?;
            return Ok(Condition::Compare(field, operator, values));
        }
        Ok(Condition::Compare(field, operator, vec![self.literal()?]))
    }

    fn operator(&mut self) -> Result<Operator, Complaint> {
        for (word, operator) in [
            ("=", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<>", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
            ("LIKE", Operator::Like),
            ("IN", Operator::In),
        ] {
            if self.take(word) {
                return Ok(operator);
            }
        }
        self.expect("NOT")?;
        self.expect("IN")?;
        Ok(Operator::NotIn)
    }

    fn literal(&mut self) -> Result<Value, Complaint> {
        if let Some(Token::Text(text)) = self.tokens.get(self.next) {
            self.next += 1;
            return Ok(text.as_str().into());
        }
        let word = self.word()?;
        match word.to_ascii_lowercase().as_str() {
            "null" => return Ok(Value::Null),
            "true" => return Ok(true.into()),
            "false" => return Ok(false.into()),
            _ => {}
        }
        if let Ok(number) = word.parse::<f64>() {
            return Ok(json!(number));
        }
        // A date or a time stands without quotes.
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            Ok(word.into())
        } else {
            Err(Complaint::new(format!("unexpected token: '{word}'")))
        }
    }
}
