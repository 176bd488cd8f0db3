//! Whether the code says a word at all. Rules ask it to stay silent: what is mentioned may be dealt with.

use crate::project::{File, Project};
use oxc::ast::{AstKind, AstType};

impl Project<'_> {
    /// Whether a checked file has a text or a property of this name, upper and lower case alike. Types do not count.
    pub(crate) fn mentions(&self, words: &[&str]) -> bool {
        self.checked_files().any(|file| mentions_in(file, words))
    }

    /// Packages that the code imports and that are neither files of the project nor parts of the runtime.
    pub(crate) fn has_packages(&self) -> bool {
        self.checked_files().any(|file| {
            let is_ours = |from: &str| {
                self.resolve(file.id, from).is_some()
                    || from.starts_with("cloudflare:")
                    || from.starts_with("node:")
                    || matches!(from, "crypto" | "buffer")
            };
            let imports = file.record.import_entries.iter();
            imports.filter(|import| !import.is_type).any(|import| !is_ours(import.module_request.name.as_str()))
                || file.of_type(AstType::ImportExpression).next().is_some()
        })
    }
}

fn mentions_in(file: &File<'_>, words: &[&str]) -> bool {
    let is_one = |text: &str| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    file.of_type(AstType::IdentifierName).any(|node| match node.kind() {
        AstKind::IdentifierName(name) => {
            is_one(name.name.as_str())
                && !matches!(file.nodes().parent_kind(node.id()), AstKind::TSPropertySignature(_))
        }
        _ => false,
    }) || file.of_type(AstType::StringLiteral).any(|node| match node.kind() {
        AstKind::StringLiteral(text) => {
            is_one(text.value.as_str())
                && !matches!(
                    file.nodes().parent_kind(node.id()),
                    AstKind::TSLiteralType(_) | AstKind::TSPropertySignature(_)
                )
        }
        _ => false,
    }) || file.of_type(AstType::BindingProperty).any(|node| match node.kind() {
        AstKind::BindingProperty(property) => {
            crate::patterns::key_name(&property.key, property.computed).is_some_and(is_one)
        }
        _ => false,
    })
}
