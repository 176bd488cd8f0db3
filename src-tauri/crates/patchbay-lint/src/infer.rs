//! What an adapter needs, read from its code: for `patchbay import`.

use crate::engine::{LintRequest, parse, with_stack};
use crate::error::LintError;
use crate::handlers::DefaultExport;
use crate::inferred_bindings::{self, Bindings};
use crate::inferred_hosts;
use crate::patterns::{as_call, header_read};
use crate::project::{File, Project};
use crate::providers::{provider, signing_with};
use oxc::allocator::Allocator;
use oxc::ast::{AstKind, AstType};
use patchbay_core::{BindingKind, BindingName};
use std::cell::RefCell;

/// How a Worker is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleSyntax {
    /// `export default { fetch }`.
    EsModule,
    /// `addEventListener("fetch", …)`; must be rewritten.
    ServiceWorker,
    /// `module.exports`; must be rewritten.
    CommonJs,
}

/// A binding that the code reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredBinding {
    /// Its name.
    pub name: BindingName,
    /// What it probably is: by how it is used, else by its name.
    pub kind: BindingKind,
}

/// What was read from the code. A person should look over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferredManifest {
    /// The entry among the files; nothing when none looks like it.
    pub entry: Option<String>,
    /// How it is written.
    pub syntax: ModuleSyntax,
    /// Bindings that are read, by name.
    pub bindings: Vec<InferredBinding>,
    /// Bindings that the code uses but that adapter.toml has no kind for, with what they seem to be.
    pub undeclarable: Vec<(String, &'static str)>,
    /// `env` goes where it could not be followed, so there may be more bindings.
    pub may_read_more: bool,
    /// Hosts that are called, by name. Hosts that are made at run time are not among them.
    pub hosts: Vec<String>,
    /// Who sends the webhooks, by the signature header that is read.
    pub provider: Option<String>,
    /// The binding that probably holds the signing secret.
    pub signing_secret: Option<String>,
}

/// Reads from code what its manifest must say. `entry` is the entry's path if it is known. Code that cannot be parsed
/// is left out; [`crate::lint()`] says what is wrong with it.
pub fn infer(files: &[(&str, &str)], entry: Option<&str>) -> Result<InferredManifest, LintError> {
    with_stack(files, |depths| {
        let allocators: Vec<Allocator> = files.iter().map(|_| Allocator::default()).collect();
        let request = LintRequest { files, entry, ..LintRequest::default() };
        let project = parse(&request, depths, &allocators, &RefCell::default());
        manifest(&project)
    })
}

fn manifest(project: &Project<'_>) -> InferredManifest {
    let Bindings { declarable: bindings, undeclarable } = inferred_bindings::find(project);
    let provider = sender(project);
    let signing_secret = provider.as_deref().and_then(|id| signing_secret(id, &bindings));
    let hosts = inferred_hosts::find(project);
    InferredManifest {
        entry: project.entry_file().map(|entry| entry.path.to_owned()),
        syntax: project.entry_file().map_or(ModuleSyntax::EsModule, |entry| syntax(project, entry)),
        bindings,
        undeclarable,
        may_read_more: project.environment().escapes || matches!(project.handlers.export, DefaultExport::Unknown),
        hosts,
        provider,
        signing_secret,
    }
}

/// The provider whose signature header is read.
fn sender(project: &Project<'_>) -> Option<String> {
    let mut found: Vec<&str> = Vec::new();
    for file in project.checked_files() {
        for node in file.of_type(AstType::StringLiteral) {
            let AstKind::StringLiteral(literal) = node.kind() else { continue };
            let text = literal.value.to_ascii_lowercase();
            found.extend(signing_with(&text).map(|provider| provider.id).or_else(|| sent_by(&text)));
        }
        // Teams signs in a header that means many things; the word before the signature tells it.
        let reads_authorization = file.of_type(AstType::VariableDeclarator).any(|node| match node.kind() {
            AstKind::VariableDeclarator(declarator) => {
                declarator.init.as_ref().and_then(header_read).is_some_and(|header| header == "authorization")
            }
            _ => false,
        });
        let names_hmac = file.of_type(AstType::StringLiteral).any(|node| match node.kind() {
            AstKind::StringLiteral(literal) => literal.value.starts_with("HMAC "),
            _ => false,
        });
        if reads_authorization && names_hmac {
            found.push("teams");
        }
    }
    found.sort_unstable();
    found.dedup();
    // Several senders in one adapter: which one the manifest means is for a person to say.
    match found[..] {
        [only] => Some(only.to_owned()),
        _ => None,
    }
}

