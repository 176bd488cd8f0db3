//! `upstreams/*.json` and `*.yaml`: `OpenAPI` documents of APIs that the workspace's adapters call.

use crate::error::WorkspaceError;
use crate::files;
use crate::paths;
use crate::workspace::Workspace;
use std::fs;
use std::time::SystemTime;

/// Largest document. Stripe's, one of the largest there are, has 7 MB.
const MAX: u64 = 32 << 20;

/// Which documents there are, and since when: equal as long as none was added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamDocuments {
    files: Vec<(String, u64, Option<SystemTime>)>,
}

impl Workspace {
    /// The documents as they are now, by name. No folder is no documents.
    pub fn upstream_documents(&self) -> Result<UpstreamDocuments, WorkspaceError> {
        let folder = self.folder().join("upstreams");
        let file = |error| WorkspaceError::of_file("read", &folder, error);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(UpstreamDocuments::default()),
            Err(error) => return Err(file(error)),
        };
        let mut documents = UpstreamDocuments::default();
        for entry in entries {
            let entry = entry.map_err(file)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let is_document = [".json", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
            // Of a file that goes away in this moment nothing is left to read.
            let Ok(facts) = fs::metadata(entry.path()) else { continue };
            if is_document && !name.starts_with('.') && facts.is_file() {
                documents.files.push((name, facts.len(), facts.modified().ok()));
            }
        }
        documents.files.sort();
        Ok(documents)
    }

    /// Adds a document, unless there is one of this name: what a person put there stays as it is.
    pub fn add_upstream_document(&self, name: &str, text: &str) -> Result<(), WorkspaceError> {
        let path = paths::inside(self.folder(), &format!("upstreams/{name}"))?;
        let _lock = self.lock()?;
        if path.exists() || path.is_symlink() {
            return Ok(());
        }
        files::make_folder(&self.folder().join("upstreams"))?;
        files::replace(&path, text.as_bytes())
    }

    /// The text of a document; `None` where it has gone.
    pub fn upstream_document(&self, name: &str) -> Result<Option<String>, WorkspaceError> {
        files::read_text(&paths::inside(self.folder(), &format!("upstreams/{name}"))?, MAX)
    }
}

impl UpstreamDocuments {
    /// File names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(name, ..)| name.as_str())
    }
}
