//! A workspace folder that goes away with the test.

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for one test, with helpers to fill it and to search it for text that must not be there.
#[derive(Debug)]
pub struct TempWorkspace {
    folder: TempDir,
}

impl TempWorkspace {
    /// An empty folder. Not yet a workspace: it has no `patchbay.toml`.
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new().prefix("patchbay-").tempdir().expect("the temp folder is writable");
        Self { folder }
    }

    /// A workspace with `patchbay.toml`, `routes.json` and no tenants.
    pub fn new() -> Self {
        let workspace = Self::empty();
        workspace.write(
            "patchbay.toml",
            r#"name = "Test"
id = "7f1d1c1e-52f5-4f0e-9a63-0d6c5f0d2b11"
routes = "routes.json"

[environments.production]
eu = "test-production-eu"
us = "test-production-us"

[environments.staging]
eu = "test-staging-eu"
us = "test-staging-us"

[environments.development]
eu = "test-development-eu"
us = "test-development-us"

[targets.local]
"#,
        );
        workspace.write("routes.json", "{ \"rules\": [] }\n");
        workspace
    }

    /// Adds `tenants/<id>/tenant.toml` in region `eu`.
    #[must_use]
    pub fn with_tenant(self, id: &str) -> Self {
        self.write(&format!("tenants/{id}/tenant.toml"), format!("name = \"{id}\"\nregion = \"eu\"\n"));
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path inside the folder.
    pub fn join(&self, relative: &str) -> PathBuf {
        self.path().join(relative)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(relative);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the temp folder is writable");
        fs::write(&path, content).expect("the temp folder is writable");
        path
    }

    /// Reads a text file.
    pub fn read(&self, relative: &str) -> String {
        let path = self.join(relative);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} should be readable: {error}", path.display()))
    }

    /// Every regular file below the folder that contains the bytes.
    pub fn files_containing(&self, needle: impl AsRef<[u8]>) -> Vec<PathBuf> {
        files_containing(self.path(), needle.as_ref())
    }
}

impl Default for TempWorkspace {
    fn default() -> Self {
        Self::new()
    }
}

/// Every regular file below a folder that contains the bytes. Symlinks are not followed.
pub fn files_containing(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    assert!(!needle.is_empty(), "an empty needle is in every file");
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let entry = entry.expect("folder entries are readable");
            let kind = entry.file_type().expect("an entry has a type");
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                // A file may be renamed away between the listing and the read while a platform runs in the folder.
                let content = fs::read(entry.path()).unwrap_or_default();
                if content.windows(needle.len()).any(|window| window == needle) {
                    found.push(entry.path());
                }
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::TempWorkspace;

    #[test]
    fn a_planted_text_is_found_at_any_depth() {
        let workspace = TempWorkspace::new().with_tenant("customer-a");
        let planted = workspace.write(".patchbay/logs/deep/run.log", b"before canary after");
        assert_eq!(workspace.files_containing("canary"), [planted]);
        assert!(workspace.files_containing("another").is_empty());
    }
}
