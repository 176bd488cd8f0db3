//! The bindings that an import finds in code. Here names may be trusted: a person looks over what is found.

use crate::infer::{InferredBinding, ModuleSyntax, syntax};
use crate::meaning::Root;
use crate::patterns::key_name;
use crate::project::{File, Project};
use crate::rules::looks_secret;
use oxc::ast::ast::{BindingPattern, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use patchbay_core::{BindingKind, BindingName};
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
pub(crate) struct Bindings {
    /// By name.
    pub(crate) declarable: Vec<InferredBinding>,
    /// Name, and what it seems to be.
    pub(crate) undeclarable: Vec<(String, &'static str)>,
}

/// How one binding is used.
#[derive(Default)]
struct Uses<'a> {
    methods: BTreeSet<&'a str>,
}

pub(crate) fn find(project: &Project<'_>) -> Bindings {
    let mut found: BTreeMap<&str, Uses<'_>> = BTreeMap::new();
    for read in &project.environment().uses {
        let uses = found.entry(read.name).or_default();
        uses.methods.extend(read.method);
    }
    for file in project.checked_files() {
        methods_on_names(project, file, &mut found);
        members(project, file, &mut found);
    }
    if let Some(entry) = project.entry_file()
        && syntax(project, entry) == ModuleSyntax::ServiceWorker
    {
        for file in project.checked_files() {
            globals(file, &mut found);
        }
    }
    let mut bindings = Bindings { declarable: Vec::new(), undeclarable: Vec::new() };
    for (name, uses) in found {
        let Ok(valid) = BindingName::new(name) else { continue };
        match native(&uses.methods) {
            Some(what) => bindings.undeclarable.push((name.to_owned(), what)),
            None => bindings.declarable.push(InferredBinding { name: valid, kind: kind(name, &uses.methods) }),
        }
    }
    bindings
}

/// Methods of bindings that no declaration of adapter.toml makes.
fn native(methods: &BTreeSet<&str>) -> Option<&'static str> {
    let has = |names: &[&str]| names.iter().any(|name| methods.contains(name));
    if has(&["prepare", "batch", "dump", "withSession"]) {
        Some("a D1 database")
    } else if has(&["idFromName", "idFromString", "newUniqueId", "getByName"]) {
        Some("a Durable Object namespace")
    } else if has(&["sendBatch", "send"]) {
        Some("a queue")
    } else if has(&["head", "createMultipartUpload"]) {
        Some("an R2 bucket")
    } else if has(&["writeDataPoint"]) {
        Some("an Analytics Engine data set")
    } else if has(&["fetch", "connect"]) {
        Some("a service")
    } else if has(&["run"]) {
        Some("an AI binding")
    } else {
        None
    }
}

fn kind(name: &str, methods: &BTreeSet<&str>) -> BindingKind {
    if ["put", "get", "delete", "list", "getWithMetadata"].iter().any(|method| methods.contains(method)) {
        BindingKind::KvNamespace
    } else if name == "MAPPING" {
        BindingKind::Json
    } else if is_secret_name(name) {
        BindingKind::SecretText
    } else {
        BindingKind::PlainText
    }
}

fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let ends = |words: &[&str]| {
        words.iter().any(|word| upper.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
    };
    // The URL of an incoming webhook is a secret by itself; other words tell what is known about a secret.
    if ["WEBHOOK_URL", "HOOK_URL", "DATABASE_URL"].iter().any(|word| upper.ends_with(word)) {
        return true;
    }
    let is_about =
        ends(&["URL", "URI", "HOST", "ENDPOINT", "ID", "NAME", "HEADER", "TTL", "EXPIRY", "VERSION", "PATH"]);
    let is_short = ends(&["PAT", "PASS", "PWD", "CREDENTIALS", "SIGNING", "HMAC", "WHSEC", "AUTH", "JWT", "SALT"]);
    !is_about && (is_short || looks_secret(name))
}

