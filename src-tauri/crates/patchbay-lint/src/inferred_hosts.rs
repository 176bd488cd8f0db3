//! The hosts that an import finds in code.

use crate::meaning::{Definition, FunctionId, Root, path_to};
use crate::patterns::{key_name, method_call};
use crate::project::{File, Project};
use crate::text_value::host;
use oxc::ast::ast::{Argument, Expression, ObjectPropertyKind};
use oxc::ast::{AstKind, AstType};
use oxc::semantic::SymbolId;
use std::collections::BTreeSet;

/// Libraries that call one host, by the name that is imported.
const LIBRARIES: &[(&str, &str)] = &[
    ("@anthropic-ai/sdk", "api.anthropic.com"),
    ("@hubspot/api-client", "api.hubapi.com"),
    ("@linear/sdk", "api.linear.app"),
    ("@notionhq/client", "api.notion.com"),
    ("@octokit/core", "api.github.com"),
    ("@octokit/rest", "api.github.com"),
    ("@sendgrid/mail", "api.sendgrid.com"),
    ("@slack/web-api", "slack.com"),
    ("airtable", "api.airtable.com"),
    ("octokit", "api.github.com"),
    ("openai", "api.openai.com"),
    ("resend", "api.resend.com"),
    ("slack-web-api-client", "slack.com"),
    ("stripe", "api.stripe.com"),
    ("twilio", "api.twilio.com"),
];

/// Libraries that call whatever URL they are given.
const CLIENTS: &[&str] =
    &["axios", "cross-fetch", "got", "ky", "node-fetch", "ofetch", "superagent", "undici", "wretch"];

pub(crate) fn find(project: &Project<'_>) -> Vec<String> {
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    for call in project.upstream_calls() {
        let target = call.call.arguments.first().and_then(Argument::as_expression);
        match (&call.host, target) {
            (Some(host), _) => drop(hosts.insert(host.clone())),
            (None, Some(target)) => hosts.extend(reachable(project, &project.files[call.file], target, DEEPEST)),
            (None, None) => {}
        }
    }
    for file in project.checked_files() {
        let imported = file.record.requested_modules.keys().map(oxc::str::Str::as_str);
        imported.for_each(|module| hosts.extend(library(module)));
        for node in file.of_type(AstType::CallExpression) {
            let AstKind::CallExpression(call) = node.kind() else { continue };
            let first = call.arguments.first().and_then(Argument::as_expression);
            if let (Expression::Identifier(callee), Some(Expression::StringLiteral(module))) = (&call.callee, first)
                && callee.name == "require"
            {
                hosts.extend(library(&module.value));
            }
            let Some(first) = first.filter(|_| is_client(project, file, &call.callee)) else { continue };
            hosts.extend(reachable(project, file, first, DEEPEST));
        }
    }
    hosts.into_iter().collect()
}

fn library(module: &str) -> Option<String> {
    LIBRARIES.iter().find(|(name, _)| *name == module).map(|(_, host)| (*host).to_owned())
}

/// `axios(…)`, `ky.post(…)`, and the same on what `axios.create(…)` gives.
fn is_client<'a>(project: &Project<'a>, file: &File<'a>, callee: &'a Expression<'a>) -> bool {
    let imported = |file: &File<'a>, value: &Expression<'a>| {
        let meaning = project.meaning(file, value);
        matches!(meaning.map(|meaning| meaning.root), Some(Root::Import { from, .. }) if CLIENTS.contains(&from))
    };
    if imported(file, callee) {
        return true;
    }
    let Some(member) = callee.get_inner_expression().as_member_expression() else { return false };
    match project.definition(file, member.object()) {
        Some((made_in, Definition::Expression(Expression::CallExpression(made)))) => {
            let made_in = &project.files[made_in];
            method_call(made).is_some_and(|(object, _)| imported(made_in, object))
        }
        _ => false,
    }
}

/// Names and values that are followed one after the other.
const DEEPEST: u32 = 12;

/// The hosts that a URL in a field of a value may lead to, `path` being the names of the fields: what a helper takes out of
/// the options that its callers give it.
fn in_field<'a>(
    project: &Project<'a>,
    file: &File<'a>,
    value: &'a Expression<'a>,
    path: &[&str],
    steps: u32,
) -> Vec<String> {
    let (Some(steps), Some(())) = (steps.checked_sub(1), project.take_step()) else { return Vec::new() };
    match value.get_inner_expression() {
        Expression::Identifier(name) => {
            let symbol = name.reference_id.get().and_then(|id| file.scoping().get_reference(id).symbol_id());
            symbol.map_or_else(Vec::new, |symbol| in_field_of_name(project, file, symbol, path, steps))
        }
        Expression::ObjectExpression(object) => {
            let Some((name, rest)) = path.split_first() else { return Vec::new() };
            let values = object.properties.iter().flat_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(field) => {
                    if key_name(&field.key, field.computed) == Some(name) {
                        in_field(project, file, &field.value, rest, steps)
                    } else {
                        Vec::new()
                    }
                }
                ObjectPropertyKind::SpreadProperty(spread) => in_field(project, file, &spread.argument, path, steps),
            });
            values.collect()
        }
        inner => match inner.as_member_expression() {
            Some(member) if !path.is_empty() => member.static_property_name().map_or_else(Vec::new, |name| {
                let path: Vec<&str> = std::iter::once(name).chain(path.iter().copied()).collect();
                in_field(project, file, member.object(), &path, steps)
            }),
            _ if path.is_empty() => reachable(project, file, value, steps),
            _ => Vec::new(),
        },
    }
}

