//! `tenants/<tenant>/adapters/<adapter>/adapter.toml`.

use crate::error::WorkspaceError;
use crate::files;
use crate::keys::{self, FileWarning};
use crate::paths;
use crate::provider_settings;
use crate::tenants::is_host_pattern;
use crate::toml_file::TomlFile;
use crate::workspace::Workspace;
use patchbay_core::position::Position;
use patchbay_core::{AdapterId, AdapterManifest, AdapterRef, BindingKind, BindingName, TenantId};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An adapter as its manifest says.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterFile {
    /// Tenant and adapter.
    pub reference: AdapterRef,
    /// What `adapter.toml` says.
    pub manifest: AdapterManifest,
    /// Keys that nothing reads.
    pub warnings: Vec<FileWarning>,
}

/// One folder under `adapters/`; a broken one does not hide the others.
#[derive(Debug)]
pub struct AdapterEntry {
    /// The folder's name, which may not be an id.
    pub folder: String,
    /// The adapter, or what is wrong with it.
    pub adapter: Result<AdapterFile, WorkspaceError>,
}

impl Workspace {
    /// Every adapter folder of a tenant, by name. A broken `tenant.toml` does not hide them.
    pub fn adapters(&self, tenant: &TenantId) -> Result<Vec<AdapterEntry>, WorkspaceError> {
        self.check_tenant_exists(tenant)?;
        let folders = files::folder_names(&self.adapters_folder(tenant))?;
        Ok(folders
            .into_iter()
            .map(|folder| {
                let adapter = AdapterId::new(folder.as_str())
                    .map_err(Into::into)
                    .and_then(|adapter| self.adapter(&AdapterRef { tenant: tenant.clone(), adapter }));
                AdapterEntry { folder, adapter }
            })
            .collect())
    }

    /// One adapter.
    pub fn adapter(&self, reference: &AdapterRef) -> Result<AdapterFile, WorkspaceError> {
        let path = self.manifest_path(reference)?;
        let file = TomlFile::read(&path)?.ok_or_else(|| no_manifest(&path))?;
        let manifest = decode(&file)?;
        Ok(AdapterFile { reference: reference.clone(), manifest, warnings: file.warnings(keys::ADAPTER) })
    }

    /// Makes an adapter from its files, given by their paths in its folder; `adapter.toml` must be among them and valid.
    /// All or nothing, and never over an adapter that is there.
    pub fn create_adapter(
        &self,
        reference: &AdapterRef,
        adapter_files: &[(String, Vec<u8>)],
    ) -> Result<AdapterFile, WorkspaceError> {
        let folder = self.adapters_folder(&reference.tenant).join(reference.adapter.as_str());
        let mut manifest = None;
        for (path, content) in adapter_files {
            paths::check_relative(path)?;
            let bytes = content.len() as u64;
            if bytes > files::SOURCE_MAX {
                return Err(WorkspaceError::TooLarge { path: folder.join(path), bytes, max: files::SOURCE_MAX });
            }
            if path == "adapter.toml" {
                manifest = Some(content);
            }
        }
        let manifest_path = folder.join("adapter.toml");
        let text = manifest.ok_or_else(|| no_manifest(&manifest_path))?;
        let text =
            String::from_utf8(text.clone()).map_err(|_| WorkspaceError::NotText { path: manifest_path.clone() })?;
        decode(&TomlFile::parse(&manifest_path, text)?)?;

        let _lock = self.lock()?;
        self.check_tenant_exists(&reference.tenant)?;
        let parent = paths::inside(self.folder(), &format!("tenants/{}/adapters", reference.tenant))?;
        let folder = parent.join(reference.adapter.as_str());
        if folder.exists() || folder.is_symlink() {
            return Err(WorkspaceError::AdapterExists { adapter: reference.clone() });
        }
        files::make_folder_with(&folder, adapter_files)?;
        self.adapter(reference)
    }

