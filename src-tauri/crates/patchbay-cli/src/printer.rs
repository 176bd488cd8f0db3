//! What goes to stdout and stderr. stdout is data only; people's words go to stderr.

use patchbay_app::wire::error::WireError;
use serde::Serialize;
use std::io::Write as _;

/// Writes answers and errors as text or as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    json: bool,
}

impl Printer {
    /// For `--json` or for people.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether `--json` was given.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// The one answer of a command: the document with `--json`, the text otherwise.
    pub fn answer(self, document: &impl Serialize, text: &str) {
        let mut out = std::io::stdout().lock();
        let written = if self.json {
            serde_json::to_writer(&mut out, document).map_err(std::io::Error::from).and_then(|()| writeln!(out))
        } else if text.is_empty() {
            Ok(())
        } else {
            writeln!(out, "{}", text.trim_end())
        };
        // A reader that closed the pipe (`| head`) has seen what it wanted.
        drop(written.and_then(|()| out.flush()));
    }

    /// One line of a stream: a JSON line with `--json`, the text otherwise.
    pub fn line(self, document: &impl Serialize, text: &str) {
        self.answer(document, text);
    }

    /// Exact bytes, for another program.
    pub fn bytes(bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        drop(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Something a person should know while it happens; nothing with `--json`.
    pub fn say(self, text: &str) {
        if !self.json {
            drop(writeln!(std::io::stderr().lock(), "{text}"));
        }
    }

    /// An error, its causes and its hints, on stderr.
    pub fn error(self, error: &WireError) {
        let mut out = std::io::stderr().lock();
        if self.json {
            let document = serde_json::json!({ "error": error });
            drop(writeln!(out, "{document}"));
            return;
        }
        drop(writeln!(out, "error: {}", error.message));
        for cause in &error.causes {
            drop(writeln!(out, "caused by: {cause}"));
        }
        for hint in &error.hints {
            drop(writeln!(out, "hint: {hint}"));
        }
    }
}

/// A diff, coloured by how its lines begin where a terminal shows it and `NO_COLOR` does not forbid it.
pub fn diff(text: &str, on_terminal: bool) -> String {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if !on_terminal || forbidden {
        return text.to_owned();
    }
    let coloured = |line: &str| {
        let colour = match line.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => "1",
            [b'-', ..] => "31",
            [b'+', ..] => "32",
            [b'@', b'@', ..] => "36",
            _ => return format!("{line}\n"),
        };
        format!("\u{1b}[{colour}m{line}\u{1b}[0m\n")
    };
    text.lines().map(coloured).collect()
}
