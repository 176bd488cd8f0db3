use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::meaning::Root;
use crate::patterns::{key_name, method_call};
use crate::project::File;
use oxc::ast::ast::{Argument, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};

pub struct ForeignTenant;

static DOCS: Docs = Docs {
    id: "foreign-tenant",
    group: Group::Tenant,
    severity: Severity::Warning,
    what: "The id of another tenant of the workspace, written out where it names a script, stands in a URL after `tenants/` or `tenant=`, or is the value of a header or property that is called tenant.",
    why: "Code that was copied from another customer goes on with that customer's name: deliveries, scripts and records end up with the wrong tenant.",
    good: "headers: { 'x-tenant': env.TENANT_ID }",
};

impl Rule for ForeignTenant {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let Some(tenant) = context.tenant.filter(|tenant| !tenant.other_tenants.is_empty()) else { return };
        let others = || tenant.other_tenants.iter().map(String::as_str).filter(|other| *other != tenant.id);
        let named = |text: &str| others().find(|other| *other == text);
        for file in context.checked_files() {
            for kind in [AstType::StringLiteral, AstType::TemplateElement] {
                for node in file.of_type(kind) {
                    let (text, span) = match node.kind() {
                        AstKind::StringLiteral(literal) => (literal.value.as_str(), literal.span),
                        AstKind::TemplateElement(part) => (part.value.raw.as_str(), part.span),
                        _ => continue,
                    };
                    if let Some(other) = others().find(|other| is_in_url(text, other)) {
                        report(context, file, span, other, "is in a URL");
                    }
                }
            }
            for node in file.of_type(AstType::ObjectProperty) {
                let AstKind::ObjectProperty(property) = node.kind() else { continue };
                let Some(name) = key_name(&property.key, property.computed) else { continue };
                if let Expression::StringLiteral(value) = property.value.get_inner_expression()
                    && names_a_tenant(name)
                    && let Some(other) = named(value.value.as_str())
                {
                    report(context, file, value.span, other, &format!("is the value of `{name}`"));
                }
            }
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                let Some((object, method)) = method_call(call) else { continue };
                let text = |index: usize| match call.arguments.get(index).and_then(Argument::as_expression)? {
                    Expression::StringLiteral(text) => Some(text.value.as_str()),
                    Expression::TemplateLiteral(text) => text.quasis.first().map(|first| first.value.raw.as_str()),
                    _ => None,
                };
                match method {
                    "get" => {
                        let Some(script) = text(0) else { continue };
                        let owner = others().find(|other| is_script_of(script, other));
                        let Some(owner) = owner else { continue };
                        let from = context.meaning(file, object);
                        if from.is_some_and(|from| from.root == Root::Environment && is_dispatcher(from.members)) {
                            report(context, file, call.arguments[0].span(), owner, "owns this script");
                        }
                    }
                    "set" | "append" => {
                        let (Some(name), Some(value)) = (text(0), text(1)) else { continue };
                        if let Some(other) = named(value).filter(|_| names_a_tenant(name)) {
                            report(
                                context,
                                file,
                                call.arguments[1].span(),
                                other,
                                &format!("is the value of `{name}`"),
                            );
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

fn report<'a>(context: &Context<'_, 'a>, file: &File<'a>, span: Span, other: &str, what: &str) {
    context
        .report(file, span, format!("The other tenant `{other}` {what}"))
        .help("Take the tenant from `env` or from the request; if this adapter is to act for another tenant, keep the finding back with a reason");
}

fn names_a_tenant(name: &str) -> bool {
    name.split(|character: char| !character.is_ascii_alphanumeric()).any(|word| {
        let word = word.to_ascii_lowercase();
        matches!(word.as_str(), "tenant" | "tenantid" | "tenantname")
    })
}

/// A namespace of scripts; a KV namespace may have any key.
fn is_dispatcher(members: &[&str]) -> bool {
    matches!(members, [name] if name.to_ascii_uppercase().contains("DISPATCH"))
}

/// Script names are `tenant-adapter`.
fn is_script_of(script: &str, tenant: &str) -> bool {
    script.strip_prefix(tenant).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'))
}

fn is_in_url(text: &str, tenant: &str) -> bool {
    ["tenants/", "tenant/", "tenant=", "tenant_id="].iter().any(|before| {
        text.match_indices(before).any(|(at, _)| {
            let starts = at == 0 || text[..at].ends_with(['/', '?', '&']);
            let rest = text[at + before.len()..].strip_prefix(tenant);
            starts && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '&', '#']))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, handler, test};

    fn beside(case: Case) -> Case {
        case.beside(&["acme", "customer-b"])
    }

    #[test]
    fn cases() {
        test(
            &super::ForeignTenant,
            &[
                beside(handler("return { tenant: 'customer-a' };")),
                beside(handler("return { tenant: env.TENANT_ID, headers: { 'x-tenant': env.TENANT_ID } };")),
                // A tenant's id may be any word, and a word may be anything.
                beside(handler("return fetch('https://api.acme.com/acme/items?name=acme');")),
                beside(handler("return { company: 'acme', note: 'customer-b' };")),
                beside(handler("return { tenant: 'acme-anvils' };")),
                beside(handler("return fetch('https://api.example.com/tenants/acmeco/items');")),
                beside(handler("return { cached: await env.CACHE.get('acme-orders') };")),
                beside(handler("const found = new Map().get('acme-orders'); return { found };")),
                handler("return { tenant: 'customer-b' };"),
            ],
            &[
                beside(handler(
                    "return fetch('https://api.example.com/', { headers: { 'X-Tenant-Id': 'customer-b' } });",
                )),
                beside(handler("return fetch('https://api.example.com/tenants/acme/items?x=1');")),
                beside(handler("return fetch(`https://api.example.com/items?tenant=customer-b&id=${request.url}`);")),
                beside(handler(
                    "const { DISPATCHER: scripts } = env; return scripts.get('customer-b-orders').fetch(request);",
                )),
                beside(handler(
                    "const headers = new Headers(); headers.set('x-tenant', 'acme'); return new Response('', { headers });",
                )),
            ],
        );
    }
}
