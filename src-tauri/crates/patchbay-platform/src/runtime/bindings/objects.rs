//! Where Durable Objects are stored: a folder for each script, in it one for each class.

use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::placement::ScriptName;
use crate::store::details::DurableClass;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long the deletion of a script waits for requests that are under way in it.
const END_PATIENCE: Duration = Duration::from_secs(10);

impl Runtime {
    /// The folder of a script's objects. `tag` is the script's own and not used again when it is deleted.
    pub(crate) fn objects_of(&self, tag: &str) -> PathBuf {
        self.state_dir.join("objects").join(tag)
    }

    /// Ends the processes of scripts that do not exist any more, and removes their objects.
    pub(crate) async fn end_deleted(self: &Arc<Self>, scripts: &[(String, String)]) -> Result<(), PlatformError> {
        let mut deleted = false;
        for (namespace, name) in scripts {
            let place = (namespace.clone(), name.clone());
            if self.store.change(move |change| change.script_tag(&place.0, &place.1)).await?.is_some() {
                continue;
            }
            deleted = true;
            let script = ScriptName { namespace: namespace.as_str().into(), script: name.as_str().into() };
            if tokio::time::timeout(END_PATIENCE, self.end_dedicated(&script)).await.is_err() {
                tracing::warn!(script = %name, "a deleted script has not finished; its objects go at the next start");
            }
        }
        if deleted { self.sweep_objects().await } else { Ok(()) }
    }

    /// Removes the objects of scripts that do not exist any more, also of one whose deletion was cut short.
    pub(crate) async fn sweep_objects(&self) -> Result<(), PlatformError> {
        let tags: HashSet<String> = self.store.change(|change| Ok(change.script_tags()?.into_iter().collect())).await?;
        sweep(&self.state_dir.join("objects"), |name| tags.contains(name))
    }
}

/// Makes the folder ready for a script with these classes: what a migration has deleted goes.
pub(super) fn prepare(folder: &Path, classes: &[DurableClass]) -> Result<(), PlatformError> {
    std::fs::create_dir_all(folder).map_err(|source| PlatformError::file("create", folder, source))?;
    sweep(folder, |name| classes.iter().any(|class| class.namespace_id == name))
}

/// Removes the folders in a folder that are not to stay.
fn sweep(folder: &Path, stays: impl Fn(&str) -> bool) -> Result<(), PlatformError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(PlatformError::file("read", folder, source)),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && !stays(&entry.file_name().to_string_lossy()) {
            std::fs::remove_dir_all(&path).map_err(|source| PlatformError::file("remove", &path, source))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::prepare;
    use crate::store::details::DurableClass;

    #[test]
    fn objects_of_deleted_classes_go_and_the_others_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        for class in ["kept", "deleted"] {
            std::fs::create_dir(folder.path().join(class)).expect("a folder");
        }
        let kept = DurableClass { class_name: "Renamed".into(), namespace_id: "kept".into(), sqlite: true };
        prepare(folder.path(), &[kept]).expect("prepares");
        assert!(folder.path().join("kept").is_dir() && !folder.path().join("deleted").exists());
    }
}
