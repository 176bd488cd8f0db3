//! Where the code reads what a sender signed, and whether it can check it.

use crate::meaning::Root;
use crate::patterns::method_call;
use crate::project::{FileId, Project};
use crate::providers::{Provider, signing_with};
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::Span;

/// A place where the header is read in which a provider signs.
pub(crate) struct SignatureRead {
    pub(crate) file: FileId,
    pub(crate) span: Span,
    /// The header, in lower case.
    pub(crate) header: String,
    pub(crate) provider: &'static Provider,
}

impl Project<'_> {
    /// Every place where a signature is read from its header.
    pub(crate) fn signature_reads(&self) -> &[SignatureRead] {
        self.signature_reads.get_or_init(|| self.find_signature_reads())
    }

    fn find_signature_reads(&self) -> Vec<SignatureRead> {
        let mut reads = Vec::new();
        for file in self.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Some((_, "get")) = method_call(call) else { continue };
                let Some(name) = call.arguments.first().and_then(Argument::as_expression) else { continue };
                // Only a text that is written out is worth following: the keys of maps and of stores are many.
                if !matches!(name, Expression::StringLiteral(_) | Expression::Identifier(_)) {
                    continue;
                }
                let name = self.text_value(file, name);
                let header = name.text.to_ascii_lowercase();
                if name.is_complete
                    && let Some(provider) = signing_with(&header)
                {
                    reads.push(SignatureRead { file: file.id, span: call.span, header, provider });
                }
            }
        }
        reads
    }

    /// Whether the code uses the cryptography of the runtime or of node.
    pub(crate) fn uses_cryptography(&self) -> bool {
        self.checked_files().any(|file| {
            let imports_it = file.record.import_entries.iter().any(|import| {
                !import.is_type && matches!(import.module_request.name.as_str(), "node:crypto" | "crypto")
            });
            imports_it
                || file.of_type(AstType::StaticMemberExpression).any(|node| match node.kind() {
                    AstKind::StaticMemberExpression(member) => {
                        member.property.name == "subtle"
                            && self.meaning(file, &member.object).is_some_and(|meaning| meaning.is_global("crypto"))
                    }
                    _ => false,
                })
                || file.of_type(AstType::IdentifierReference).any(|node| match node.kind() {
                    AstKind::IdentifierReference(reference) => {
                        let id = reference.reference_id.get();
                        let symbol = id.and_then(|id| file.scoping().get_reference(id).symbol_id());
                        symbol.and_then(|symbol| self.symbol_meaning(file.id, symbol)).is_some_and(|meaning| {
                            matches!(meaning.root, Root::Global("crypto")) && !meaning.members.is_empty()
                        })
                    }
                    _ => false,
                })
        })
    }
}
