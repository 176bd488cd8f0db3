//! `filterByFormula`: reads a formula and says which records it holds for.
//!
//! Facts: support.airtable.com (formula field reference). Fields that no record has are blank. What is not known
//! here is refused by name, never ignored.

use super::fields::Fields;
use crate::call::time_text;
use crate::complaint::Complaint;
use serde_json::Value;
use time::OffsetDateTime;

/// A formula that was read.
pub struct Formula(Expression);

enum Expression {
    Text(String),
    Number(f64),
    Field(String),
    Call(String, Vec<Expression>),
    Compare(&'static str, Box<Expression>, Box<Expression>),
    Join(Box<Expression>, Box<Expression>),
}

/// What an expression comes to.
#[derive(Clone)]
enum Term {
    Blank,
    Text(String),
    Number(f64),
    Bool(bool),
}

const FUNCTIONS: [&str; 14] = [
    "AND",
    "BLANK",
    "CREATED_TIME",
    "FALSE",
    "FIND",
    "IF",
    "LEN",
    "LOWER",
    "NOT",
    "OR",
    "RECORD_ID",
    "SEARCH",
    "TRIM",
    "TRUE",
];
/// Deepest nesting that is read.
const DEEPEST: usize = 64;

impl Formula {
    pub fn parse(text: &str) -> Result<Self, Complaint> {
        let mut reader = Reader { rest: text, depth: 0 };
        let expression = reader.comparison()?;
        reader.skip_space();
        if reader.rest.is_empty() {
            Ok(Self(expression))
        } else {
            Err(Complaint::new(format!("unexpected `{}`", reader.next_word())))
        }
    }

