//! Which case says something about which template, and where it is run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What decides whether a case applies.
pub enum Applies {
    /// To every template.
    Always,
    /// To those that call an upstream.
    Calling,
    /// Where the sender's signature covers a time.
    Timed,
    /// To those that have a sample with which the sender asks whether anybody is there.
    Asked,
    /// To templates of these senders.
    Senders(&'static [&'static str]),
    /// Not to templates of these senders.
    NotSenders(&'static [&'static str]),
    /// To these templates.
    Templates(&'static [&'static str]),
    /// To none; why.
    None(&'static str),
}
use Applies::{Always, Asked, Calling, NotSenders, Senders, Templates, Timed};

const TOLD_IN_SLACK: &[&str] = &["github-to-slack", "stripe-to-slack"];
const NO_VERSION: &[&str] = &["custom", "paypal", "teams"];

pub const CASES: &[(&str, Applies)] = &[
    ("bom", Always),
    ("invalid-utf8", Always),
    ("nul", Always),
    ("emoji-zwj", Always),
    ("latin1-charset", Always),
    ("utf16-charset", Always),
    ("empty", Always),
    ("scalar-root", Always),
    ("dup-keys", Always),
    ("not-json", Always),
    ("odd-keys", Always),
    ("deep-10k", Always),
    ("int-2p53", Always),
    ("num-extreme", Always),
    ("size-1mb", Always),
    ("size-25mb", Always),
    ("wide", Always),
    ("chunked", Always),
    ("slow-drip", Always),
    ("gzip", Always),
    ("disconnect", Always),
    ("methods", Always),
    ("hdr-nonlatin", Senders(&["custom", "github", "standard-webhooks"])),
    ("hdr-dup", Always),
    ("hdr-case", Always),
    ("hdr-missing", Always),
    ("sig-newline-secret", Always),
    ("sig-upper-hex", NotSenders(&["paypal"])),
    ("sig-10k", NotSenders(&["paypal"])),
    ("sig-downgrade", NotSenders(NO_VERSION)),
    ("sig-b64-key", NotSenders(&["paypal"])),
    ("sig-prefix", Senders(&["stripe"])),
    ("sig-crc-signed", Senders(&["paypal"])),
    ("sig-paypal-cert-host", Senders(&["paypal"])),
    ("ts-300", Timed),
    ("ts-301", Timed),
    ("ts-ms", Timed),
    ("ts-nan", Timed),
    ("dup-seq", Always),
    ("dup-par", Always),
    ("retry-overlap", Always),
    ("order-update-first", Templates(&["hubspot-to-salesforce", "paypal-to-airtable", "stripe-to-notion"])),
    ("batch-partial", Senders(&["hubspot"])),
    ("burst", Always),
    ("new-fields", Always),
    ("ping", Asked),
    ("hs-token-encoding", Applies::None("Graph's question; no template has Graph as its sender")),
    ("hs-json-answer", Applies::None("Graph's question; no template has Graph as its sender")),
    ("loop-two", Senders(&["slack", "teams", "hubspot"])),
    ("inj-slack", Always),
    ("inj-soql", Always),
    ("inj-sheet", Always),
    ("ssrf", Applies::None("no template calls an address out of an event; PayPal's has a case of its own")),
    ("xxe", Applies::None("no template takes XML")),
    ("ok-false", Templates(TOLD_IN_SLACK)),
    ("partial", Templates(&["hubspot-to-salesforce"])),
    ("5xx-applied", Calling),
    ("cut-json", Calling),
    ("204-json", Calling),
    ("redirect-host", Calling),
];

/// What is known of a template.
pub struct Template {
    pub id: String,
    pub provider: String,
    pub calls: bool,
    pub has_time: bool,
    pub is_asked: bool,
    /// Names of the tests beside the template and beside the modules that it uses, as their files.
    pub own_tests: String,
}

impl Applies {
    pub fn to(&self, template: &Template) -> bool {
        match self {
            Always => true,
            Calling => template.calls,
            Timed => template.has_time,
            Asked => template.is_asked,
            Senders(ids) => ids.contains(&template.provider.as_str()),
            NotSenders(ids) => !ids.contains(&template.provider.as_str()),
            Templates(ids) => ids.contains(&template.id.as_str()),
            Self::None(_) => false,
        }
    }
}

/// The text of the tests of a template and of its modules.
pub fn own_tests(id: &str) -> String {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates");
    let source = templates.join("adapters").join(id).join("src");
    let mut text = String::new();
    for entry in std::fs::read_dir(&source).expect("the template has a src") {
        let path = entry.expect("it can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("UTF-8").to_owned();
        let file = if path.is_symlink() { templates.join(format!("modules/{name}.test.ts")) } else { path };
        if file.to_string_lossy().ends_with(".test.ts")
            && let Ok(content) = std::fs::read_to_string(file)
        {
            text += &content;
        }
    }
    // What everybody uses and nobody tests again.
    if text.contains("testing/hostile'") {
        text += &std::fs::read_to_string(templates.join("testing/hostile.ts")).expect("it is in the repository");
    }
    text
}

/// Whether a test names the case, as a word of its own.
fn names(tests: &str, case: &str) -> bool {
    tests.match_indices(case).any(|(at, _)| {
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
        !tests[..at].ends_with(is_part) && !tests[at + case.len()..].starts_with(is_part)
    })
}

/// The table of templates and cases as text, and what is missing in it. `run` counts requests by template and case.
pub fn table(templates: &[Template], run: &BTreeMap<(String, &'static str), usize>) -> (String, Vec<String>) {
    let mut text = format!("{:<22}", "");
    for number in 1..=templates.len() {
        let _ = write!(text, "{number:>4}");
    }
    let (mut missing, mut applicable, mut held) = (Vec::new(), 0, 0);
    for (case, applies) in CASES {
        let _ = write!(text, "\n{case:<22}");
        for template in templates {
            let count = run.get(&(template.id.clone(), *case)).copied().unwrap_or_default();
            let tested = names(&template.own_tests, case);
            let (applies, cell) = match (applies.to(template), count, tested) {
                (false, ..) => (false, "·".to_owned()),
                (true, 0, false) => (true, "?".to_owned()),
                (true, 0, true) => (true, "t".to_owned()),
                (true, count, _) => (true, count.to_string()),
            };
            applicable += usize::from(applies);
            held += usize::from(applies && cell != "?");
            if cell == "?" {
                missing.push(format!("{}: {case}", template.id));
            }
            let _ = write!(text, "{cell:>4}");
        }
        if let Applies::None(why) = applies {
            let _ = write!(text, "  {why}");
        }
    }
    let _ =
        write!(text, "\n\n{held}/{applicable} (a number: requests through the program; t: the template's own tests)\n");
    for (number, template) in templates.iter().enumerate() {
        let _ = writeln!(text, "{:>2} {}", number + 1, template.id);
    }
    (text, missing)
}
