use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::patterns::key_name;
use crate::project::File;
use oxc::ast::{AstKind, AstType};
use oxc::semantic::NodeId;
use oxc::span::Span;

pub struct HardcodedSecret;

static DOCS: Docs = Docs {
    id: "hardcoded-secret",
    group: Group::Tenant,
    severity: Severity::Error,
    what: "Texts that have the shape of a provider's token, and random-looking texts under a name such as `secret` or `token`.",
    why: "Code is shown, diffed, committed and kept in every version. A secret in it is known to all who see any of these, and cannot be rotated without a publish.",
    good: "const token = env.NOTION_TOKEN; // declared as secret_text in adapter.toml",
};

/// What a token begins with, what it is, and how many characters follow at least.
const SHAPES: &[(&str, &str, usize)] = &[
    ("xoxb-", "a Slack bot token", 20),
    ("xoxp-", "a Slack user token", 20),
    ("xoxa-", "a Slack app token", 20),
    ("xoxr-", "a Slack refresh token", 20),
    ("xapp-", "a Slack app-level token", 20),
    ("sk_live_", "a live Stripe key", 16),
    ("rk_live_", "a live Stripe key", 16),
    ("sk_test_", "a Stripe test key", 16),
    ("whsec_", "a webhook signing secret", 20),
    ("ghp_", "a GitHub token", 30),
    ("gho_", "a GitHub token", 30),
    ("ghs_", "a GitHub token", 30),
    ("github_pat_", "a GitHub token", 30),
    ("secret_", "a Notion token", 40),
    ("ntn_", "a Notion token", 40),
    ("pat-na1-", "a HubSpot token", 30),
    ("pat-eu1-", "a HubSpot token", 30),
    ("AKIA", "an AWS key id", 16),
    ("AIza", "a Google key", 35),
    ("sk-ant-", "an Anthropic key", 30),
    ("SG.", "a SendGrid key", 40),
    ("glpat-", "a GitLab token", 20),
];

/// Parts of names under which secrets stand.
const NAMES: &[&str] = &[
    "secret",
    "token",
    "password",
    "passwd",
    "apikey",
    "privatekey",
    "signingkey",
    "accesskey",
    "bearer",
    "authorization",
];

impl Rule for HardcodedSecret {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        for file in context.checked_files() {
            for kind in [AstType::StringLiteral, AstType::TemplateElement] {
                for node in file.of_type(kind) {
                    let (text, span) = match node.kind() {
                        AstKind::StringLiteral(literal) => (literal.value.as_str(), literal.span),
                        AstKind::TemplateElement(part) => (part.value.raw.as_str(), part.span),
                        _ => continue,
                    };
                    if let Some(what) = shape(text) {
                        report(context, file, span, &format!("This text has the shape of {what}"));
                    } else if is_random(text) && stands_under_secret_name(file, node.id()) {
                        report(context, file, span, "A random-looking text stands under the name of a secret");
                    }
                }
            }
        }
    }
}

fn report<'a>(context: &Context<'_, 'a>, file: &File<'a>, span: Span, message: &str) {
    context
        .report(file, span, message)
        .conceal()
        .help("Set it with `patchbay secret set`, declare it in adapter.toml as secret_text, and read it from `env`. Then revoke this one: it has been in a file");
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'+' | b'=')
}

/// No shape is shorter than this.
const SHORTEST: usize = 20;
/// What is kept in a file between lines of dashes is longer than this.
const SHORTEST_PRIVATE_KEY: usize = 100;

/// Which provider's token a text holds.
fn shape(text: &str) -> Option<&'static str> {
    if text.len() < SHORTEST {
        return None;
    }
    if text.len() > SHORTEST_PRIVATE_KEY && text.contains("PRIVATE KEY-----") && text.contains("-----BEGIN") {
        return Some("a private key");
    }
    let bytes = text.as_bytes();
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        // A token begins a word. What it begins with is ASCII, so `at` is no place inside of a character.
        let begins = byte.is_ascii_alphabetic() && !(before.is_ascii_alphanumeric() || before == b'_');
        before = byte;
        if begins && let Some(what) = shape_at(text, &bytes[at..]) {
            return Some(what);
        }
    }
    None
}

