//! Adapter folders made for one test.

use patchbay_bundle::{Bundle, BundleError, Request, bundle};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

pub struct AdapterFolder(TempDir);

impl AdapterFolder {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder can be made"));
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let file = self.path().join(path);
        fs::create_dir_all(file.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(file, bytes).expect("the file can be written");
    }

    /// Makes `link` point at `target`, which is relative to the link's folder.
    pub fn link(&self, target: &str, link: &str) {
        let link = self.path().join(link);
        #[cfg(unix)]
        let made = std::os::unix::fs::symlink(target, link);
        #[cfg(windows)]
        let made = if link.parent().expect("a link has a folder").join(target).is_dir() {
            std::os::windows::fs::symlink_dir(target, link)
        } else {
            std::os::windows::fs::symlink_file(target, link)
        };
        made.expect("a link can be made");
    }

    pub fn bundle_entry(&self, entry: &str, overlay: &[(String, String)]) -> Result<Bundle, BundleError> {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
        runtime.block_on(bundle(Request { root: self.path(), entry, overlay }))
    }

    pub fn bundle(&self) -> Bundle {
        self.bundle_entry("src/adapter.ts", &[]).expect("the adapter can be bundled")
    }

    pub fn refusal(&self) -> BundleError {
        self.bundle_entry("src/adapter.ts", &[]).expect_err("the adapter must be refused")
    }
}

pub fn module(bundle: &Bundle, name: &str) -> String {
    let module = bundle.modules.iter().find(|module| module.name == name);
    let module = module.unwrap_or_else(|| panic!("{name} should be among the modules"));
    String::from_utf8(module.content.to_vec()).expect("the module is text")
}