    /// Gives a declared `plain_text` binding its value; comments and unknown keys stay.
    pub fn set_plain_text(
        &self,
        reference: &AdapterRef,
        name: &str,
        value: &str,
    ) -> Result<AdapterFile, WorkspaceError> {
        let _lock = self.lock()?;
        let path = self.manifest_path(reference)?;
        let file = TomlFile::read(&path)?.ok_or_else(|| no_manifest(&path))?;
        let declared = decode(&file)?.bindings.into_iter().filter(|binding| binding.kind == BindingKind::PlainText);
        let known: Vec<String> = declared.map(|binding| binding.name.to_string()).collect();
        let changed = if known.iter().any(|declared| declared == name) {
            file.with_named_value("bindings", name, "value", value.into())?
        } else {
            None
        };
        let changed = changed.ok_or_else(|| WorkspaceError::UnknownSetting {
            file: "adapter.toml",
            key: name.to_owned(),
            nearest: keys::nearest(name, known.iter().map(String::as_str)),
            known,
        })?;
        decode(&changed)?;
        files::replace(&path, changed.text().as_bytes())?;
        self.adapter(reference)
    }

    /// Removes an adapter's folder. Its version records stay.
    pub fn remove_adapter(&self, reference: &AdapterRef) -> Result<(), WorkspaceError> {
        let _lock = self.lock()?;
        files::remove_folder(&self.adapter_folder(reference)?)
    }

    pub(crate) fn manifest_path(&self, reference: &AdapterRef) -> Result<PathBuf, WorkspaceError> {
        paths::inside(&self.adapter_folder(reference)?, "adapter.toml")
    }
}

/// The text of an `adapter.toml`.
pub fn manifest_text(manifest: &AdapterManifest) -> Result<String, WorkspaceError> {
    toml_edit::ser::to_string_pretty(manifest).map_err(|source| WorkspaceError::Unwritable { source })
}

pub(crate) fn no_manifest(path: &Path) -> WorkspaceError {
    WorkspaceError::Broken {
        path: path.to_owned(),
        position: Position { line: 1, column: 1 },
        problem: "the adapter's folder has no adapter.toml".into(),
        fix: Some("Make it with at least `compatibility_date = \"2026-11-01\"`".into()),
    }
}

/// Decodes the file and checks what the types cannot say.
pub(crate) fn decode(file: &TomlFile) -> Result<AdapterManifest, WorkspaceError> {
    let examples = [
        ("compatibility_date", "compatibility_date = \"2026-11-01\"".to_owned()),
        ("name", "name = \"NOTION_TOKEN\"".into()),
        ("kind", "kind = \"secret_text\"".into()),
    ];
    let manifest: AdapterManifest = file.decode(&examples)?;
    if let Err(WorkspaceError::PathRefused { reason, .. }) = paths::check_relative(&manifest.entry) {
        let problem = format!("the entry file `{}` is not allowed: {reason}", manifest.entry);
        return Err(file.problem_at(&["entry"], problem, "Write for example `entry = \"src/adapter.ts\"`".into()));
    }
    if !is_date(&manifest.compatibility_date) {
        let problem = format!("`{}` is not a date", manifest.compatibility_date);
        let fix = "Write it as `compatibility_date = \"2026-11-01\"`".into();
        return Err(file.problem_at(&["compatibility_date"], problem, fix));
    }
    for (index, host) in manifest.upstreams.iter().enumerate() {
        if !is_host_pattern(host) {
            let problem = format!("`{host}` is not a host");
            let fix = "Write a host such as `api.notion.com`, without scheme, port and path".into();
            return Err(file.problem_at(&["upstreams", &index.to_string()], problem, fix));
        }
    }
    for (index, key) in manifest.routing_keys.iter().enumerate() {
        if !is_routing_key(key) {
            let problem = format!("`{key}` is not a routing key");
            let fix = "Write a host name such as `hooks.example.com`, or a token of letters, digits and `._~-`".into();
            return Err(file.problem_at(&["routing_keys", &index.to_string()], problem, fix));
        }
    }
    check_bindings(file, &manifest)?;
    provider_settings::check(file, &manifest)?;
    // A mapping goes up as JSON, which has no dates.
    file.entries("mapping")?;
    file.entries("computed")?;
    Ok(manifest)
}

/// What the dispatcher looks up: a host name in lower case, or what may stand in a path without being encoded.
fn is_routing_key(key: &str) -> bool {
    (1..=253).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || [b'.', b'_', b'~', b'-'].contains(&byte))
}

