//! Texts that the code builds, as far as they are known.

use crate::meaning::Definition;
use crate::project::{File, Project};
use oxc::ast::ast::{Argument, BinaryOperator, Expression};

/// The beginning of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TextValue {
    /// What is known from the start on.
    pub(crate) text: String,
    /// Whether that is all of it.
    pub(crate) is_complete: bool,
}

/// Texts that are put together are followed up to about so many bytes. No URL is longer.
const LONGEST: usize = 4_096;

impl TextValue {
    fn complete(text: &str) -> Self {
        Self { text: text.to_owned(), is_complete: true }
    }

    fn then(mut self, next: impl FnOnce() -> Self) -> Self {
        if self.is_complete {
            let next = next();
            self.text.push_str(&next.text);
            self.is_complete = next.is_complete && self.text.len() <= LONGEST;
        }
        self
    }
}

impl<'a> Project<'a> {
    /// The text that an expression gives, `new URL(…)` and `new Request(…)` included.
    pub(crate) fn text_value(&self, file: &File<'a>, expression: &'a Expression<'a>) -> TextValue {
        self.text_within(file, expression, 12)
    }

    fn text_within(&self, file: &File<'a>, expression: &'a Expression<'a>, steps: usize) -> TextValue {
        let (Some(steps), Some(())) = (steps.checked_sub(1), self.take_step()) else { return TextValue::default() };
        match expression.get_inner_expression() {
            Expression::StringLiteral(literal) => TextValue::complete(literal.value.as_str()),
            Expression::TemplateLiteral(template) => {
                let mut value = TextValue::complete("");
                for (index, quasi) in template.quasis.iter().enumerate() {
                    let text = quasi.value.cooked.as_ref().unwrap_or(&quasi.value.raw).as_str();
                    value = value.then(|| TextValue::complete(text));
                    if let Some(inner) = template.expressions.get(index) {
                        value = value.then(|| self.text_within(file, inner, steps));
                    }
                }
                value
            }
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                self.text_within(file, &sum.left, steps).then(|| self.text_within(file, &sum.right, steps))
            }
            Expression::NewExpression(made) => {
                let argument = |index: usize| made.arguments.get(index).and_then(Argument::as_expression);
                let (Some(first), Some(meaning)) = (argument(0), self.meaning(file, &made.callee)) else {
                    return TextValue::default();
                };
                if meaning.is_global("Request") {
                    return self.text_within(file, first, steps);
                }
                if !meaning.is_global("URL") {
                    return TextValue::default();
                }
                let path = self.text_within(file, first, steps);
                if path.text.contains("://") || argument(1).is_none() {
                    return path;
                }
                // The base decides where the URL leads; what follows its host does not matter here.
                let base = argument(1).map(|base| self.text_within(file, base, steps)).unwrap_or_default();
                TextValue { is_complete: false, text: if base.is_complete { base.text + "/" } else { base.text } }
            }
            Expression::Identifier(_) => match self.definition(file, expression) {
                Some((defined_in, Definition::Expression(value))) => {
                    self.text_within(&self.files[defined_in], value, steps)
                }
                _ => TextValue::default(),
            },
            _ => TextValue::default(),
        }
    }
}

/// The host of a URL of which the beginning is known, in lower case and without a port.
pub(crate) fn host(url: &TextValue) -> Option<String> {
    let scheme_end = url.text.find("://")?;
    let scheme = url.text[..scheme_end].to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ws" | "wss") {
        return None;
    }
    let rest = &url.text[scheme_end + 3..];
    let end = rest.find(['/', '?', '#', '\\']);
    // Without an end the host may go on in a part that is not known.
    if end.is_none() && !url.is_complete {
        return None;
    }
    let authority = &rest[..end.unwrap_or(rest.len())];
    let host = authority.rsplit('@').next().unwrap_or(authority);
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
    let is_host = !host.is_empty() && !host.contains(char::is_whitespace);
    is_host.then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{TextValue, host};

    #[test]
    fn a_host_is_known_only_when_it_ends() {
        let known = |text: &str, is_complete| host(&TextValue { text: text.into(), is_complete });
        assert_eq!(known("https://api.notion.com/v1/", false).as_deref(), Some("api.notion.com"));
        assert_eq!(known("https://API.Notion.com:443?x", false).as_deref(), Some("api.notion.com"));
        assert_eq!(known("https://user:word@evil.example/", true).as_deref(), Some("evil.example"));
        assert_eq!(known("https://api.notion.com", true).as_deref(), Some("api.notion.com"));
        assert_eq!(known("https://api.notion.com", false), None, "it may go on as api.notion.com.evil.example");
        assert_eq!(known("/v1/pages", true), None);
        assert_eq!(known("ftp://x/", true), None);
        assert_eq!(known("https:///x", true), None);
    }
}
