//! `.patchbay/versions/<tenant>/<adapter>/<environment>/<number>.json`: what was published, so that it can be again.

use crate::error::WorkspaceError;
use crate::files;
use crate::json_file;
use crate::workspace::Workspace;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::{AdapterRef, BindingKind, BindingName, Environment, LintAllowance, Module, ModuleKind, TargetKind};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How many versions of an adapter are kept in each environment.
pub const VERSIONS_KEPT: usize = 50;

/// Largest record: modules of 10 MiB as base64, and room for the rest.
pub(crate) const RECORD_MAX: u64 = 64_000_000;

/// One published version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRecord {
    /// Id of the upload.
    pub id: String,
    /// 1, 2, 3, … within adapter and environment, from [`Workspace::reserve_version_number`].
    pub number: u64,
    /// When it went live: RFC 3339, UTC.
    pub created_at: String,
    /// What the publisher said about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Where it went.
    pub target: TargetKind,
    /// The dispatch namespace it went to.
    pub namespace: String,
    /// Name of the module that is run.
    pub main_module: String,
    /// The modules as they were uploaded.
    pub modules: Vec<VersionModule>,
    /// Workers compatibility date.
    pub compatibility_date: String,
    /// Workers compatibility flags.
    #[serde(default)]
    pub compatibility_flags: Vec<String>,
    /// The bindings it was given; secrets by name only.
    #[serde(default)]
    pub bindings: Vec<VersionBinding>,
    /// Lint rules that the publisher allowed to be broken, with the reasons.
    #[serde(default)]
    pub lint_allowances: Vec<LintAllowance>,
    /// Stands for the sources that it was built from, to see whether the draft differs. Empty where nobody said.
    #[serde(default)]
    pub source_digest: String,
}

/// A module in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionModule {
    /// Name as imports resolve it.
    pub name: String,
    /// What it is.
    pub kind: ModuleKind,
    /// Its bytes.
    #[serde(with = "base64_text")]
    pub content: bytes::Bytes,
}

/// A binding in a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionBinding {
    /// The name in `env`.
    pub name: BindingName,
    /// What kind of value it holds.
    pub kind: BindingKind,
    /// The value it was given. A secret has none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
    /// Fingerprint of a secret's value, to see drift; says nothing without the tenant's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// One record on disk; a broken one does not hide the others.
#[derive(Debug)]
pub struct VersionEntry {
    /// The version's number, which is the file's name.
    pub number: u64,
    /// The record, or what is wrong with it.
    pub record: Result<VersionRecord, WorkspaceError>,
}

impl From<Module> for VersionModule {
    fn from(module: Module) -> Self {
        Self { name: module.name, kind: module.kind, content: module.content }
    }
}

impl From<VersionModule> for Module {
    fn from(module: VersionModule) -> Self {
        Self { name: module.name, kind: module.kind, content: module.content }
    }
}

impl VersionRecord {
    /// A record goes to disk as it is, so it may not carry the value of a secret.
    pub(crate) fn refuse_secrets(&self) -> Result<(), WorkspaceError> {
        let is_leaking = |binding: &&VersionBinding| binding.kind == BindingKind::SecretText && binding.value.is_some();
        match self.bindings.iter().find(is_leaking) {
            Some(binding) => Err(WorkspaceError::SecretInRecord { name: binding.name.to_string() }),
            None => Ok(()),
        }
    }
}

impl Workspace {
    /// The number for the next version. Each is given out once, also to two processes at a time; a publish that fails
    /// leaves a gap.
    pub fn reserve_version_number(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
    ) -> Result<u64, WorkspaceError> {
        let _lock = self.lock()?;
        let folder = self.versions_folder(adapter, environment);
        files::make_folder(&folder)?;
        let last = folder.join("last-number");
        let counted = files::read_text(&last, 100)?.and_then(|text| text.trim().parse::<u64>().ok());
        // A counter that was lost must not give out a number twice.
        let recorded = self.version_numbers(adapter, environment)?.first().copied();
        let number = counted.max(recorded).unwrap_or_default() + 1;
        files::replace(&last, format!("{number}\n").as_bytes())?;
        Ok(number)
    }

    /// Keeps a record, and forgets the oldest beyond [`VERSIONS_KEPT`].
    pub fn append_version(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
        record: &VersionRecord,
    ) -> Result<(), WorkspaceError> {
        record.refuse_secrets()?;
        let _lock = self.lock()?;
        let folder = self.versions_folder(adapter, environment);
        files::make_folder(&folder)?;
        let text = serde_json::to_vec(record).expect("a record is texts, numbers and JSON");
        files::replace(&version_path(&folder, record.number), &text)?;
        for old in self.version_numbers(adapter, environment)?.into_iter().skip(VERSIONS_KEPT) {
            files::remove(&version_path(&folder, old))?;
        }
        Ok(())
    }

    /// Every record, newest first.
    pub fn versions(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
    ) -> Result<Vec<VersionEntry>, WorkspaceError> {
        let numbers = self.version_numbers(adapter, environment)?;
        Ok(numbers
            .into_iter()
            .map(|number| VersionEntry { number, record: self.version_by_number(adapter, environment, number) })
            .collect())
    }

    /// The newest record that can be read.
    pub fn newest_version(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
    ) -> Result<Option<VersionRecord>, WorkspaceError> {
        let numbers = self.version_numbers(adapter, environment)?;
        Ok(numbers.into_iter().find_map(|number| self.version_by_number(adapter, environment, number).ok()))
    }

    /// One record, by number or by id.
    pub fn version(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
        version: &str,
    ) -> Result<VersionRecord, WorkspaceError> {
        let numbers = self.version_numbers(adapter, environment)?;
        if let Some(number) = version.parse().ok().filter(|number| numbers.contains(number)) {
            return self.version_by_number(adapter, environment, number);
        }
        numbers
            .into_iter()
            .filter_map(|number| self.version_by_number(adapter, environment, number).ok())
            .find(|record| record.id == version)
            .ok_or_else(|| missing(adapter, environment, version))
    }

    fn version_by_number(
        &self,
        adapter: &AdapterRef,
        environment: Environment,
        number: u64,
    ) -> Result<VersionRecord, WorkspaceError> {
        let path = version_path(&self.versions_folder(adapter, environment), number);
        let text =
            files::read_text(&path, RECORD_MAX)?.ok_or_else(|| missing(adapter, environment, &number.to_string()))?;
        json_file::parse(&path, &text)
    }

    /// The numbers of the records on disk, newest first.
    fn version_numbers(&self, adapter: &AdapterRef, environment: Environment) -> Result<Vec<u64>, WorkspaceError> {
        let names = files::json_names(&self.versions_folder(adapter, environment))?;
        let mut numbers: Vec<u64> = names.iter().filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        Ok(numbers)
    }

    pub(crate) fn versions_folder(&self, adapter: &AdapterRef, environment: Environment) -> PathBuf {
        self.state_path()
            .join("versions")
            .join(adapter.tenant.as_str())
            .join(adapter.adapter.as_str())
            .join(environment.as_str())
    }
}

fn version_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number}.json"))
}

fn missing(adapter: &AdapterRef, environment: Environment, version: &str) -> WorkspaceError {
    WorkspaceError::VersionMissing {
        adapter: adapter.clone(),
        environment,
        version: version.chars().take(80).collect(),
    }
}

mod base64_text {
    use super::STANDARD;
    use base64::Engine as _;
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(content: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(content))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Bytes::from).map_err(serde::de::Error::custom)
    }
}