fn check_bindings(file: &TomlFile, manifest: &AdapterManifest) -> Result<(), WorkspaceError> {
    let mut names: BTreeSet<&BindingName> = BTreeSet::new();
    for (index, binding) in manifest.bindings.iter().enumerate() {
        let index = index.to_string();
        if !names.insert(&binding.name) {
            let problem = format!("the binding `{}` is declared twice", binding.name);
            return Err(file.problem_at(&["bindings", &index, "name"], problem, "Remove one of them".into()));
        }
        // The value itself is not repeated here: it may be a secret that was put in the wrong place.
        if binding.kind == BindingKind::SecretText && binding.value.is_some() {
            let problem = format!("the secret `{}` has its value in the manifest", binding.name);
            let fix = format!("Remove the value and run `patchbay secret set TENANT/ADAPTER {}`", binding.name);
            return Err(file.problem_at(&["bindings", &index, "value"], problem, fix));
        }
    }
    if let Some(name) = &manifest.signing_secret {
        let is_declared = manifest
            .bindings
            .iter()
            .any(|binding| binding.name.as_str() == name && binding.kind == BindingKind::SecretText);
        if !is_declared {
            let problem = format!("the signing secret `{name}` is not among the secret_text bindings");
            let fix = format!("Add `[[bindings]]` with `name = \"{name}\"` and `kind = \"secret_text\"`");
            return Err(file.problem_at(&["signing_secret"], problem, fix));
        }
    }
    Ok(())
}

/// `YYYY-MM-DD` with a month and a day that exist somewhere in a year.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, length: usize| {
        (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    number(year, 4).is_some_and(|year| year >= 2021)
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::{decode, is_date, manifest_text};
    use crate::error::WorkspaceError;
    use crate::toml_file::TomlFile;
    use patchbay_core::AdapterManifest;
    use serde_json::json;
    use std::path::Path;

    fn manifest(mapping: &serde_json::Value) -> AdapterManifest {
        serde_json::from_value(json!({
            "provider": "slack", "signing_secret": "SIGNING", "entry": "src/adapter.ts", "upstreams": ["api.notion.com"],
            "compatibility_date": "2026-11-01", "mapping": mapping,
            "bindings": [
                { "name": "SIGNING", "kind": "secret_text", "description": "From \"Basic Information\"" },
                { "name": "OPTIONS", "kind": "json", "required": false, "value": { "deep": [1, { "x": true }] } },
            ],
        }))
        .expect("a manifest")
    }

    #[test]
    fn a_written_manifest_reads_as_it_was() {
        let manifest = manifest(&json!({ "A": { "nested": { "x": 1.5 } }, "Title": "{event.text}" }));
        let text = manifest_text(&manifest).expect("has a TOML form");
        let file = TomlFile::parse(Path::new("adapter.toml"), text.clone()).expect("TOML");
        assert_eq!(decode(&file).expect("valid"), manifest);
        assert!(text.contains("[[bindings]]\nname = \"SIGNING\"\nkind = \"secret_text\"\n"), "{text}");
    }

    #[test]
    fn a_mapping_keeps_the_order_of_the_file() {
        let text = "entry = \"src/adapter.ts\"\ncompatibility_date = \"2026-11-01\"\n[mapping]\ntext = \"a\"\nRepository = \"b\"\n\
                    By = { value = \"c\" }\nAmount = \"d\"\n";
        let file = TomlFile::parse(Path::new("adapter.toml"), text.to_owned()).expect("TOML");
        let manifest = decode(&file).expect("valid");
        let columns: Vec<&str> = manifest.mapping.keys().map(String::as_str).collect();
        assert_eq!(columns, ["text", "Repository", "By", "Amount"]);
    }

    #[test]
    fn a_value_without_a_toml_form_is_an_error() {
        let error = manifest_text(&manifest(&json!({ "Title": null }))).expect_err("TOML has no null");
        assert!(matches!(error, WorkspaceError::Unwritable { .. }), "{error:?}");
    }

    #[test]
    fn dates_are_written_one_way() {
        for (text, good) in [
            ("2026-11-01", true),
            ("2026-1-1", false),
            ("2026-13-01", false),
            ("01-11-2026", false),
            ("+026-11-01", false),
        ] {
            assert_eq!(is_date(text), good, "`{text}`");
        }
    }
}