    pub fn holds(&self, id: &str, created: OffsetDateTime, fields: &Fields) -> Result<bool, Complaint> {
        Ok(truth(&evaluate(&self.0, &Row { id, created, fields })?))
    }
}

struct Row<'a> {
    id: &'a str,
    created: OffsetDateTime,
    fields: &'a Fields,
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        self.rest.strip_prefix(token).map(|rest| self.rest = rest).is_some()
    }

    fn next_word(&self) -> String {
        self.rest.chars().take(20).collect()
    }

    fn comparison(&mut self) -> Result<Expression, Complaint> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Complaint::new("the formula is nested too deeply"));
        }
        let left = self.joined()?;
        let operator = ["!=", "<=", ">=", "=", "<", ">"].into_iter().find(|operator| self.take(operator));
        let expression = match operator {
            None => left,
            Some(operator) => Expression::Compare(operator, Box::new(left), Box::new(self.joined()?)),
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn joined(&mut self) -> Result<Expression, Complaint> {
        let mut left = self.operand()?;
        while self.take("&") {
            left = Expression::Join(Box::new(left), Box::new(self.operand()?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, Complaint> {
        self.skip_space();
        let first = self.rest.chars().next().ok_or_else(|| Complaint::new("the formula ends too early"))?;
        match first {
            '(' => {
                self.rest = &self.rest[1..];
                let inner = self.comparison()?;
                if self.take(")") { Ok(inner) } else { Err(Complaint::new("a closing parenthesis is missing")) }
            }
            '\'' | '"' => self.text(first),
            '{' => {
                let (name, rest) =
                    self.rest[1..].split_once('}').ok_or_else(|| Complaint::new("a closing brace is missing"))?;
                self.rest = rest;
                Ok(Expression::Field(name.to_owned()))
            }
            '0'..='9' | '-' | '.' => {
                let end =
                    self.rest[1..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(self.rest.len(), |i| i + 1);
                let (digits, rest) = self.rest.split_at(end);
                self.rest = rest;
                digits
                    .parse()
                    .map(Expression::Number)
                    .map_err(|_| Complaint::new(format!("`{digits}` is not a number")))
            }
            _ => self.name(),
        }
    }

    fn text(&mut self, quote: char) -> Result<Expression, Complaint> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((index, character)) = characters.next() {
            match character {
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                _ if character == quote => {
                    self.rest = &self.rest[index + character.len_utf8()..];
                    return Ok(Expression::Text(text));
                }
                _ => text.push(character),
            }
        }
        Err(Complaint::new("a closing quote is missing"))
    }

    /// A function with its arguments, or a field whose name is one word.
    fn name(&mut self) -> Result<Expression, Complaint> {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        if end == 0 {
            return Err(Complaint::new(format!("unexpected `{}`", self.next_word())));
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        if !self.take("(") {
            return Ok(Expression::Field(name.to_owned()));
        }
        let function = name.to_ascii_uppercase();
        if !FUNCTIONS.contains(&function.as_str()) {
            return Err(Complaint::new(format!("the simulated Airtable does not know the function {function}")));
        }
        let mut arguments = Vec::new();
        if self.take(")") {
            return Ok(Expression::Call(function, arguments));
        }
        loop {
            arguments.push(self.comparison()?);
            if self.take(")") {
                return Ok(Expression::Call(function, arguments));
            }
            if !self.take(",") {
                return Err(Complaint::new("a closing parenthesis is missing"));
            }
        }
    }
}

fn evaluate(expression: &Expression, row: &Row<'_>) -> Result<Term, Complaint> {
    Ok(match expression {
        Expression::Text(text) => Term::Text(text.clone()),
        Expression::Number(number) => Term::Number(*number),
        Expression::Field(name) => row.fields.get(name).map_or(Term::Blank, term),
        Expression::Join(left, right) => Term::Text(text(&evaluate(left, row)?) + &text(&evaluate(right, row)?)),
        Expression::Compare(operator, left, right) => {
            Term::Bool(compare(operator, &evaluate(left, row)?, &evaluate(right, row)?))
        }
        Expression::Call(name, arguments) => {
            let given = arguments.iter().map(|argument| evaluate(argument, row)).collect::<Result<Vec<_>, _>>()?;
            function(name, &given, row)?
        }
    })
}

fn function(name: &str, given: &[Term], row: &Row<'_>) -> Result<Term, Complaint> {
    Ok(match (name, given) {
        ("AND", [_, ..]) => Term::Bool(given.iter().all(truth)),
        ("OR", [_, ..]) => Term::Bool(given.iter().any(truth)),
        ("NOT", [one]) => Term::Bool(!truth(one)),
        ("TRUE", []) => Term::Bool(true),
        ("FALSE", []) => Term::Bool(false),
        ("BLANK", []) => Term::Blank,
        ("RECORD_ID", []) => Term::Text(row.id.to_owned()),
        ("CREATED_TIME", []) => Term::Text(time_text(row.created)),
        ("LOWER", [one]) => Term::Text(text(one).to_lowercase()),
        ("TRIM", [one]) => Term::Text(text(one).trim().to_owned()),
        ("LEN", [one]) => Term::Number(count(text(one).chars())),
        ("IF", [condition, then]) => {
            if truth(condition) {
                then.clone()
            } else {
                Term::Blank
            }
        }
        ("IF", [condition, then, otherwise]) => if truth(condition) { then } else { otherwise }.clone(),
        ("FIND" | "SEARCH", [wanted, within]) => {
            let (wanted, within) = (text(wanted), text(within));
            let (wanted, within) =
                if name == "SEARCH" { (wanted.to_lowercase(), within.to_lowercase()) } else { (wanted, within) };
            // Positions count from 1; 0 means that the text does not occur.
            Term::Number(within.find(&wanted).map_or(0.0, |index| count(within[..index].chars()) + 1.0))
        }
        _ => return Err(Complaint::new(format!("wrong number of arguments for {name}"))),
    })
}

fn count(items: impl Iterator) -> f64 {
    u32::try_from(items.count()).map_or(f64::from(u32::MAX), f64::from)
}

fn term(value: &Value) -> Term {
    match value {
        Value::Null => Term::Blank,
        Value::Bool(given) => Term::Bool(*given),
        Value::Number(number) => Term::Number(number.as_f64().unwrap_or_default()),
        Value::String(given) => Term::Text(given.clone()),
        Value::Array(items) => Term::Text(items.iter().map(|item| text(&term(item))).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => Term::Text(value["name"].as_str().unwrap_or_default().to_owned()),
    }
}

fn text(term: &Term) -> String {
    match term {
        Term::Blank => String::new(),
        Term::Text(text) => text.clone(),
        Term::Number(number) => number.to_string(),
        Term::Bool(given) => u8::from(*given).to_string(),
    }
}

fn truth(term: &Term) -> bool {
    match term {
        Term::Blank => false,
        Term::Text(text) => !text.is_empty(),
        Term::Number(number) => *number != 0.0,
        Term::Bool(given) => *given,
    }
}

fn compare(operator: &str, left: &Term, right: &Term) -> bool {
    let number = |term: &Term| match term {
        Term::Number(number) => Some(*number),
        Term::Bool(given) => Some(f64::from(u8::from(*given))),
        Term::Blank | Term::Text(_) => None,
    };
    let order = match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        _ => text(left).cmp(&text(right)),
    };
    match operator {
        "=" => order.is_eq(),
        "!=" => order.is_ne(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }
}