fn in_field_of_name<'a>(
    project: &Project<'a>,
    file: &File<'a>,
    symbol: SymbolId,
    path: &[&str],
    steps: u32,
) -> Vec<String> {
    let further = |inner: Vec<&'a str>| -> Vec<&str> { inner.into_iter().chain(path.iter().copied()).collect() };
    let declaration = file.scoping().symbol_declaration(symbol);
    for node in std::iter::once(declaration).chain(file.nodes().ancestor_ids(declaration)) {
        match file.nodes().kind(node) {
            AstKind::VariableDeclarator(declarator) => {
                return match (path_to(&declarator.id, symbol), &declarator.init) {
                    (Some(inner), Some(init)) => in_field(project, file, init, &further(inner), steps),
                    _ => Vec::new(),
                };
            }
            AstKind::FormalParameter(parameter) => {
                let AstKind::FormalParameters(all) = file.nodes().parent_kind(node) else { return Vec::new() };
                let function = file.nodes().parent_id(file.nodes().parent_id(node));
                let function = project.function_symbol(FunctionId { file: file.id, node: function });
                let index = all.items.iter().position(|item| item.span == parameter.span);
                let (Some(inner), Some(function), Some(index)) = (path_to(&parameter.pattern, symbol), function, index)
                else {
                    return Vec::new();
                };
                let path = further(inner);
                let given = project.call_sites(file.id, function).filter_map(|site| {
                    Some((site.file, site.call.arguments.get(index).and_then(Argument::as_expression)?))
                });
                return given
                    .flat_map(|(given_in, value)| in_field(project, &project.files[given_in], value, &path, steps))
                    .collect();
            }
            AstKind::ImportSpecifier(_) | AstKind::ImportDefaultSpecifier(_) => {
                return project.imported_symbol(file.id, symbol).map_or_else(Vec::new, |(made_in, symbol)| {
                    in_field_of_name(project, &project.files[made_in], symbol, path, steps)
                });
            }
            AstKind::Function(_) | AstKind::Class(_) | AstKind::CatchParameter(_) | AstKind::Program(_) => {
                return Vec::new();
            }
            _ => {}
        }
    }
    Vec::new()
}

/// The hosts that a URL may lead to: parameters, choices, fields of constants and options are all followed.
fn reachable<'a>(project: &Project<'a>, file: &File<'a>, target: &'a Expression<'a>, steps: u32) -> Vec<String> {
    let (Some(steps), Some(())) = (steps.checked_sub(1), project.take_step()) else { return Vec::new() };
    if let Some(known) = host(&project.text_value(file, target)) {
        return vec![known];
    }
    let each = |parts: &[&'a Expression<'a>]| -> Vec<String> {
        parts.iter().flat_map(|part| reachable(project, file, part, steps)).collect()
    };
    match target.get_inner_expression() {
        Expression::ConditionalExpression(choice) => each(&[&choice.consequent, &choice.alternate]),
        Expression::LogicalExpression(logical) => each(&[&logical.left, &logical.right]),
        // What a URL begins with decides.
        Expression::BinaryExpression(sum) => each(&[&sum.left]),
        Expression::TemplateLiteral(template)
            if template.quasis.first().is_some_and(|text| text.value.raw.is_empty()) =>
        {
            template.expressions.first().map_or_else(Vec::new, |first| each(&[first]))
        }
        Expression::NewExpression(made) => {
            // The base of `new URL(path, base)`, else the only argument.
            let start =
                made.arguments.get(1).into_iter().chain(made.arguments.first()).filter_map(Argument::as_expression);
            start.map(|start| each(&[start])).find(|hosts| !hosts.is_empty()).unwrap_or_default()
        }
        Expression::ObjectExpression(options) => {
            let fields = options.properties.iter().filter_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(field) => {
                    let name = key_name(&field.key, field.computed)?;
                    matches!(name, "url" | "baseURL" | "baseUrl" | "prefixUrl").then_some(&field.value)
                }
                ObjectPropertyKind::SpreadProperty(_) => None,
            });
            each(&fields.collect::<Vec<_>>())
        }
        inner @ (Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_)) => {
            let Some(member) = inner.as_member_expression() else { return Vec::new() };
            let wanted = member.static_property_name();
            let Some((made_in, Definition::Expression(Expression::ObjectExpression(object)))) =
                project.definition(file, member.object())
            else {
                return wanted.map_or_else(Vec::new, |name| in_field(project, file, member.object(), &[name], steps));
            };
            let values = object.properties.iter().filter_map(|property| match property {
                ObjectPropertyKind::ObjectProperty(field) => {
                    let is_meant = wanted.is_none() || key_name(&field.key, field.computed) == wanted;
                    is_meant.then_some(&field.value)
                }
                ObjectPropertyKind::SpreadProperty(_) => None,
            });
            values.flat_map(|value| reachable(project, &project.files[made_in], value, steps)).collect()
        }
        Expression::Identifier(_) => {
            let origins = project.origins(file.id, target);
            if origins.is_empty() {
                return in_field(project, file, target, &[], steps);
            }
            origins
                .into_iter()
                .filter(|origin| !matches!(origin.expression, Expression::Identifier(_)))
                .flat_map(|origin| reachable(project, &project.files[origin.file], origin.expression, steps))
                .collect()
        }
        _ => Vec::new(),
    }
}
