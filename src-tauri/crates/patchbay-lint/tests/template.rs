//! Whole adapters: those that ship with Patchbay, the smallest one, and what is read from them.

use patchbay_core::{AdapterManifest, BindingKind};
use patchbay_lint::{InferredManifest, LintReport, LintRequest, ModuleSyntax, TenantFacts, infer, lint, render_text};
use std::fs;
use std::path::{Path, PathBuf};

/// The adapter that every customer starts from.
const SMALLEST: &str = "export default {
  async fetch(request, env) {
    const webhook = await request.json();
    return { notion_page: webhook.slack_message, tags: webhook.slack_thread_tags, created_by: webhook.slack_user };
  },
};
";

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates/adapters")
}

/// Code files under a folder, as `src/…` paths with their texts.
fn sources(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder can be read").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().expect("a name").to_string_lossy());
        if entry.is_dir() {
            sources(&entry, &format!("{name}/"), found);
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "ts") {
            found.push((name, fs::read_to_string(&entry).expect("the file can be read")));
        }
    }
}

fn template(id: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(&templates().join(id).join("src"), "src/", &mut found);
    found
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

fn shown(report: &LintReport, files: &[(&str, &str)]) -> String {
    render_text(report, files)
}

fn slack_manifest() -> AdapterManifest {
    serde_json::from_value(serde_json::json!({
        "template": "slack-to-notion",
        "provider": "slack",
        "signing_secret": "SLACK_SIGNING_SECRET",
        "compatibility_date": "2026-11-01",
        "upstreams": ["api.notion.com"],
        "bindings": [
            { "name": "SLACK_SIGNING_SECRET", "kind": "secret_text" },
            { "name": "NOTION_TOKEN", "kind": "secret_text" },
            { "name": "NOTION_DATA_SOURCE_ID", "kind": "plain_text" },
        ],
    }))
    .expect("the manifest is valid")
}

fn manifest_of(folder: &Path) -> AdapterManifest {
    let text = fs::read_to_string(folder.join("adapter.toml")).expect("a template has a manifest");
    let table: toml::Table = text.parse().expect("the manifest is TOML");
    serde_json::from_value(serde_json::to_value(table).expect("and can be JSON")).expect("the manifest is valid")
}

#[test]
fn every_template_lints_clean() {
    let mut linted = 0;
    for entry in fs::read_dir(templates()).expect("there are templates") {
        let folder = entry.expect("an entry").path();
        let id = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let files = template(&id);
        let files = borrowed(&files);
        let manifest = manifest_of(&folder);
        let tenant = TenantFacts { id: "customer-a", egress: &manifest.upstreams, region: "eu", other_tenants: &[] };
        let request =
            LintRequest { files: &files, manifest: Some(&manifest), tenant: Some(tenant), ..LintRequest::default() };
        let report = lint(&request).expect("linting works");
        assert!(report.diagnostics.is_empty(), "{id}:\n{}", shown(&report, &files));
        assert_eq!(report.files.len(), files.len());
        linted += 1;
    }
    assert!(linted > 1, "there are templates");
}

#[test]
fn what_the_slack_template_needs_is_read_from_its_code() {
    let files = template("slack-to-notion");
    let inferred = infer(&borrowed(&files), None).expect("inferring works");
    let bindings: Vec<_> = inferred.bindings.iter().map(|binding| (binding.name.as_str(), binding.kind)).collect();
    assert_eq!(
        bindings,
        [
            ("MAPPING", BindingKind::Json),
            ("NOTION_DATA_SOURCE_ID", BindingKind::PlainText),
            ("NOTION_TOKEN", BindingKind::SecretText),
            ("SLACK_SIGNING_SECRET", BindingKind::SecretText),
        ]
    );
    let InferredManifest { entry, syntax, may_read_more, hosts, provider, signing_secret, .. } = inferred;
    assert_eq!(entry.as_deref(), Some("src/adapter.ts"));
    assert_eq!(syntax, ModuleSyntax::EsModule);
    assert!(!may_read_more, "every use of env can be followed");
    assert_eq!(hosts, ["api.notion.com"]);
    assert_eq!(provider.as_deref(), Some("slack"));
    assert_eq!(signing_secret.as_deref(), Some("SLACK_SIGNING_SECRET"));
}

#[test]
fn the_smallest_adapter_has_no_errors() {
    let files = [("src/adapter.js", SMALLEST)];
    let report = lint(&LintRequest { files: &files, ..LintRequest::default() }).expect("linting works");
    assert!(report.diagnostics.is_empty(), "{}", shown(&report, &files));

    let mut manifest = slack_manifest();
    manifest.entry = "src/adapter.js".into();
    manifest.bindings.clear();
    let request = LintRequest { files: &files, manifest: Some(&manifest), ..LintRequest::default() };
    let report = lint(&request).expect("linting works");
    assert_eq!(report.error_count(), 0, "{}", shown(&report, &files));
    let rules: Vec<_> = report.diagnostics.iter().map(|found| found.rule.as_str()).collect();
    assert_eq!(rules, ["missing-handshake", "signature-not-verified"], "{}", shown(&report, &files));

    let inferred = infer(&files, None).expect("inferring works");
    assert_eq!((inferred.bindings.len(), inferred.hosts.len(), inferred.provider), (0, 0, None));
    assert_eq!(inferred.entry.as_deref(), Some("src/adapter.js"));
}

#[test]
fn what_an_older_worker_needs_is_read_too() {
    let code = "
addEventListener('fetch', (event) => event.respondWith(handle(event.request)));
async function handle(request) { return new Response('ok'); }
";
    assert_eq!(infer(&[("worker.js", code)], None).expect("inferring works").syntax, ModuleSyntax::ServiceWorker);
    let code = "const Stripe = require('stripe');\nmodule.exports = { fetch() {} };\n";
    assert_eq!(infer(&[("worker.js", code)], None).expect("inferring works").syntax, ModuleSyntax::CommonJs);
    let code = "
import { Client } from '@notionhq/client';
export default {
  async fetch(request, { STRIPE_WEBHOOK_SECRET, CACHE, REGION }) {
    const signature = request.headers.get('Stripe-Signature');
    await CACHE.put('last', signature);
    const base = `https://api.${REGION}.example`;
    await fetch(`https://hooks.example.com/${signature}`);
    return fetch(base + '/x', { headers: { authorization: STRIPE_WEBHOOK_SECRET } });
  },
};
";
    let inferred = infer(&[("src/index.js", code)], None).expect("inferring works");
    let names: Vec<_> = inferred.bindings.iter().map(|binding| (binding.name.as_str(), binding.kind)).collect();
    assert_eq!(names[1..], [("REGION", BindingKind::PlainText), ("STRIPE_WEBHOOK_SECRET", BindingKind::SecretText)]);
    assert_eq!(
        inferred.hosts,
        ["api.notion.com", "hooks.example.com"],
        "a library names a host; one made at run time is not guessed"
    );
    assert_eq!(inferred.provider.as_deref(), Some("stripe"));
    assert_eq!(inferred.signing_secret.as_deref(), Some("STRIPE_WEBHOOK_SECRET"));
}
