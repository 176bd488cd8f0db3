//! Opening and making a workspace.

use crate::error::WorkspaceError;
use crate::files::{self, WriteLock};
use crate::json_file;
use crate::keys::{self, FileWarning};
use crate::paths;
use crate::routes::{self, RoutesFile};
use crate::settings::WorkspaceSettings;
use crate::toml_file::TomlFile;
use patchbay_core::{AdapterRef, Environment, NamespaceName, Region, RuleLevels, TenantId, nearest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for others. A write takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// A workspace folder. Holds the settings as they were when it was opened; everything else is read when asked for, so
/// that changes made by an editor or another process are seen.
#[derive(Debug, Clone)]
pub struct Workspace {
    folder: PathBuf,
    settings: WorkspaceSettings,
    warnings: Vec<FileWarning>,
}

impl Workspace {
    /// Opens a folder that has a `patchbay.toml`.
    pub fn open(folder: &Path) -> Result<Self, WorkspaceError> {
        let path = folder.join("patchbay.toml");
        let Some(file) = TomlFile::read(&path)? else {
            return Err(WorkspaceError::NotAWorkspace { path: folder.to_owned() });
        };
        let settings = WorkspaceSettings::decode(&file)?;
        paths::check_relative(&settings.routes)?;
        Ok(Self { folder: paths::canonical(folder)?, settings, warnings: file.warnings(keys::WORKSPACE) })
    }

    /// Makes a workspace in a folder, which may be there already as long as it is not a workspace. Files that are there
    /// stay as they are. `routes` becomes `routes.json`.
    pub fn create(folder: &Path, name: &str, routes: &serde_json::Value) -> Result<Self, WorkspaceError> {
        files::make_folder(folder)?;
        let folder = paths::canonical(folder)?;
        let _lock = files::lock(&folder.join(".patchbay"), PATIENCE)?;
        let settings = folder.join("patchbay.toml");
        if settings.exists() {
            return Err(WorkspaceError::AlreadyAWorkspace { path: folder });
        }
        ignore_state(&folder)?;
        files::make_folder(&folder.join("tenants"))?;
        let routes_path = folder.join("routes.json");
        if !routes_path.exists() {
            files::replace(&routes_path, format!("{routes:#}\n").as_bytes())?;
        }
        // Last, because this file makes the folder a workspace.
        files::replace(&settings, WorkspaceSettings::new_text(name).as_bytes())?;
        Self::open(&folder)
    }

    /// The folder, absolute and without links.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `patchbay.toml` said when the workspace was opened.
    pub fn settings(&self) -> &WorkspaceSettings {
        &self.settings
    }

    /// Keys of `patchbay.toml` that nothing reads.
    pub fn warnings(&self) -> &[FileWarning] {
        &self.warnings
    }

    /// The dispatch namespace for an environment and region.
    pub fn namespace(&self, environment: Environment, region: &Region) -> Result<NamespaceName, WorkspaceError> {
        self.settings.namespace(&self.folder.join("patchbay.toml"), environment, region)
    }

    /// The route table as it stands in its file; `None` where there is no such file.
    pub fn routes(&self) -> Result<Option<RoutesFile>, WorkspaceError> {
        let path = self.folder.join(&self.settings.routes);
        json_file::read(&path)?.map(|text| routes::read(&path, &text)).transpose()
    }

    /// Replaces the route table.
    pub fn write_routes(&self, routes: &serde_json::Value) -> Result<(), WorkspaceError> {
        let _lock = self.lock()?;
        let path = paths::inside(&self.folder, &self.settings.routes)?;
        files::replace(&path, format!("{routes:#}\n").as_bytes())
    }

    /// The rule levels of `[lint.rules]` as the file says now. `known` are the ids that there are; another one is an
    /// error, because a misspelt rule would go on stopping publishes, or not, without a word.
    pub fn rule_levels(&self, known: &[&str]) -> Result<RuleLevels, WorkspaceError> {
        let path = self.folder.join("patchbay.toml");
        let Some(file) = TomlFile::read(&path)? else {
            return Err(WorkspaceError::NotAWorkspace { path: self.folder.clone() });
        };
        let levels = WorkspaceSettings::decode(&file)?.lint.rules;
        if let Some(rule) = levels.keys().find(|rule| !known.contains(&rule.as_str())) {
            let fix = nearest(rule, known.iter().copied()).map_or_else(
                || "`patchbay lint --rules` lists the rules".to_owned(),
                |nearest| format!("Write `{nearest}`; `patchbay lint --rules` lists the rules"),
            );
            let problem = format!("there is no lint rule `{rule}`");
            return Err(file.problem_at(&["lint", "rules", rule], problem, fix));
        }
        Ok(levels)
    }

    /// Replaces which namespaces serve which environments; the rest of `patchbay.toml`, comments included, stays. Opens
    /// the workspace anew, because settings are those of its opening.
    pub fn set_environments(
        &self,
        environments: &BTreeMap<Environment, BTreeMap<Region, NamespaceName>>,
    ) -> Result<Self, WorkspaceError> {
        let _lock = self.lock()?;
        let path = self.folder.join("patchbay.toml");
        let Some(mut file) = TomlFile::read(&path)? else {
            return Err(WorkspaceError::NotAWorkspace { path: self.folder.clone() });
        };
        for (environment, regions) in &WorkspaceSettings::decode(&file)?.environments {
            let kept = environments.get(environment);
            for region in regions.keys().filter(|region| kept.is_none_or(|kept| !kept.contains_key(region))) {
                file = file.without(&format!("environments.{environment}.{region}"))?;
            }
            if kept.is_none() {
                file = file.without(&format!("environments.{environment}"))?;
            }
        }
        for (environment, regions) in environments {
            for (region, namespace) in regions {
                file = file.with_value(&format!("environments.{environment}.{region}"), namespace.as_str().into())?;
            }
        }
        WorkspaceSettings::decode(&file)?;
        files::replace(&path, file.text().as_bytes())?;
        Self::open(&self.folder)
    }

    /// `.patchbay/`, made when it is not there: what may be deleted without losing anything a person wrote.
    pub fn state_folder(&self) -> Result<PathBuf, WorkspaceError> {
        let folder = self.state_path();
        files::make_state_folder(&folder)?;
        Ok(folder)
    }

    pub(crate) fn state_path(&self) -> PathBuf {
        self.folder.join(".patchbay")
    }

    pub(crate) fn lock(&self) -> Result<WriteLock, WorkspaceError> {
        files::lock(&self.state_path(), PATIENCE)
    }

    pub(crate) fn tenant_folder(&self, tenant: &TenantId) -> PathBuf {
        self.folder.join("tenants").join(tenant.as_str())
    }

    pub(crate) fn adapters_folder(&self, tenant: &TenantId) -> PathBuf {
        self.tenant_folder(tenant).join("adapters")
    }

    /// The folder of an adapter that exists.
    pub fn adapter_folder(&self, adapter: &AdapterRef) -> Result<PathBuf, WorkspaceError> {
        let relative = format!("tenants/{}/adapters/{}", adapter.tenant, adapter.adapter);
        let folder = paths::inside(&self.folder, &relative)?;
        if folder.is_dir() {
            return Ok(folder);
        }
        self.check_tenant_exists(&adapter.tenant)?;
        let known = files::folder_names(&self.adapters_folder(&adapter.tenant))?;
        Err(WorkspaceError::AdapterMissing { adapter: adapter.clone(), known })
    }
}

/// Makes sure that git ignores `.patchbay/`, without touching what else a person ignores.
fn ignore_state(folder: &Path) -> Result<(), WorkspaceError> {
    let path = folder.join(".gitignore");
    let mut text = files::read_text(&path, 1_000_000)?.unwrap_or_default();
    if text.lines().any(|line| matches!(line.trim(), ".patchbay" | ".patchbay/" | "/.patchbay" | "/.patchbay/")) {
        return Ok(());
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str("/.patchbay/\n");
    files::replace(&path, text.as_bytes())
}
