//! The calls that the code makes to other hosts.

use crate::project::{FileId, Project};
use crate::text_value::host;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};

/// A call to a host that the code names.
pub(crate) struct OutboundCall {
    pub(crate) file: FileId,
    /// Where the URL stands.
    pub(crate) span: Span,
    pub(crate) host: String,
}

impl<'a> Project<'a> {
    /// Every `fetch` whose host is written in the code.
    pub(crate) fn outbound_calls(&self) -> Vec<OutboundCall> {
        let mut calls = Vec::new();
        for file in self.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Some(url) = call.arguments.first().and_then(Argument::as_expression) else { continue };
                if !self.meaning(file, &call.callee).is_some_and(|meaning| meaning.is_global("fetch")) {
                    continue;
                }
                let url: &'a Expression<'a> = url;
                if let Some(host) = host(&self.text_value(file, url)) {
                    calls.push(OutboundCall { file: file.id, span: url.span(), host });
                }
            }
        }
        calls
    }
}

/// Whether a list of hosts covers a host; `*.example.com` covers subdomains of `example.com`, not itself.
pub(crate) fn covers(list: &[String], host: &str) -> bool {
    list.iter().any(|entry| {
        let entry = entry.trim().to_ascii_lowercase();
        match entry.strip_prefix("*.") {
            Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            None => entry == host,
        }
    })
}