/// The sender that a header or a library is of, besides the signature headers.
fn sent_by(text: &str) -> Option<&'static str> {
    match text {
        "x-slack-request-timestamp" | "x-slack-retry-num" | "x-slack-retry-reason" => Some("slack"),
        "x-github-event" | "x-github-delivery" | "x-github-hook-id" | "@octokit/webhooks" => Some("github"),
        "paypal-transmission-id" | "paypal-transmission-time" | "paypal-cert-url" => Some("paypal"),
        "x-hubspot-request-timestamp" | "x-hubspot-signature-version" => Some("hubspot"),
        "webhook-id" | "webhook-timestamp" | "svix-id" | "svix-signature" | "standardwebhooks" | "svix" => {
            Some("standard-webhooks")
        }
        _ => None,
    }
}

/// The secret with which signatures are checked: the one that is named after signing, else the only one that could be.
fn signing_secret(id: &str, bindings: &[InferredBinding]) -> Option<String> {
    // PayPal signs with a key of its own, for which a webhook's id is enough.
    let provider = provider(id).filter(|provider| provider.id != "paypal")?;
    let name = provider.id.replace('-', "_").to_ascii_uppercase();
    let secrets: Vec<&str> = bindings
        .iter()
        .filter(|binding| binding.kind == BindingKind::SecretText)
        .map(|binding| binding.name.as_str())
        .filter(|secret| !secret.to_ascii_uppercase().ends_with("URL"))
        .collect();
    let has = |secret: &str, words: &[&str]| words.iter().any(|word| secret.to_ascii_uppercase().contains(word));
    let signs = |secret: &&&str| has(secret, &["SIGN", "WEBHOOK", "HMAC", "WHSEC", "WH_"]);
    let of_sender = |secret: &&&str| has(secret, &[&name]);
    let best = secrets.iter().filter(signs).find(of_sender).or_else(|| secrets.iter().find(signs));
    // `GITHUB_SECRET` beside `GITHUB_TOKEN`; two that fit are for a person to choose from.
    let plain = || {
        let shared: Vec<&&str> = secrets.iter().filter(|secret| has(secret, &["SECRET"])).collect();
        let own: Vec<&&str> = shared.iter().copied().filter(|secret| of_sender(secret)).collect();
        match (&own[..], &shared[..]) {
            ([only], _) | (_, [only]) => Some(*only),
            _ => None,
        }
    };
    best.or_else(plain).map(|secret| (*secret).to_owned())
}

pub(crate) fn syntax<'a>(project: &Project<'a>, entry: &File<'a>) -> ModuleSyntax {
    if !matches!(project.handlers.export, DefaultExport::Missing) || entry.record.has_module_syntax {
        return ModuleSyntax::EsModule;
    }
    let listens = entry.of_type(AstType::ExpressionStatement).any(|node| match node.kind() {
        AstKind::ExpressionStatement(statement) => as_call(&statement.expression)
            .and_then(|call| project.meaning(entry, &call.callee))
            .is_some_and(|callee| callee.is_global("addEventListener")),
        _ => false,
    });
    let assigns_exports = entry.of_type(AstType::AssignmentExpression).any(|node| match node.kind() {
        AstKind::AssignmentExpression(assignment) => assignment.left.as_member_expression().is_some_and(|member| {
            let object = project.meaning(entry, member.object());
            object.is_some_and(|object| object.begins_with_global("module") || object.begins_with_global("exports"))
        }),
        _ => false,
    });
    match (listens, assigns_exports) {
        (true, _) => ModuleSyntax::ServiceWorker,
        (false, true) => ModuleSyntax::CommonJs,
        (false, false) => ModuleSyntax::EsModule,
    }
}