/// Which token a word of a text is. `word` is the text from there on.
fn shape_at(text: &str, word: &[u8]) -> Option<&'static str> {
    // Of the words that are no token nearly all are told by their first two letters.
    let starts = match word {
        [b'e', b'y', ..] => return is_json_web_token(text).then_some("a JSON Web Token"),
        [b'h', b'o', ..] => {
            return is_slack_webhook(word).then_some("a Slack webhook URL, which is a secret by itself");
        }
        [b'A', b'I' | b'K', ..]
        | [b'S', b'G', ..]
        | [b'g', b'h' | b'i' | b'l', ..]
        | [b'n', b't', ..]
        | [b'p', b'a', ..]
        | [b'r', b'k', ..]
        | [b's', b'e' | b'k', ..]
        | [b'w', b'h', ..]
        | [b'x', b'a' | b'o', ..] => SHAPES.iter(),
        _ => return None,
    };
    starts.filter(|(start, ..)| word.starts_with(start.as_bytes())).find_map(|(start, what, length)| {
        let rest = &word[start.len()..];
        let rest = &rest[..rest.iter().take_while(|byte| is_token(**byte)).count()];
        let is_real = rest.len() >= *length && std::str::from_utf8(rest).is_ok_and(is_filled_in);
        is_real.then_some(*what)
    })
}

fn is_slack_webhook(word: &[u8]) -> bool {
    let path = word.strip_prefix(b"hooks.slack.com/services/").and_then(|path| std::str::from_utf8(path).ok());
    path.is_some_and(|path| path.len() >= 40 && is_filled_in(path))
}

fn is_json_web_token(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace()).any(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 3 && parts[0].starts_with("eyJ") && parts[1].starts_with("eyJ") && parts[2].len() >= 20
    })
}

/// Whether the text is a real value and not an example: no placeholder words, and characters as mixed as chance mixes them.
fn is_filled_in(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let placeholders = [
        "example",
        "your",
        "xxxx",
        "placeholder",
        "changeme",
        "replace",
        "dummy",
        "fake",
        "sample",
        "redacted",
        "test-",
    ];
    !placeholders.iter().any(|word| lower.contains(word)) && entropy(text) >= 3.0
}

/// Whether a text looks like chance made it.
fn is_random(text: &str) -> bool {
    let text = text.strip_prefix("Bearer ").or_else(|| text.strip_prefix("Basic ")).unwrap_or(text);
    let bytes = text.as_bytes();
    // Most texts have a space in them, or are short.
    if bytes.len() < SHORTEST || bytes.len() > 512 || !bytes.iter().all(|byte| is_token(*byte)) {
        return false;
    }
    let has_digit = bytes.iter().any(u8::is_ascii_digit);
    let has_letter = bytes.iter().any(u8::is_ascii_alphabetic);
    let is_hexadecimal = bytes.iter().all(u8::is_ascii_hexdigit);
    // A UUID names something; APIs show them.
    let is_uuid = bytes.len() == 36 && text.matches('-').count() == 4;
    has_digit && has_letter && !is_uuid && is_filled_in(text) && entropy(text) >= if is_hexadecimal { 3.0 } else { 3.8 }
}

/// Bits per byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = f64::from(counts.iter().sum::<u32>());
    let shares = counts.into_iter().filter(|count| *count > 0).map(|count| f64::from(count) / length);
    shares.map(|share| -share * share.log2()).sum()
}

/// Why a text is taken for a secret: its shape, or that it looks random under such a name.
pub(crate) fn why_secret(name: &str, text: &str) -> Option<String> {
    let has_shape = shape(text).map(|what| format!("has the shape of {what}"));
    has_shape.or_else(|| (is_random(text) && looks_secret(name)).then(|| "looks random, as secrets do".to_owned()))
}

/// Whether a name is one under which a secret stands.
pub(crate) fn looks_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    NAMES.iter().any(|part| plain.contains(part)) || plain.ends_with("key") || plain.ends_with("dsn")
}

