//! Every template of the catalogue, over the real binary: made, given its values, linted, published, replayed. Nothing
//! here names a template, so a new folder is tested when it appears.

use crate::machine::{Machine, notion_token};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_testkit::{CommandResult, Exit};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn every_template_is_lint_clean_and_answers_all_its_samples_as_expected() {
    let machine = Machine::new();
    let catalogue = machine.json(&["templates"]);
    let templates = catalogue["templates"].as_array().expect("a list of templates");
    let hosts: Vec<&str> = templates.iter().flat_map(|template| texts(&template["upstreams"])).collect();
    let egress: Vec<&str> = hosts.iter().flat_map(|host| ["--egress", *host]).collect();
    machine.run(&[&["tenant", "add", "customer-a", "--region", "us"], egress.as_slice()].concat()).success();
    let ids = templates.iter().map(|template| template["id"].as_str().expect("an id"));
    let wrong: Vec<String> =
        ids.filter_map(|id| try_out(&machine, id).err().map(|what| format!("{id}: {what}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Does what a customer does with a template; an error is what came out of it that should not have.
fn try_out(machine: &Machine, id: &str) -> Result<(), String> {
    let adapter = format!("customer-a/{id}");
    succeeded(&machine.run(&["new", &adapter, "--template", id]))?;
    let folder = machine.workspace().join("tenants/customer-a/adapters").join(id);
    if let Some(link) = files(&folder.join("src")).iter().find(|file| file.is_symlink()) {
        return Err(format!("{} is not the customer's own file", link.display()));
    }
    give_values(machine, &adapter, &folder)?;

    let report = decoded(&machine.run(&["--json", "lint", &adapter]))?;
    if report["diagnostics"] != serde_json::json!([]) {
        return Err(format!("lint found something: {report:#}"));
    }
    succeeded(&machine.run(&["publish", &adapter]))?;
    let traces = decoded(&machine.run(&["--json", "replay", &adapter, "--all"]))?;
    let traces = traces.as_array().ok_or("a replay answers a list")?;
    let samples = files(&folder.join("samples")).len();
    if traces.len() != samples {
        return Err(format!("{} of {samples} samples were sent", traces.len()));
    }
    match traces.iter().find(|trace| trace["summary"]["as_expected"] != true) {
        Some(trace) => Err(format!("a sample is not answered as expected: {trace:#}")),
        None => Ok(()),
    }
}

/// Sets what `template.json` says that the template needs: secrets as secrets, everything else in `adapter.toml`.
pub fn give_values(machine: &Machine, adapter: &str, folder: &Path) -> Result<(), String> {
    let (_, id) = adapter.split_once('/').ok_or("an adapter is TENANT/ADAPTER")?;
    let description =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/adapters").join(id).join("template.json");
    let description = std::fs::read(&description).expect("the template's description is in the repository");
    let description: Value = serde_json::from_slice(&description).expect("JSON");
    let path = folder.join("adapter.toml");
    let mut manifest = std::fs::read_to_string(&path).expect("the manifest is there");
    for need in description["needs"].as_array().expect("a list of needs") {
        let (name, kind) = (need["name"].as_str().expect("a name"), need["kind"].as_str().expect("a kind"));
        if kind == "secret_text" {
            succeeded(&machine.patchbay(&["secret", "set", adapter, name]).stdin(secret(name)).run())?;
        } else {
            let declared = format!("name = \"{name}\"\nkind = \"{kind}\"\n");
            let example = need["example"].as_str().ok_or(format!("{name} is no secret and has no example"))?;
            if !manifest.contains(&declared) {
                return Err(format!("adapter.toml does not declare {name} as {kind}"));
            }
            manifest = manifest.replace(&declared, &format!("{declared}value = \"{example}\"\n"));
        }
    }
    std::fs::write(&path, manifest).map_err(|error| error.to_string())
}

fn succeeded(result: &CommandResult) -> Result<(), String> {
    if result.exit == Exit::Code(0) { Ok(()) } else { Err(result.to_string()) }
}

fn decoded(result: &CommandResult) -> Result<Value, String> {
    serde_json::from_str(&result.stdout).map_err(|error| format!("{error}\n{result}"))
}

/// A value of the form that the service gives out, made here so that no such text stands in a file.
pub fn secret(name: &str) -> String {
    match name {
        "NOTION_TOKEN" => notion_token(),
        "HUBSPOT_TOKEN" => format!("pat-na1-{}", "example-".repeat(3)),
        "PAGERDUTY_ROUTING_KEY" => "0123456789abcdef".repeat(2),
        "TEAMS_WORKFLOW_URL" => {
            let path = "powerautomate/automations/direct/workflows/0123456789abcdef/triggers/manual/paths/invoke";
            let host = "default0.1.environment.api.powerplatform.com:443";
            format!("https://{host}/{path}?api-version=1&sp=x&sv=1.0&sig=example-{name}")
        }
        "TARGET_AUTHORIZATION" => "Bearer example-target-token".into(),
        "TEAMS_SECURITY_TOKEN" => STANDARD.encode("an example of a signing key"),
        "WEBHOOK_SECRET" => format!("whsec_{}", STANDARD.encode("an example of a signing key")),
        _ => format!("example-{}", name.to_lowercase().replace('_', "-")),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the template has the folder");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text"))
}
