//! The calls that the code makes to other hosts.

use crate::object_fields::{Field, Literal};
use crate::project::{FileId, Project};
use crate::text_value::{TextValue, host};
use oxc::ast::ast::{Argument, CallExpression, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::{GetSpan as _, Span};

/// A call to a host that the code names.
pub(crate) struct OutboundCall<'p> {
    pub(crate) file: FileId,
    /// Where the URL stands.
    pub(crate) span: Span,
    pub(crate) host: &'p str,
}

/// One `fetch` of the runtime.
pub(crate) struct Fetch<'a> {
    pub(crate) file: FileId,
    pub(crate) node: NodeId,
    pub(crate) call: &'a CallExpression<'a>,
    /// The beginning of the URL, as far as it is known.
    pub(crate) url: TextValue,
    /// Its host, in lower case, if that is known.
    pub(crate) host: Option<String>,
}

/// What a call says besides its URL.
pub(crate) enum Options<'a> {
    /// Nothing, so that it is a `GET`.
    None,
    /// What cannot be told.
    Unknown,
    /// These.
    Known(Literal<'a>),
}

impl Fetch<'_> {
    /// The known beginning of the path, for example `/v1/pages`; empty where nothing of it is known.
    pub(crate) fn path(&self) -> &str {
        let rest = self.url.text.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.find('/').map_or("", |start| &rest[start..]);
        path.split(['?', '#']).next().unwrap_or_default()
    }

    /// Whether it goes to one of these hosts.
    pub(crate) fn is_to(&self, hosts: &[&str]) -> bool {
        self.host.as_deref().is_some_and(|host| hosts.contains(&host))
    }

    /// Whether it calls a method of Slack's Web API.
    pub(crate) fn is_slack_method(&self) -> bool {
        self.is_to(&["slack.com", "slack-gov.com"]) && self.path().starts_with("/api/")
    }
}

impl<'a> Project<'a> {
    /// Every `fetch` of the checked files.
    pub(crate) fn upstream_calls(&self) -> &[Fetch<'a>] {
        self.upstream_calls.get_or_init(|| {
            let mut calls = Vec::new();
            for file in self.checked_files() {
                for node in file.of_type(AstType::CallExpression) {
                    let AstKind::CallExpression(call) = node.kind() else { continue };
                    let Some(url) = call.arguments.first().and_then(Argument::as_expression) else { continue };
                    if self.meaning(file, &call.callee).is_some_and(|meaning| meaning.is_global("fetch")) {
                        let url = self.text_value(file, url);
                        let host = host(&url);
                        calls.push(Fetch { file: file.id, node: node.id(), call, url, host });
                    }
                }
            }
            calls
        })
    }

    /// Every `fetch` whose host is written in the code.
    pub(crate) fn outbound_calls(&self) -> impl Iterator<Item = OutboundCall<'_>> {
        self.upstream_calls().iter().filter_map(|fetch| {
            let span = fetch.call.arguments.first()?.span();
            Some(OutboundCall { file: fetch.file, span, host: fetch.host.as_deref()? })
        })
    }

    /// What a `fetch` says besides its URL: its second argument, or that of the `Request` that it is given.
    pub(crate) fn options(&self, fetch: &Fetch<'a>) -> Options<'a> {
        let known = |file: FileId, argument: &'a Argument<'a>| {
            let literal = argument.as_expression().and_then(|options| self.literal(file, options));
            literal.map_or(Options::Unknown, Options::Known)
        };
        if let Some(options) = fetch.call.arguments.get(1) {
            return known(fetch.file, options);
        }
        let Some(target) = fetch.call.arguments.first().and_then(Argument::as_expression) else {
            return Options::Unknown;
        };
        match self.origins(fetch.file, target)[..] {
            [origin] => match origin.expression {
                Expression::NewExpression(made) => {
                    let callee = self.meaning(&self.files[origin.file], &made.callee);
                    let is_request = callee.is_some_and(|callee| callee.is_global("Request"));
                    match made.arguments.get(1) {
                        Some(options) if is_request => known(origin.file, options),
                        _ => Options::None,
                    }
                }
                Expression::StringLiteral(_) | Expression::TemplateLiteral(_) => Options::None,
                _ => Options::Unknown,
            },
            _ => Options::Unknown,
        }
    }

    /// Whether a `fetch` certainly is a `POST`.
    pub(crate) fn is_post(&self, options: &Options<'a>) -> bool {
        let Options::Known(literal) = options else { return false };
        let Field::Value(file, method) = self.field(*literal, "method") else { return false };
        let method = self.text_value(&self.files[file], method);
        method.is_complete && method.text.eq_ignore_ascii_case("POST")
    }

    /// The headers of a `fetch`, if they are written out: an object, or `new Headers({ … })`.
    pub(crate) fn header_literal(&self, options: Literal<'a>) -> Option<Literal<'a>> {
        let Field::Value(file, headers) = self.field(options, "headers") else { return None };
        match headers.get_inner_expression() {
            Expression::NewExpression(made) => {
                let callee = self.meaning(&self.files[file], &made.callee)?;
                let first = made.arguments.first().and_then(Argument::as_expression)?;
                if callee.is_global("Headers") { self.literal(file, first) } else { None }
            }
            _ => self.literal(file, headers),
        }
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