/// Whether the text is the value of a variable, property or header whose name is that of a secret.
fn stands_under_secret_name(file: &File<'_>, node: NodeId) -> bool {
    let mut at = node;
    if matches!(file.nodes().kind(at), AstKind::TemplateElement(_)) {
        at = file.nodes().parent_id(at);
    }
    match file.parent(at) {
        AstKind::VariableDeclarator(declarator) => {
            declarator.id.get_binding_identifier().is_some_and(|name| looks_secret(name.name.as_str()))
        }
        AstKind::ObjectProperty(property) => {
            let is_value = !matches!(file.nodes().kind(node), AstKind::StringLiteral(literal) if literal.span == property_key_span(property));
            is_value && key_name(&property.key, property.computed).is_some_and(looks_secret)
        }
        AstKind::PropertyDefinition(property) => key_name(&property.key, property.computed).is_some_and(looks_secret),
        AstKind::AssignmentExpression(assignment) => match assignment.left.as_member_expression() {
            Some(member) => member.static_property_name().is_some_and(looks_secret),
            None => assignment.left.get_identifier_name().is_some_and(looks_secret),
        },
        _ => false,
    }
}

fn property_key_span(property: &oxc::ast::ast::ObjectProperty<'_>) -> Span {
    use oxc::span::GetSpan as _;
    property.key.span()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_shape_is_found_by_its_first_letters() {
        for (start, what, length) in super::SHAPES {
            let random: String = "q7Zt2Wm9Kb4Xv8Rc3Yd6Hf1Jn5Ls0Pg".chars().cycle().take(*length).collect();
            let text = format!("the {start}{random}");
            assert_eq!(super::shape(&text), Some(*what), "{text}");
        }
    }

    use crate::tester::{case, handler, test};

    /// Random-looking texts that are nobody's secret, made of parts so that no scanner takes this file for a leak.
    fn made(start: &str, length: usize) -> String {
        let letters = b"q7Wz2Rk9Xb4Nv8Ts3Hd6Jf1Lp5Gm0Yc";
        let rest: String = (0..length).map(|index| char::from(letters[index * 7 % letters.len()])).collect();
        format!("{start}{rest}")
    }

    #[test]
    fn cases() {
        test(
            &super::HardcodedSecret,
            &[
                handler("return { token: env.NOTION_TOKEN, header: `Bearer ${env.TOKEN}` };"),
                handler("const token = 'xoxb-your-token-goes-here-please'; return { token };"),
                handler("const SECRET = 'aaaaaaaaaaaaaaaaaaaaaaaa1'; return { SECRET };"),
                handler("const secretName = 'NOTION_TOKEN'; return { secretName };"),
                handler("const databaseToken = '11111111-2222-4333-8444-555555555555'; return { databaseToken };"),
                handler("return { 'x-slack-signature': request.headers.get('x-slack-signature') };"),
                case(&format!(
                    "const template = '{}';\nexport default {{ fetch: () => ({{ template }}) }};",
                    made("", 32)
                )),
            ],
            &[
                handler(&format!("const slack = '{}'; return {{ slack }};", made("xoxb-", 40))),
                handler(&format!("return {{ a: `Bearer {}` }};", made("sk_live_", 24))),
                handler(&format!("const signingSecret = '{}'; return {{ signingSecret }};", made("", 32))),
                handler(&format!(
                    "return fetch('https://example.com', {{ headers: {{ Authorization: 'Bearer {}' }} }});",
                    made("", 40)
                )),
                handler(&format!("return fetch('https://hooks.slack.com/services/{}');", made("T0/B0/", 40))),
            ],
        );
    }

    #[test]
    fn the_value_is_not_shown() {
        let secret = made("xoxb-", 40);
        // The line below the secret has a finding of its own, whose frame shows the secret's line too.
        let code = format!("const token = '{secret}';\nexport default {{ fetch: () => ({{ token, missing }}) }};");
        let files = [("src/adapter.ts", code.as_str())];
        let report = crate::lint(&crate::LintRequest { files: &files, ..Default::default() }).expect("linting works");
        let json = serde_json::to_string(&report).expect("the report is JSON");
        for shown in [crate::render_text(&report, &files), crate::render_github(&report, ""), json] {
            assert!(shown.contains("hardcoded-secret") && !shown.contains(&secret), "{shown}");
        }
    }
}
