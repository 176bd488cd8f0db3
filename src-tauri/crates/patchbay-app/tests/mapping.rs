//! The commands about field mappings, as a window calls them.

use patchbay_app::wire::error::{ErrorCode, WireError};
use patchbay_app::{App, AppOptions, dispatch};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

const MANIFEST: &str = "provider = \"stripe\"
compatibility_date = \"2026-11-01\"
upstreams = [\"api.notion.com\"]

[mapping] # what goes where
Title = \"{id}\" # the page
Amount = { type = \"number\", value = \"{amount | money:currency | number}\" }
";

struct Window {
    app: Arc<App>,
    folder: tempfile::TempDir,
}

impl Window {
    /// A workspace with one adapter and one sample; neither a keychain nor a platform is asked for.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = AppOptions {
            data_dir: folder.path().join("data"),
            workerd: None,
            passphrase: None,
            cloudflare_token: None,
        };
        let app = App::new(options);
        let workspace = folder.path().join("workspace");
        app.create_workspace_if_empty(&workspace).expect("a workspace is made");
        app.open_workspace(&workspace).expect("it opens");
        let window = Self { app, folder };
        std::fs::create_dir_all(window.adapter().join("samples")).expect("writable");
        std::fs::write(workspace.join("tenants/customer-a/tenant.toml"), "name = \"A\"\nregion = \"eu\"\n")
            .expect("writable");
        std::fs::write(window.manifest(), MANIFEST).expect("writable");
        let sample = json!({
            "provider": "stripe", "event": "charge", "body": { "id": "ch_1", "amount": 1999, "currency": "jpy" },
        });
        std::fs::write(window.adapter().join("samples/charge.json"), sample.to_string()).expect("writable");
        window
    }

    fn adapter(&self) -> PathBuf {
        self.folder.path().join("workspace/tenants/customer-a/adapters/payments")
    }

    fn manifest(&self) -> PathBuf {
        self.adapter().join("adapter.toml")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.manifest()).expect("readable")
    }

    async fn call(&self, command: &str, more: Value) -> Result<Value, WireError> {
        let mut request = json!({ "tenant": "customer-a", "adapter": "payments" });
        let fields = request.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        dispatch(&self.app, command, request).await
    }

    async fn preview(&self, more: Value) -> Value {
        self.call("mapping_preview", more).await.expect("a preview")
    }

    /// The revision of `adapter.toml` that an editor opened with.
    async fn revision(&self) -> String {
        let detail = dispatch(&self.app, "adapter_read", json!({ "tenant": "customer-a", "adapter": "payments" }));
        let detail = detail.await.expect("the adapter is read");
        let files = detail["files"].as_array().expect("files");
        let file = files.iter().find(|file| file["path"] == "adapter.toml").expect("the manifest is shown");
        file["revision"].as_str().expect("a revision").to_owned()
    }
}

fn values(preview: &Value) -> Vec<Value> {
    preview["events"][0]["fields"].as_array().expect("fields").iter().map(|field| field["value"].clone()).collect()
}

#[tokio::test]
async fn a_preview_follows_unsaved_text_and_pasted_bodies() {
    let window = Window::new();
    let saved = window.preview(json!({})).await;
    assert_eq!((&saved["sample"], values(&saved)), (&json!("charge"), vec![json!("ch_1"), json!(1999)]));
    let unsaved = MANIFEST.replace("{id}", "{id} of {curency}");
    let typed = window.preview(json!({ "manifest": unsaved })).await;
    assert_eq!(typed["problems"], 1, "{typed:#}");
    let problem = &typed["events"][0]["fields"][0]["problem"];
    assert_eq!(problem["range"], json!({ "start_line": 6, "start_column": 19, "end_line": 6, "end_column": 26 }));
    let body = json!({ "id": "ch_2", "amount": 1999, "currency": "eur" }).to_string();
    let pasted = window.preview(json!({ "body": body })).await;
    assert_eq!((&pasted["sample"], values(&pasted)), (&json!(null), vec![json!("ch_2"), json!(19.99)]));
    let error = window.call("mapping_preview", json!({ "body": "no JSON" })).await.expect_err("no JSON");
    assert_eq!(error.code, ErrorCode::ReplayInvalidSample);
    let error = window.call("mapping_preview", json!({ "manifest": "[mapping" })).await.expect_err("no TOML");
    assert_eq!(error.code, ErrorCode::WorkspaceBrokenFile);
}

#[tokio::test]
async fn lint_follows_unsaved_text() {
    let window = Window::new();
    for (text, rule, line) in [
        (MANIFEST.replace("{id}", "{idd}"), "mapping-unknown-path", 6),
        (MANIFEST.replace("[mapping]", "[mapping"), "syntax", 5),
    ] {
        let overlays = json!([{ "path": "adapter.toml", "text": text }]);
        let report = window.call("adapter_lint", json!({ "overlays": overlays })).await.expect("a report");
        let found = &report["diagnostics"][0];
        assert_eq!((&found["rule"], &found["file"]), (&json!(rule), &json!("adapter.toml")), "{report:#}");
        assert_eq!(found["range"]["start_line"], line, "{report:#}");
    }
}

#[tokio::test]
async fn an_entry_is_set_and_removed_and_the_rest_stays() {
    let window = Window::new();
    let entry = json!({ "type": "number", "value": "{amount}", "default": 0 });
    let request = json!({ "field": "Amount", "entry": entry, "revision": window.revision().await });
    let written = window.call("mapping_set", request.clone()).await.expect("written");
    let line = "Amount = { type = \"number\", value = \"{amount}\", default = 0 }\n";
    let expected =
        MANIFEST.replace("Amount = { type = \"number\", value = \"{amount | money:currency | number}\" }\n", line);
    assert_eq!(window.text(), expected);
    assert_eq!(written["revision"], window.revision().await, "the editor can go on from here");

    let stale = window.call("mapping_set", request).await.expect_err("somebody wrote in between");
    assert_eq!(stale.code, ErrorCode::WorkspaceConflict);
    let removal = json!({ "field": "Amount", "entry": null, "revision": window.revision().await });
    window.call("mapping_set", removal).await.expect("removed");
    assert_eq!(window.text(), expected.replace(line, ""), "comments and everything else stay");
    assert_eq!(values(&window.preview(json!({})).await), [json!("ch_1")]);
}
