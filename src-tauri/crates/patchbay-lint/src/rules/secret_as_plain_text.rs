use super::{Docs, Group, Rule, why_secret};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::headers_written::property;
use crate::meaning::Definition;
use crate::patterns::{as_call, method_call};
use crate::project::File;
use oxc::ast::ast::{Argument, BinaryOperator, CallExpression, Expression};
use oxc::ast::{AstKind, AstType};
use oxc::span::{GetSpan as _, Span};
use patchbay_core::BindingKind;
use std::collections::BTreeSet;

pub struct SecretAsPlainText;

static DOCS: Docs = Docs {
    id: "secret-as-plain-text",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "A binding that adapter.toml declares as plain_text or json, but that is a secret: its value looks like one, it is the signing secret, or the code sends it as credentials or keys an HMAC with it (warning).",
    why: "Plain values stand in adapter.toml, in every version and in the settings that anyone with access can read. Only secret_text is kept in the vault and out of logs.",
    good: "[[bindings]]\nname = \"NOTION_TOKEN\"\nkind = \"secret_text\"",
};

impl Rule for SecretAsPlainText {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        let Some(manifest) = context.manifest else { return };
        let is_plain = |kind: BindingKind| matches!(kind, BindingKind::PlainText | BindingKind::Json);
        let mut open = BTreeSet::new();
        for binding in manifest.bindings.iter().filter(|binding| is_plain(binding.kind)) {
            let name = binding.name.as_str();
            let value = binding.value.as_ref().and_then(|value| value.as_str());
            if let Some(what) = value.and_then(|value| why_secret(name, value)) {
                report(context, name, &format!("its value {what}"), true);
            // What PayPal's signatures are checked with is the webhook's id, which is no secret.
            } else if manifest.signing_secret.as_deref() == Some(name) && manifest.provider.as_deref() != Some("paypal")
            {
                report(context, name, "it is the signing secret", false);
            } else {
                open.insert(name);
            }
        }
        if open.is_empty() {
            return;
        }
        for write in context.header_writes() {
            let is_credential = ["authorization", "proxy-authorization", "x-api-key", "api-key", "x-auth-token"];
            if !is_credential.iter().any(|name| write.is(name)) {
                continue;
            }
            let file = &context.files[write.file];
            if let Some((name, span)) = credential(context, file, write.value).filter(|(name, _)| open.contains(name)) {
                used(context, file, span, name, &format!("sent as credentials in `{}`", write.name));
            }
        }
        for file in context.checked_files() {
            for node in file.of_type(AstType::CallExpression) {
                let AstKind::CallExpression(call) = node.kind() else { continue };
                if let Some((name, span)) = hmac_key(context, file, call).filter(|(name, _)| open.contains(name)) {
                    used(context, file, span, name, "the key of an HMAC");
                }
            }
        }
    }
}

fn report(context: &Context<'_, '_>, name: &str, because: &str, is_written: bool) {
    let revoke = if is_written { ". Then revoke this one: it has been in a file" } else { "" };
    context.report_manifest(format!("`{name}` is declared as plain text, but {because}")).help(format!(
        "Declare it as secret_text, take its value out of adapter.toml and set it with `patchbay secret set`{revoke}"
    ));
}

fn used<'a>(context: &Context<'_, 'a>, file: &File<'a>, span: Span, name: &str, how: &str) {
    context
        .report(file, span, format!("`{name}` is {how}, but adapter.toml declares it as plain text"))
        .severity(Severity::Warning)
        .help("Declare it as secret_text and set it with `patchbay secret set`");
}

/// The binding that is the whole of a credential: `Bearer ${env.NAME}`, or the value alone.
fn credential<'a>(context: &Context<'_, 'a>, file: &File<'a>, value: &'a Expression<'a>) -> Option<(&'a str, Span)> {
    let is_scheme = |text: &str| {
        let word = text.trim().to_ascii_lowercase();
        // `Basic` holds a user's name too, which is no secret.
        matches!(word.as_str(), "" | "bearer" | "token" | "bot" | "apikey" | "api-key")
    };
    if let Some(meaning) = context.meaning(file, value) {
        return meaning.binding().map(|name| (name, value.span()));
    }
    let inner = match value.get_inner_expression() {
        Expression::TemplateLiteral(template) => match (&template.quasis[..], &template.expressions[..]) {
            ([before, after], [inner]) if is_scheme(&before.value.raw) && after.value.raw.trim().is_empty() => inner,
            _ => return None,
        },
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => match &sum.left {
            Expression::StringLiteral(before) if is_scheme(&before.value) => &sum.right,
            _ => return None,
        },
        Expression::Identifier(_) => {
            return match context.definition(file, value)? {
                (made_in, Definition::Expression(made)) if made_in == file.id => {
                    credential(context, file, made).map(|(name, _)| (name, value.span()))
                }
                _ => None,
            };
        }
        _ => return None,
    };
    context.meaning(file, inner)?.binding().map(|name| (name, inner.span()))
}

