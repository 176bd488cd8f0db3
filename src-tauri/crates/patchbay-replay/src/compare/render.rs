//! A comparison as people read it in a terminal: one block a delivery, `-` and `+` lines with paths. No colour: who shows
//! it can tell by how a line begins.

use super::{Change, ChangeKind, Comparison, Pair};
use serde_json::Value;

/// Characters of a value that are shown.
const SHOWN: usize = 300;

/// The comparison as text; every line ends with a line break. `before` and `after` say what the two sides are.
pub fn text(comparison: &Comparison, before: &str, after: &str) -> String {
    let mut out = Text(String::new());
    out.line(&format!("--- {before}"));
    out.line(&format!("+++ {after}"));
    for (name, delivery) in &comparison.only_before {
        out.line(&format!("- {name} (delivery {delivery})"));
    }
    for (name, delivery) in &comparison.only_after {
        out.line(&format!("+ {name} (delivery {delivery})"));
    }
    for pair in comparison.pairs.iter().filter(|pair| !pair.changes.is_empty() || pair.unseen.is_some()) {
        out.pair(pair);
    }
    out.summary(comparison);
    out.0
}

struct Text(String);

impl Text {
    fn line(&mut self, text: &str) {
        self.0.extend([text, "\n"]);
    }

    fn pair(&mut self, pair: &Pair) {
        self.line(&format!("@@ {} · {} → {} @@", pair.name, pair.before, pair.after));
        let mut call = None;
        for change in &pair.changes {
            if change.call.is_some() && change.call != call && !is_whole_call(change) {
                self.line(&format!("  {}", change.call.as_deref().unwrap_or_default()));
            }
            call.clone_from(&change.call);
            self.change(change);
        }
        if let Some(unseen) = &pair.unseen {
            self.line(&format!("  {unseen}"));
        }
        if !pair.varies.is_empty() {
            let count = pair.varies.len();
            let (values, vary) = if count == 1 { ("value", "varies") } else { ("values", "vary") };
            self.line(&format!("  {count} {values} {vary} from delivery to delivery"));
        }
    }

    fn change(&mut self, change: &Change) {
        let path = &change.path;
        match (change.kind, &change.call) {
            (ChangeKind::Moved, _) => {
                self.line(&format!("- {path} {}", shortened(&change.before)));
                self.line(&format!("+ {path} {}", shortened(&change.after)));
            }
            (ChangeKind::Removed, Some(call)) if is_whole_call(change) => {
                self.call('-', path, call, &change.before);
            }
            (ChangeKind::Added, Some(call)) if is_whole_call(change) => {
                self.call('+', path, call, &change.after);
            }
            (kind, _) => {
                if kind != ChangeKind::Added || !change.before.is_null() {
                    self.line(&format!("- {path} {}", shortened(&change.before)));
                }
                if kind != ChangeKind::Removed || !change.after.is_null() {
                    self.line(&format!("+ {path} {}", shortened(&change.after)));
                }
            }
        }
    }

    /// A call that only one side made.
    fn call(&mut self, sign: char, path: &str, call: &str, said: &Value) {
        self.line(&format!("{sign} {path} {call} {} → {}", shortened(&said["body"]), said["status"]));
    }

    fn summary(&mut self, comparison: &Comparison) {
        let timing = &comparison.timing;
        if !comparison.pairs.is_empty() {
            let slower = if timing.is_slower { ": slower" } else { "" };
            let times =
                format!("time to the answer, median: {:.1} ms → {:.1} ms{slower}", timing.before_ms, timing.after_ms);
            self.line(&times);
        }
        let differing = comparison.pairs.iter().filter(|pair| !pair.changes.is_empty()).count();
        let changes: usize = comparison.pairs.iter().map(|pair| pair.changes.len()).sum();
        let all = comparison.pairs.len();
        let alone = comparison.only_before.len() + comparison.only_after.len();
        let noun = if changes == 1 { "change" } else { "changes" };
        let mut said = match (differing, all) {
            (_, 0) => "no deliveries of the same webhook".to_owned(),
            (0, 1) => "the delivery is equal".to_owned(),
            (0, all) => format!("all {all} deliveries are equal"),
            (_, 1) => format!("the delivery differs: {changes} {noun}"),
            (differing, all) => {
                let verb = if differing == 1 { "differs" } else { "differ" };
                format!("{differing} of {all} deliveries {verb}: {changes} {noun}")
            }
        };
        if alone > 0 {
            said.extend(["; ", &alone.to_string(), " on one side only"]);
        }
        self.line(&said);
    }
}

/// A call that only one side made, as opposed to something in it.
fn is_whole_call(change: &Change) -> bool {
    change.kind != ChangeKind::Moved && change.path.ends_with(']') && !change.path.contains('.')
}

/// On one line, and not longer than a person reads.
fn shortened(value: &Value) -> String {
    let text = value.to_string();
    let mut line: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        line.push('…');
    }
    line
}
