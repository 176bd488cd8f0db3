//! `tenants/<tenant>/tenant.toml`.

use crate::error::WorkspaceError;
use crate::files;
use crate::keys::{self, FileWarning, Keys};
use crate::toml_file::TomlFile;
use crate::workspace::Workspace;
use patchbay_core::TenantId;
use patchbay_core::tenant::TenantSettings;
use std::path::PathBuf;
use toml_edit::{Array, Value};

/// A tenant as its file says.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantFile {
    /// The folder's name.
    pub id: TenantId,
    /// What `tenant.toml` says.
    pub settings: TenantSettings,
    /// Keys that nothing reads.
    pub warnings: Vec<FileWarning>,
}

/// One folder under `tenants/`; a broken one does not hide the others.
#[derive(Debug)]
pub struct TenantEntry {
    /// The folder's name, which may not be an id.
    pub folder: String,
    /// The tenant, or what is wrong with it.
    pub tenant: Result<TenantFile, WorkspaceError>,
}

impl Workspace {
    /// Every tenant folder, by name.
    pub fn tenants(&self) -> Result<Vec<TenantEntry>, WorkspaceError> {
        let folders = files::folder_names(&self.folder().join("tenants"))?;
        Ok(folders
            .into_iter()
            .map(|folder| {
                let tenant = TenantId::new(folder.as_str()).map_err(Into::into).and_then(|id| self.tenant(&id));
                TenantEntry { folder, tenant }
            })
            .collect())
    }

    /// One tenant.
    pub fn tenant(&self, id: &TenantId) -> Result<TenantFile, WorkspaceError> {
        let (file, settings) = self.tenant_file(id)?;
        id.check_owner_rule(&self.other_tenants(id)?)?;
        Ok(TenantFile { id: id.clone(), settings, warnings: file.warnings(keys::TENANT) })
    }

    /// Adds a tenant. Refused when its scripts and another tenant's could have the same names.
    pub fn add_tenant(&self, id: &TenantId, settings: &TenantSettings) -> Result<TenantFile, WorkspaceError> {
        let _lock = self.lock()?;
        let folder = self.tenant_folder(id);
        if folder.exists() {
            return Err(WorkspaceError::TenantExists { tenant: id.clone() });
        }
        id.check_owner_rule(&self.other_tenants(id)?)?;
        self.settings().check_region(&settings.region)?;
        let text =
            toml_edit::ser::to_string_pretty(settings).map_err(|source| WorkspaceError::Unwritable { source })?;
        let path = folder.join("tenant.toml");
        let file = TomlFile::parse(&path, text)?;
        self.check_settings(&file, &file.decode(&examples())?)?;
        files::make_folder_with(&folder, &[("tenant.toml".into(), file.text().as_bytes().to_vec())])?;
        self.tenant(id)
    }

    /// Changes single settings, given as dotted key and text: `region` and `us`, `retry.max_age_seconds` and `21600`,
    /// `egress` and `api.notion.com,api.slack.com`. All or none; comments and unknown keys stay.
    pub fn set_tenant(&self, id: &TenantId, changes: &[(&str, &str)]) -> Result<TenantFile, WorkspaceError> {
        let _lock = self.lock()?;
        let (mut file, _) = self.tenant_file(id)?;
        for (key, text) in changes {
            file = file.with_value(key, value_of(key, text)?)?;
        }
        self.write_tenant(id, &file)
    }

    /// Adds hosts to the tenant's egress list; those that are on it stay.
    pub fn allow_egress(&self, id: &TenantId, hosts: &[String]) -> Result<TenantFile, WorkspaceError> {
        let _lock = self.lock()?;
        let (file, settings) = self.tenant_file(id)?;
        let mut egress = settings.egress;
        for host in hosts {
            if !egress.contains(host) {
                egress.push(host.clone());
            }
        }
        let file = file.with_value("egress", Value::Array(egress.into_iter().collect()))?;
        self.write_tenant(id, &file)
    }

    pub(crate) fn check_tenant_exists(&self, id: &TenantId) -> Result<(), WorkspaceError> {
        if self.tenant_folder(id).is_dir() {
            return Ok(());
        }
        let known = files::folder_names(&self.folder().join("tenants"))?;
        Err(WorkspaceError::TenantMissing { tenant: id.clone(), known })
    }

    fn tenant_path(&self, id: &TenantId) -> PathBuf {
        self.tenant_folder(id).join("tenant.toml")
    }

    fn tenant_file(&self, id: &TenantId) -> Result<(TomlFile, TenantSettings), WorkspaceError> {
        let path = self.tenant_path(id);
        let Some(file) = TomlFile::read(&path)? else {
            self.check_tenant_exists(id)?;
            return Err(WorkspaceError::Broken {
                path,
                position: patchbay_core::position::Position { line: 1, column: 1 },
                problem: "the tenant's folder has no tenant.toml".into(),
                fix: Some("Make it with `name = \"…\"` and `region = \"eu\"`".into()),
            });
        };
        let settings = file.decode(&examples())?;
        self.check_settings(&file, &settings)?;
        Ok((file, settings))
    }

