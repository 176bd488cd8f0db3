//! Splits a command into words as a POSIX shell does, `$'…'` of bash included, and runs nothing.

use super::error::SampleTextError;
use patchbay_core::Position;
use std::borrow::Cow;

/// A word and where it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub position: Position,
}

/// The words of one command.
pub fn split(text: &str) -> Result<Vec<Word>, SampleTextError> {
    let mut reader = Reader { rest: text, position: Position { line: 1, column: 1 } };
    let mut words = Vec::new();
    loop {
        while let Some(character) = reader.peek() {
            if character.is_whitespace() || character == '\u{feff}' {
                reader.next();
            } else if !reader.skip_continuation() {
                break;
            }
        }
        if reader.peek().is_none() {
            return Ok(words);
        }
        let position = reader.position;
        words.push(Word { text: reader.word()?, position });
    }
}

struct Reader<'a> {
    rest: &'a str,
    position: Position,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = &self.rest[character.len_utf8()..];
        if character == '\n' {
            self.position = Position { line: self.position.line + 1, column: 1 };
        } else {
            self.position.column += if character.len_utf16() == 2 { 2 } else { 1 };
        }
        Some(character)
    }

    /// A backslash at the end of a line joins it with the next.
    fn skip_continuation(&mut self) -> bool {
        let length = ["\\\r\n", "\\\n"].iter().find(|end| self.rest.starts_with(**end)).map_or(0, |end| end.len());
        for _ in 0..length {
            self.next();
        }
        length > 0
    }

    fn word(&mut self) -> Result<String, SampleTextError> {
        let mut word = String::new();
        while let Some(character) = self.peek() {
            let start = self.position;
            if character.is_whitespace() {
                break;
            }
            if self.skip_continuation() {
                continue;
            }
            self.next();
            match character {
                '\'' => self.single_quoted(start, &mut word)?,
                '"' => self.double_quoted(start, &mut word)?,
                '$' if self.peek() == Some('\'') => {
                    self.next();
                    self.ansi_quoted(start, &mut word)?;
                }
                '\\' => word.extend(self.next()),
                '^' if matches!(self.peek(), Some('"' | '\n' | '\r')) => {
                    return Err(problem(
                        start,
                        "`^` escapes for the Windows command prompt; copy the command for bash",
                    ));
                }
                '|' | ';' | '&' | '<' | '>' => {
                    return Err(problem(
                        start,
                        format!("outside of quotes, `{character}` ends the command in a shell"),
                    ));
                }
                '`' => return Err(problem(start, "a command inside the command is not run")),
                '$' if self
                    .peek()
                    .is_some_and(|next| next == '(' || next == '{' || next.is_alphabetic() || next == '_') =>
                {
                    return Err(problem(start, "the value of a variable is not known; write it out"));
                }
                _ => word.push(character),
            }
        }
        Ok(word)
    }

    fn single_quoted(&mut self, start: Position, word: &mut String) -> Result<(), SampleTextError> {
        loop {
            match self.next() {
                None => return Err(problem(start, "the quote `'` is never closed")),
                Some('\'') => return Ok(()),
                Some(character) => word.push(character),
            }
        }
    }

    fn double_quoted(&mut self, start: Position, word: &mut String) -> Result<(), SampleTextError> {
        loop {
            let at = self.position;
            if self.skip_continuation() {
                continue;
            }
            match self.next() {
                None => return Err(problem(start, "the quote `\"` is never closed")),
                Some('"') => return Ok(()),
                Some('\\') => match self.peek() {
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => {
                        self.next();
                        word.push(escaped);
                    }
                    _ => word.push('\\'),
                },
                Some('`') => return Err(problem(at, "a command inside the command is not run")),
                Some('$')
                    if self
                        .peek()
                        .is_some_and(|next| next == '(' || next == '{' || next.is_alphabetic() || next == '_') =>
                {
                    return Err(problem(at, "the value of a variable is not known; write it out"));
                }
                Some(character) => word.push(character),
            }
        }
    }

    /// `$'…'`, as browsers write text with quotes and control characters.
    fn ansi_quoted(&mut self, start: Position, word: &mut String) -> Result<(), SampleTextError> {
        loop {
            let at = self.position;
            match self.next() {
                None => return Err(problem(start, "the quote `$'` is never closed")),
                Some('\'') => return Ok(()),
                Some('\\') => match self.next() {
                    None => return Err(problem(start, "the quote `$'` is never closed")),
                    Some('n') => word.push('\n'),
                    Some('r') => word.push('\r'),
                    Some('t') => word.push('\t'),
                    Some('u') => self.code_point(at, 4, word)?,
                    Some('U') => self.code_point(at, 8, word)?,
                    Some('x') => self.code_point(at, 2, word)?,
                    Some(literal @ ('\\' | '\'' | '"' | '?')) => word.push(literal),
                    Some(other) => return Err(problem(at, format!("the escape `\\{other}` is not known"))),
                },
                Some(character) => word.push(character),
            }
        }
    }

    fn code_point(&mut self, at: Position, most: usize, word: &mut String) -> Result<(), SampleTextError> {
        let mut unit = self.hexadecimal(most);
        // Browsers write characters outside the basic plane as a pair of surrogates.
        if let Some(high @ 0xd800..0xdc00) = unit
            && self.rest.starts_with("\\u")
        {
            self.next();
            self.next();
            let low = self.hexadecimal(4).filter(|low| (0xdc00..0xe000).contains(low));
            unit = low.map(|low| 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
        }
        // A byte above 127 is part of a character that only its neighbours complete.
        let character = unit.filter(|unit| most > 2 || *unit < 0x80).and_then(char::from_u32);
        word.push(character.ok_or_else(|| problem(at, "the escape does not stand for a character"))?);
        Ok(())
    }

    fn hexadecimal(&mut self, most: usize) -> Option<u32> {
        let digits: String = self.rest.chars().take(most).take_while(char::is_ascii_hexdigit).collect();
        for _ in 0..digits.len() {
            self.next();
        }
        u32::from_str_radix(&digits, 16).ok()
    }
}