/// `const { CACHE } = env; CACHE.put(…)`, also by way of another name.
fn methods_on_names<'a>(project: &Project<'a>, file: &File<'a>, found: &mut BTreeMap<&'a str, Uses<'a>>) {
    for node in file.of_type(AstType::StaticMemberExpression) {
        let AstKind::StaticMemberExpression(member) = node.kind() else { continue };
        let Expression::Identifier(_) = member.object.get_inner_expression() else { continue };
        let is_called = matches!(file.parent(node.id()), AstKind::CallExpression(_));
        let name = project.meaning(file, &member.object).filter(|_| is_called).and_then(|meaning| meaning.binding());
        if let Some(uses) = name.and_then(|name| found.get_mut(name)) {
            uses.methods.insert(member.property.name.as_str());
        }
    }
}

/// `process.env.NAME`, and `c.env.NAME` where `c` is a parameter, as routers hand `env` on.
fn members<'a>(project: &Project<'a>, file: &File<'a>, found: &mut BTreeMap<&'a str, Uses<'a>>) {
    for node in file.of_type(AstType::StaticMemberExpression) {
        let AstKind::StaticMemberExpression(member) = node.kind() else { continue };
        let Some(inner) = member.object.get_inner_expression().as_member_expression() else { continue };
        if inner.static_property_name() != Some("env") || !is_environment_of(project, file, inner.object()) {
            continue;
        }
        let uses = found.entry(member.property.name.as_str()).or_default();
        uses.methods.extend(method_on(file, node.id()));
    }
    // `const { NAME } = process.env`, and `= c.env`.
    for node in file.of_type(AstType::VariableDeclarator) {
        let AstKind::VariableDeclarator(declarator) = node.kind() else { continue };
        let BindingPattern::ObjectPattern(pattern) = &declarator.id else { continue };
        let Some(init) = &declarator.init else { continue };
        let Some(inner) = init.get_inner_expression().as_member_expression() else { continue };
        if inner.static_property_name() == Some("env") && is_environment_of(project, file, inner.object()) {
            for property in &pattern.properties {
                if let Some(name) = key_name(&property.key, property.computed) {
                    found.entry(name).or_default();
                }
            }
        }
    }
}

fn is_environment_of<'a>(project: &Project<'a>, file: &File<'a>, owner: &Expression<'a>) -> bool {
    let Expression::Identifier(name) = owner.get_inner_expression() else { return false };
    if let Some(meaning) = project.meaning(file, owner) {
        return meaning.is_global("process")
            || matches!(meaning.root, Root::Import { from: "node:process" | "process", name: "default" });
    }
    let symbol = name.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
    symbol.is_some_and(|symbol| {
        matches!(file.nodes().kind(file.scoping().symbol_declaration(symbol)), AstKind::FormalParameter(_))
    })
}

fn method_on<'a>(file: &File<'a>, member: NodeId) -> Option<&'a str> {
    let AstKind::StaticMemberExpression(outer) = file.parent(member) else { return None };
    matches!(file.parent(outer.node_id.get()), AstKind::CallExpression(_)).then(|| outer.property.name.as_str())
}

/// In the older syntax bindings are globals; people write them in capitals.
fn globals<'a>(file: &File<'a>, found: &mut BTreeMap<&'a str, Uses<'a>>) {
    for node in file.of_type(AstType::IdentifierReference) {
        let AstKind::IdentifierReference(identifier) = node.kind() else { continue };
        let Some(reference) = identifier.reference_id.get() else { continue };
        let name = identifier.name.as_str();
        let is_free = file.scoping().get_reference(reference).symbol_id().is_none();
        let is_capital = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if is_free && is_capital && !matches!(name, "URL" | "JSON" | "NaN") {
            let uses = found.entry(name).or_default();
            if let AstKind::StaticMemberExpression(member) = file.parent(node.id())
                && matches!(file.parent(member.node_id.get()), AstKind::CallExpression(_))
            {
                uses.methods.insert(member.property.name.as_str());
            }
        }
    }
}
