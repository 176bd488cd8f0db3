//! Bringing a customer's existing code in: copy, infer the manifest, make a first sample.

use crate::app::OpenWorkspace;
use crate::typings;
use crate::wire::adapter::{AdapterImported, AdapterKey, InferredBinding};
use crate::wire::error::{ErrorCode, WireError};
use patchbay_core::sample::{Sample, WireStyle};
use patchbay_core::{AdapterManifest, AdapterRef, BindingDeclaration, BindingKind};
use patchbay_lint::InferredManifest;
use patchbay_workspace::{WorkspaceError, collect_import};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Compatibility date of an adapter whose own configuration names none: recent enough for today's APIs.
const COMPATIBILITY_DATE: &str = "2026-06-01";
/// Sender of an imported adapter whose code names none; its samples go unsigned.
const UNKNOWN_PROVIDER: &str = "unknown";
/// Name of the sample that an import makes.
const FIRST_SAMPLE: &str = "example";

/// Copies a file or a folder into a new adapter. Nothing is left behind when it fails.
pub(crate) fn import(open: &OpenWorkspace, adapter: &AdapterRef, path: &Path) -> Result<AdapterImported, WireError> {
    open.workspace.tenant(&adapter.tenant)?;
    let collected = collect_import(path).map_err(unreadable)?;
    // A Worker's own layout stays as it is; a single file goes where adapters keep their sources.
    let is_single = collected.files.len() == 1;
    let place = |name: &str| if is_single && !name.contains('/') { format!("src/{name}") } else { name.to_owned() };
    let entry = place(&collected.entry);
    let mut files: Vec<(String, Vec<u8>)> =
        collected.files.into_iter().map(|(name, bytes)| (place(&name), bytes)).collect();
    files.retain(|(name, _)| name != "adapter.toml");

    let sources: Vec<(String, String)> = files
        .iter()
        .filter(|(name, _)| is_source(name))
        .filter_map(|(name, bytes)| Some((name.clone(), String::from_utf8(bytes.clone()).ok()?)))
        .collect();
    let borrowed: Vec<(&str, &str)> = sources.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let inferred = patchbay_lint::infer(&borrowed, Some(&entry))?;
    let uses_node = borrowed.iter().any(|(_, text)| text.contains("'node:") || text.contains("\"node:"));
    let manifest = manifest(&entry, uses_node, &inferred);
    files.push(("adapter.toml".into(), patchbay_workspace::adapters::manifest_text(&manifest)?.into_bytes()));
    if !files.iter().any(|(name, _)| name.starts_with("samples/")) {
        let fields = patchbay_lint::body_fields(&borrowed);
        let text = sample(manifest.provider.as_deref(), &fields)?;
        files.push((format!("samples/{FIRST_SAMPLE}.json"), text));
    }
    let types = typings::missing(&manifest, |path| files.iter().any(|(name, _)| name == path));
    files.extend(types);
    open.workspace.create_adapter(adapter, &files)?;

    let mut skipped = collected.skipped;
    skipped.extend(
        inferred
            .undeclarable
            .iter()
            .map(|(name, what)| format!("`{name}` looks like {what}, for which adapter.toml has no kind")),
    );
    let mut names: Vec<String> = files.into_iter().map(|(name, _)| name).collect();
    names.sort();
    Ok(AdapterImported {
        adapter: AdapterKey::from(adapter),
        entry,
        files: names,
        skipped,
        bindings: manifest
            .bindings
            .iter()
            .map(|binding| InferredBinding { name: binding.name.to_string(), kind: binding.kind.as_str().into() })
            .collect(),
        upstreams: manifest.upstreams,
        provider: manifest.provider,
    })
}

/// Whatever keeps the customer's own files from being read is about them, not about the workspace.
fn unreadable(error: WorkspaceError) -> WireError {
    let mut wire = WireError::from(error);
    if matches!(
        wire.code,
        ErrorCode::WorkspaceStorage | ErrorCode::WorkspaceInvalidPath | ErrorCode::WorkspaceBrokenFile
    ) {
        wire.code = ErrorCode::ImportUnreadable;
    }
    wire
}

fn is_source(name: &str) -> bool {
    [".js", ".mjs", ".ts", ".mts"].iter().any(|extension| name.ends_with(extension)) && !name.ends_with(".d.ts")
}

fn manifest(entry: &str, uses_node: bool, inferred: &InferredManifest) -> AdapterManifest {
    let bindings = inferred
        .bindings
        .iter()
        .map(|binding| BindingDeclaration {
            name: binding.name.clone(),
            kind: binding.kind,
            // Code that was not written for this manifest may do without the others.
            required: binding.kind == BindingKind::SecretText,
            description: String::new(),
            value: None,
        })
        .collect();
    AdapterManifest {
        template: None,
        provider: inferred.provider.clone(),
        signing_secret: inferred.signing_secret.clone(),
        entry: entry.to_owned(),
        compatibility_date: COMPATIBILITY_DATE.into(),
        compatibility_flags: if uses_node { vec!["nodejs_compat".into()] } else { Vec::new() },
        upstreams: inferred.hosts.clone(),
        routing_keys: Vec::new(),
        provider_settings: BTreeMap::new(),
        bindings,
        mapping: serde_json::Map::new(),
        computed: BTreeMap::new(),
    }
}

/// A webhook with the fields that the code reads, so that there is something to replay at once.
fn sample(provider: Option<&str>, fields: &[Vec<String>]) -> Result<Vec<u8>, WireError> {
    let mut body = Map::new();
    for path in fields {
        insert(&mut body, path);
    }
    let sample = Sample {
        provider: provider.unwrap_or(UNKNOWN_PROVIDER).to_owned(),
        event: FIRST_SAMPLE.into(),
        description: "Made on import from the fields that the code reads; replace it by a real webhook".into(),
        method: "POST".into(),
        path: None,
        headers: Map::from_iter([("Content-Type".to_owned(), json!("application/json"))]),
        body: Some(Value::Object(body)),
        body_text: None,
        body_bytes: None,
        wire: WireStyle::Compact,
    };
    serde_json::to_vec_pretty(&sample).map_err(|error| WireError::internal("The sample could not be written", &error))
}

fn insert(object: &mut Map<String, Value>, path: &[String]) {
    match path {
        [] => {}
        [name] => drop(object.insert(name.clone(), json!(format!("example {}", name.replace('_', " "))))),
        [name, rest @ ..] => {
            if let Some(inner) = object.entry(name.clone()).or_insert_with(|| json!({})).as_object_mut() {
                insert(inner, rest);
            }
        }
    }
}