    fn write_tenant(&self, id: &TenantId, file: &TomlFile) -> Result<TenantFile, WorkspaceError> {
        let settings = file.decode(&examples())?;
        self.check_settings(file, &settings)?;
        files::replace(&self.tenant_path(id), file.text().as_bytes())?;
        Ok(TenantFile { id: id.clone(), settings, warnings: file.warnings(keys::TENANT) })
    }

    /// The ids beside this one; folders whose names are no ids own no scripts.
    fn other_tenants(&self, id: &TenantId) -> Result<Vec<TenantId>, WorkspaceError> {
        let folders = files::folder_names(&self.folder().join("tenants"))?;
        Ok(folders.into_iter().filter_map(|folder| TenantId::new(folder).ok()).filter(|other| other != id).collect())
    }

    /// Checks what the types cannot say.
    fn check_settings(&self, file: &TomlFile, settings: &TenantSettings) -> Result<(), WorkspaceError> {
        let known = self.settings().known_regions();
        if !known.contains_key(&settings.region) {
            let words: Vec<&str> = known.keys().map(patchbay_core::Region::as_str).collect();
            let problem = format!("the region `{}` is not known", settings.region);
            let fix = format!("Use one of {}, or add it under `[regions]` in patchbay.toml", words.join(", "));
            return Err(file.problem_at(&["region"], problem, fix));
        }
        for (index, host) in settings.egress.iter().enumerate() {
            if !is_egress_entry(host) {
                let problem = format!("`{host}` is not a host");
                let fix =
                    "Write a host such as `api.notion.com`, `*.example.com` or `api.example.com:8443`, without scheme and path".into();
                return Err(file.problem_at(&["egress", &index.to_string()], problem, fix));
            }
        }
        let retry = &settings.retry;
        for (key, number, smallest, largest) in [
            ("initial_delay_seconds", retry.initial_delay_seconds, 0.0, f64::MAX),
            ("backoff_factor", retry.backoff_factor, 1.0, f64::MAX),
            ("max_delay_seconds", retry.max_delay_seconds, 0.0, f64::MAX),
            ("jitter", retry.jitter, 0.0, 1.0),
            ("max_age_seconds", retry.max_age_seconds, 0.0, f64::MAX),
        ] {
            // Written so that NaN is refused too.
            if !(number >= smallest && number <= largest) {
                let most = if largest < f64::MAX { format!(" and at most {largest}") } else { String::new() };
                let problem = format!("`{key}` is {number}");
                return Err(file.problem_at(
                    &["retry", key],
                    problem,
                    format!("Use a number of at least {smallest}{most}"),
                ));
            }
        }
        Ok(())
    }
}

/// A line to write for each key that must be there.
fn examples() -> [(&'static str, String); 2] {
    [("name", "name = \"Customer A\"".into()), ("region", "region = \"eu\"".into())]
}

/// A host, and a port where it is not the scheme's.
fn is_egress_entry(entry: &str) -> bool {
    match entry.split_once(':') {
        None => is_host_pattern(entry),
        Some((host, port)) => is_host_pattern(host) && port.parse::<u16>().is_ok_and(|port| port > 0),
    }
}

/// A host name, or `*.` and one.
pub(crate) fn is_host_pattern(host: &str) -> bool {
    let host = host.strip_prefix("*.").unwrap_or(host);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn value_of(key: &str, text: &str) -> Result<Value, WorkspaceError> {
    let Some(kind) = keys::setting(keys::TENANT, key) else {
        let known = keys::settings(keys::TENANT);
        let nearest = keys::nearest(key, known.iter().map(String::as_str));
        return Err(WorkspaceError::UnknownSetting { file: "tenant.toml", key: key.into(), nearest, known });
    };
    let unfit = |expected| WorkspaceError::InvalidSetting { key: key.into(), value: text.into(), expected };
    match kind {
        Keys::Whole => text.parse::<u32>().map(|number| i64::from(number).into()).map_err(|_| unfit("a whole number")),
        Keys::Number => text.parse::<f64>().map(Value::from).map_err(|_| unfit("a number")),
        Keys::Flag => text.parse::<bool>().map(Value::from).map_err(|_| unfit("`true` or `false`")),
        Keys::Texts => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(Value::Array(parts.collect::<Array>()))
        }
        Keys::Text if text.is_empty() => Err(unfit("a text")),
        Keys::Text => Ok(text.into()),
        Keys::Anything | Keys::Table(_) | Keys::Tables(_) | Keys::Each(_) => unreachable!("not single values"),
    }
}
