//! Runs a rule over cases and shows what a person would read.

use crate::engine::{LintRequest, TenantFacts, lint};
use crate::render;
use crate::rules::Rule;
use patchbay_core::AdapterManifest;
use std::fmt::Write as _;

/// Some code, and what is known around it.
#[derive(Default)]
pub(crate) struct Case {
    files: Vec<(String, String)>,
    manifest: Option<AdapterManifest>,
    egress: Option<Vec<String>>,
    other_tenants: Vec<String>,
}

/// A case whose entry is this code.
pub(crate) fn case(code: &str) -> Case {
    Case { files: vec![("src/adapter.ts".into(), code.into())], ..Case::default() }
}

/// A case whose handler has this body.
pub(crate) fn handler(body: &str) -> Case {
    case(&format!("export default {{\n  async fetch(request, env, ctx) {{\n    {body}\n  }},\n}};\n"))
}

impl Case {
    pub(crate) fn file(mut self, path: &str, code: &str) -> Self {
        self.files.push((path.into(), code.into()));
        self
    }

    /// Fields of the manifest, as JSON.
    pub(crate) fn manifest(mut self, fields: &serde_json::Value) -> Self {
        let mut all = serde_json::json!({ "compatibility_date": "2026-11-01" });
        for (name, value) in fields.as_object().expect("fields are an object") {
            all[name] = value.clone();
        }
        self.manifest = Some(serde_json::from_value(all).expect("the manifest is valid"));
        self
    }

    pub(crate) fn egress(mut self, hosts: &[&str]) -> Self {
        self.egress = Some(hosts.iter().map(|host| (*host).to_owned()).collect());
        self
    }

    /// Other tenants of the workspace of `customer-a`.
    pub(crate) fn beside(mut self, tenants: &[&str]) -> Self {
        self.other_tenants = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
        self.egress.get_or_insert_default();
        self
    }

    /// What all rules together say.
    fn run(&self) -> (crate::LintReport, Vec<(&str, &str)>) {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let tenant = self.egress.as_ref().map(|egress| TenantFacts {
            id: "customer-a",
            egress,
            region: "eu",
            other_tenants: &self.other_tenants,
        });
        let request = LintRequest {
            files: &files,
            entry: Some("src/adapter.ts"),
            manifest: self.manifest.as_ref(),
            tenant,
            ..LintRequest::default()
        };
        let report = lint(&request).expect("linting works");
        (report, files)
    }
}

/// Asserts that the rule is silent on `pass` and speaks on every one of `fail`, and snapshots what it says.
pub(crate) fn test(rule: &dyn Rule, pass: &[Case], fail: &[Case]) {
    let id = rule.docs().id;
    for case in pass {
        let (report, files) = case.run();
        let own: Vec<_> =
            report.diagnostics.iter().filter(|found| found.rule == id || found.rule == "syntax").collect();
        assert!(own.is_empty(), "`{id}` should be silent on\n{}\nbut says {own:#?}", files[0].1);
    }
    let mut shown = String::new();
    for case in fail {
        let (mut report, files) = case.run();
        report.diagnostics.retain(|found| found.rule == id);
        assert!(!report.diagnostics.is_empty(), "`{id}` should speak on\n{}", files[0].1);
        // Changes are shown with their outcome, below.
        let mut bare = report.clone();
        bare.diagnostics.iter_mut().for_each(|found| found.fix = None);
        let _ = writeln!(shown, "{}", render::text::render(&bare, &files));
        for fix in report.diagnostics.iter().filter_map(|found| Some((found.fix.as_ref()?, found.file.as_str()))) {
            let (fix, file) = fix;
            let text = files.iter().find(|(path, _)| *path == file).expect("the file is there").1;
            let edit = &fix.edits[0];
            let (start, end) = (edit.start as usize, edit.end as usize);
            let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
            let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
            let kind = if fix.safe { "fix" } else { "suggestion" };
            let fixed = format!("{}{}{}", &text[line_start..start], edit.text, &text[end..line_end]);
            let _ = writeln!(shown, "{kind}: {}\n  {}\n", fix.title, fixed.trim());
        }
    }
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(id.replace('-', "_"), shown));
}