pub fn problem(position: Position, problem: impl Into<Cow<'static, str>>) -> SampleTextError {
    SampleTextError::Curl { position, problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use super::split;

    fn words(text: &str) -> Vec<String> {
        split(text).expect(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        for (text, expected) in [
            ("a 'b c' \"d e\"", vec!["a", "b c", "d e"]),
            ("a'b'\"c\"d ''", vec!["abcd", ""]),
            ("a \\\n  b\\\r\n c", vec!["a", "b", "c"]),
            (r#"'it'\''s' "a\"b\\c\d""#, vec!["it's", r#"a"b\c\d"#]),
            (r"$'a\n\u0021\'\ud83d\ude80\x41\\'", vec!["a\n!'🚀A\\"]),
            ("größe 5$ a$1", vec!["größe", "5$", "a$1"]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_a_shell_would_run_or_replace_is_refused_where_it_stands() {
        for (text, expected) in [
            ("curl 'http", "line 1, column 6: the quote `'` is never closed"),
            ("curl \\\n  \"x", "line 2, column 3: the quote `\"` is never closed"),
            ("curl a?b=1&c=2", "line 1, column 11: outside of quotes, `&` ends the command in a shell"),
            ("curl $(id)", "line 1, column 6: the value of a variable is not known; write it out"),
            ("curl \"é$TOKEN\"", "line 1, column 8: the value of a variable is not known; write it out"),
            ("curl `id`", "line 1, column 6: a command inside the command is not run"),
            ("curl ^\"http", "line 1, column 6: `^` escapes for the Windows command prompt; copy the command for bash"),
            (r"curl $'\ud83d'", "line 1, column 8: the escape does not stand for a character"),
            (r"curl $'\xe9'", "line 1, column 8: the escape does not stand for a character"),
            (r"curl $'\z'", "line 1, column 8: the escape `\\z` is not known"),
        ] {
            let error = split(text).expect_err(text).to_string();
            assert_eq!(error, format!("The curl command cannot be read at {expected}"));
        }
    }
}
