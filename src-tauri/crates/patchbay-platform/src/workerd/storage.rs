//! Config of the storage process. The modules that come with workerd say in their headers what they need.

use super::config::{COLLECTS, COMPATIBILITY_DATE, quoted, write, write_config};
use crate::error::PlatformError;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What the storage process is made of.
pub(crate) struct StorageConfig<'a> {
    pub(crate) mark: &'a str,
    /// Folder of the data.
    pub(crate) data: &'a Path,
}

/// A kind of storage: a Worker of workerd's own behind a small module that reads whose data are meant.
struct Kind {
    name: &'static str,
    front: &'static [u8],
    class: &'static str,
    /// Binding under which the module expects its class.
    binding: &'static str,
    flags: &'static str,
    /// Further bindings.
    more: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "kv",
        front: include_bytes!("../runtime_js/storage_kv.js"),
        class: "KVNamespace",
        binding: "SHARD",
        flags: r#""experimental""#,
        more: r#", (name = "BLOBS", service = "kv-blobs")"#,
    },
    Kind {
        name: "d1",
        front: include_bytes!("../runtime_js/storage_d1.js"),
        class: "D1Database",
        binding: "DATABASE",
        flags: r#""experimental""#,
        more: "",
    },
    Kind {
        name: "queues",
        front: include_bytes!("../runtime_js/storage_queues.js"),
        class: "QueueShard",
        binding: "SHARD",
        flags: r#""experimental", "service_binding_extra_handlers""#,
        more: "",
    },
];

impl StorageConfig<'_> {
    /// Writes the config into a folder, and makes the folders of the data.
    pub(crate) fn write(&self, folder: &Path) -> Result<PathBuf, PlatformError> {
        write(folder, "storage.js", include_bytes!("../runtime_js/storage.js"))?;
        let mut services = format!(
            r#"
    (name = "storage", worker = (compatibilityDate = "{COMPATIBILITY_DATE}", modules = [(name = "storage.js", esModule = embed "storage.js")],
      bindings = [(name = "kv", service = "kv"), (name = "d1", service = "d1"), (name = "queue", service = "queues")])),"#
        );
        // The unique keys and the folders are where the data live: they never change.
        for Kind { name, front, class, binding, flags, more } in KINDS {
            let file = format!("{name}-front.js");
            write(folder, &file, front)?;
            let _ = write!(
                services,
                r#"
    (name = "{name}", worker = (compatibilityDate = "{COMPATIBILITY_DATE}", compatibilityFlags = [{flags}],
      modules = [(name = "front.js", esModule = embed "{file}"), (name = "{name}.js", bundled = "/workerd/{name}.js")],
      durableObjectNamespaces = [(className = "{class}", uniqueKey = "{name}", enableSql = true)],
      durableObjectStorage = (localDisk = "data"),
      bindings = [(name = "{binding}", durableObjectNamespace = "{class}"){more}])),"#
            );
        }
        for (name, data) in [("data", self.data.to_owned()), ("kv-blobs", self.data.join("kv-blobs"))] {
            std::fs::create_dir_all(&data).map_err(|source| PlatformError::file("create", &data, source))?;
            let path = quoted(&data.display().to_string());
            let _ = write!(services, "\n    (name = \"{name}\", disk = (path = {path}, writable = true)),");
        }
        let header = quoted(&format!("{}-cf", self.mark));
        let sockets =
            format!(r#"(name = "storage", http = (style = proxy, cfBlobHeader = {header}), service = "storage")"#);
        write_config(folder, &services, &sockets, "", &[COLLECTS])
    }
}