/// The binding whose bytes are imported as the key of an HMAC.
fn hmac_key<'a>(context: &Context<'_, 'a>, file: &File<'a>, call: &'a CallExpression<'a>) -> Option<(&'a str, Span)> {
    let argument = |index: usize| call.arguments.get(index).and_then(Argument::as_expression);
    let algorithm = argument(2)?;
    if !context.meaning(file, &call.callee)?.is_global("crypto.subtle.importKey") {
        return None;
    }
    let name = match context.definition(file, algorithm)? {
        (_, Definition::Expression(Expression::ObjectExpression(object))) => property(object, "name")?,
        _ => algorithm,
    };
    let Expression::StringLiteral(name) = name else { return None };
    if !name.value.eq_ignore_ascii_case("HMAC") {
        return None;
    }
    let key = argument(1)?;
    let (made_in, Definition::Expression(bytes)) = context.definition(file, key)? else { return None };
    let encoded = as_call(bytes)?;
    let (_, "encode") = method_call(encoded)? else { return None };
    let text = encoded.arguments.first()?.as_expression()?;
    let name = context.meaning(&context.files[made_in], text)?.binding()?;
    let span = if made_in == file.id && call.span.contains_inclusive(text.span()) { text.span() } else { key.span() };
    Some((name, span))
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, handler, test};
    use serde_json::json;

    fn declared(case: Case, kind: &str) -> Case {
        case.manifest(&json!({
            "bindings": [
                { "name": "ACCESS", "kind": kind },
                { "name": "USER", "kind": "plain_text", "value": "billing@example.com" },
                { "name": "TOKEN_URL", "kind": "plain_text", "value": "https://auth.example.com/oauth/token" },
                { "name": "KEY_ID", "kind": "plain_text", "value": "11111111-2222-4333-8444-555555555555" },
            ],
        }))
    }

    fn valued(name: &str, value: &str) -> Case {
        handler("return {};").manifest(&json!({ "bindings": [{ "name": name, "kind": "plain_text", "value": value }] }))
    }

    /// A random-looking text that is nobody's secret.
    fn made(start: &str, length: usize) -> String {
        let letters = b"q7Wz2Rk9Xb4Nv8Ts3Hd6Jf1Lp5Gm0Yc";
        let rest: String = (0..length).map(|index| char::from(letters[index * 7 % letters.len()])).collect();
        format!("{start}{rest}")
    }

    #[test]
    fn cases() {
        let bearer = "return fetch('https://a.example', { headers: { authorization: `Bearer ${env.ACCESS}` } });";
        let keyed = "const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(env.ACCESS), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']); return { key };";
        test(
            &super::SecretAsPlainText,
            &[
                declared(handler(bearer), "secret_text"),
                declared(handler(keyed), "secret_text"),
                handler(bearer),
                declared(handler("return fetch('https://a.example', { headers: { authorization: `Basic ${btoa(`${env.USER}:${env.ACCESS}`)}` } });"), "secret_text"),
                declared(handler("return fetch(`https://a.example/${env.ACCESS}`, { headers: { 'x-account': env.ACCESS } });"), "plain_text"),
                declared(handler("const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(env.ACCESS), 'AES-GCM', false, ['encrypt']); return { key };"), "plain_text"),
                declared(handler("return { headers: { authorization: env.ACCESS } };"), "plain_text"),
                valued("NOTION_TOKEN", "your-token-goes-here"),
                valued("DATABASE", &made("", 32)),
                handler("return {};").manifest(&json!({
                    "provider": "paypal", "signing_secret": "WEBHOOK_ID", "bindings": [{ "name": "WEBHOOK_ID", "kind": "plain_text" }],
                })),
            ],
            &[
                declared(handler(bearer), "plain_text"),
                declared(handler("const headers = new Headers(); const { ACCESS: a } = env; headers.set('X-Api-Key', a); return fetch('https://a.example', { headers });"), "plain_text"),
                declared(handler(keyed), "plain_text"),
                valued("API_TOKEN", &made("", 32)),
                valued("ANYTHING", &made("xoxb-", 40)),
                handler("return {};").manifest(&json!({
                    "provider": "stripe", "signing_secret": "SIGNER", "bindings": [{ "name": "SIGNER", "kind": "plain_text" }],
                })),
            ],
        );
    }

    #[test]
    fn the_value_is_not_shown() {
        let value = made("xoxb-", 40);
        let manifest = serde_json::from_value(json!({
            "compatibility_date": "2026-11-01",
            "bindings": [{ "name": "ANYTHING", "kind": "plain_text", "value": value }],
        }));
        let manifest = manifest.expect("the manifest is valid");
        let files = [("src/adapter.ts", "export default { fetch: () => ({}) };")];
        let request = crate::LintRequest { files: &files, manifest: Some(&manifest), ..Default::default() };
        let report = crate::lint(&request).expect("linting works");
        let json = serde_json::to_string(&report).expect("the report is JSON");
        assert!(json.contains("secret-as-plain-text") && !json.contains(&value), "{json}");
    }
}
