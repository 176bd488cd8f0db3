//! What a person can do about each error of a workspace.

use crate::error::WorkspaceError;
use patchbay_core::Hints;

impl Hints for WorkspaceError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotAWorkspace { path } => vec![
                "Run `patchbay demo` for a workspace with two example tenants".into(),
                format!("Run `patchbay start --workspace {}` to make an empty one", path.display()),
                "Name another folder with `--workspace DIR`".into(),
            ],
            Self::AlreadyAWorkspace { .. } => vec!["Choose an empty folder, or use the workspace that is there".into()],
            Self::Broken { fix, .. } => fix.iter().cloned().collect(),
            Self::NotText { .. } => vec!["Save the file as UTF-8".into()],
            Self::Id(error) => error.hints(),
            Self::NoNamespace { path, environment, region } => {
                vec![format!("Add `{region} = \"…\"` under `[environments.{environment}]` in {}", path.display())]
            }
            Self::UnknownRegion { region, known } => vec![
                format!("Known regions: {}", known.join(", ")),
                format!("Or add `{region} = \"Its name for people\"` under `[regions]` in patchbay.toml"),
            ],
            Self::TenantMissing { tenant, known } => {
                vec![known_or_none("tenants", known), format!("Add it with `patchbay tenant add {tenant}`")]
            }
            Self::TenantExists { tenant } => vec![format!("Change it with `patchbay tenant set {tenant}`")],
            Self::AdapterMissing { adapter, known } => vec![
                known_or_none(&format!("adapters of {}", adapter.tenant), known),
                format!("Make it with `patchbay new {adapter} --template ID` or `patchbay import FILE {adapter}`"),
            ],
            Self::AdapterExists { .. } => vec!["Choose another adapter id; nothing was overwritten".into()],
            Self::SampleMissing { known, .. } => vec![known_or_none("samples", known)],
            Self::VersionMissing { adapter, .. } => vec![format!("List them with `patchbay versions {adapter}`")],
            Self::PathRefused { .. } => {
                vec![
                    "Use a path inside the adapter's folder with `/` between its parts, for example `src/adapter.ts`"
                        .into(),
                ]
            }
            Self::TooLarge { .. } | Self::TooMuch { .. } => {
                vec!["Move data that is not code out of the folder; a Worker may have 10 MiB after compression".into()]
            }
            Self::Changed { .. } => vec!["Read the file again, apply the change to what it says now, and save".into()],
            Self::UnknownSetting { nearest, known, .. } => nearest
                .iter()
                .map(|nearest| format!("Did you mean `{nearest}`?"))
                .chain([format!("Settings: {}", known.join(", "))])
                .collect(),
            Self::NothingToImport { .. } => vec!["Name the file that has `export default { fetch … }`".into()],
            Self::EntryUnclear { candidates, .. } => vec![format!("Name one of them: {}", candidates.join(", "))],
            Self::ImportOutside { .. } => vec!["Import the folder that holds both files instead of one file".into()],
            Self::Busy { .. } => vec!["Try again; if it stays, end that process".into()],
            Self::DiskFull { .. } => vec!["Free some space; nothing was changed".into()],
            Self::ReadOnly { .. } | Self::Permission { .. } => {
                vec!["Make the workspace writable for your user, or use another folder; nothing was changed".into()]
            }
            Self::InvalidSetting { .. }
            | Self::FileMissing { .. }
            | Self::SecretInRecord { .. }
            | Self::Unwritable { .. }
            | Self::File { .. } => Vec::new(),
        }
    }
}

fn known_or_none(what: &str, known: &[String]) -> String {
    if known.is_empty() { format!("There are no {what} yet") } else { format!("Known {what}: {}", known.join(", ")) }
}
