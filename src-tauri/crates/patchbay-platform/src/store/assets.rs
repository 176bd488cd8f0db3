//! Static assets in the store: files by hash, once for a namespace, and manifests that say which script wants which.

use super::{Change, StoreError, new_id, timestamp, timestamp_before};
use crate::assets::{Routing, VersionAssets};
use bytes::Bytes;
use rusqlite::OptionalExtension;
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;

/// How long a manifest is kept that no version names: as long as the tokens of its upload are good, and a while longer.
const UNUSED: Duration = Duration::from_mins(90);

/// A file that a script wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) path: String,
    /// 32 hex digits that the client chose.
    pub(crate) hash: String,
    /// Bytes.
    pub(crate) size: u64,
}

/// A file that was uploaded.
pub(crate) struct NewAsset {
    pub(crate) hash: String,
    pub(crate) content: Bytes,
    /// None where the client knows none.
    pub(crate) content_type: Option<String>,
}

/// A file as it is served.
pub(crate) struct Asset {
    pub(crate) content: Vec<u8>,
    pub(crate) content_type: Option<String>,
}

/// Which requests to a script with assets go where, as the script's process is told.
#[derive(Serialize)]
pub(crate) struct RoutedAssets {
    #[serde(flatten)]
    routing: Routing,
    /// There is no script beside the assets.
    only: bool,
}

impl Change<'_> {
    /// Notes what a script wants, and returns the manifest's id. Nothing when the namespace does not exist.
    pub(crate) fn create_manifest(&self, namespace: &str, wanted: &[Wanted]) -> Result<Option<String>, StoreError> {
        self.forget_unused_assets()?;
        let id = new_id();
        let made = self.transaction.execute(
            "INSERT INTO manifests (id, namespace_id, created_on) SELECT ?1, id, ?3 FROM namespaces WHERE name = ?2",
            (&id, namespace, timestamp()),
        )?;
        if made == 0 {
            return Ok(None);
        }
        let mut statement = self
            .transaction
            .prepare_cached("INSERT INTO manifest_entries (manifest_id, path, hash, size) VALUES (?1, ?2, ?3, ?4)")?;
        for Wanted { path, hash, size } in wanted {
            statement.execute((&id, path, hash, size))?;
        }
        Ok(Some(id))
    }

    /// Size of each file of a manifest by its hash. Nothing when there is no such manifest any more.
    pub(crate) fn wanted_sizes(&self, manifest: &str) -> Result<Option<HashMap<String, u64>>, StoreError> {
        if !self.transaction.prepare_cached("SELECT 1 FROM manifests WHERE id = ?1")?.exists([manifest])? {
            return Ok(None);
        }
        let mut statement = self
            .transaction
            .prepare_cached("SELECT DISTINCT hash, size FROM manifest_entries WHERE manifest_id = ?1")?;
        let rows = statement.query_map([manifest], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Some(rows.collect::<Result<_, _>>()?))
    }

    /// Hash and size of the files of a manifest that the namespace does not have, in the order of their hashes.
    pub(crate) fn missing_assets(&self, manifest: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT DISTINCT hash, size FROM manifest_entries JOIN manifests ON manifests.id = manifest_id
             WHERE manifest_id = ?1 AND NOT EXISTS (SELECT 1 FROM assets
                WHERE assets.namespace_id = manifests.namespace_id AND assets.hash = manifest_entries.hash)
             ORDER BY hash",
        )?;
        let rows = statement.query_map([manifest], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Writes files into the namespace of a manifest. What is there already stays as it is.
    pub(crate) fn add_assets(&self, manifest: &str, assets: &[NewAsset]) -> Result<(), StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO assets (namespace_id, hash, content, content_type)
             SELECT namespace_id, ?2, ?3, ?4 FROM manifests WHERE id = ?1 ON CONFLICT DO NOTHING",
        )?;
        for NewAsset { hash, content, content_type } in assets {
            statement.execute((manifest, hash, &content[..], content_type))?;
        }
        Ok(())
    }

    /// Paths of a manifest with the hashes of their files.
    pub(crate) fn manifest(&self, manifest: &str) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement =
            self.transaction.prepare_cached("SELECT path, hash FROM manifest_entries WHERE manifest_id = ?1")?;
        let rows = statement.query_map([manifest], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A file that a manifest names.
    pub(crate) fn asset(&self, manifest: &str, hash: &str) -> Result<Option<Asset>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT content, content_type FROM assets JOIN manifests USING (namespace_id)
             WHERE manifests.id = ?1 AND hash = ?2
             AND EXISTS (SELECT 1 FROM manifest_entries WHERE manifest_id = ?1 AND manifest_entries.hash = ?2)",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok(Asset { content: row.get(0)?, content_type: row.get(1)? });
        Ok(statement.query_row((manifest, hash), read).optional()?)
    }

    /// The assets of a version.
    pub(crate) fn assets_of(&self, version: &str) -> Result<Option<VersionAssets>, StoreError> {
        let mut statement =
            self.transaction.prepare_cached("SELECT json_extract(details, '$.assets') FROM versions WHERE id = ?1")?;
        let text: Option<String> = statement.query_row([version], |row| row.get(0)).optional()?.flatten();
        text.map(|text| serde_json::from_str(&text).map_err(|_| StoreError::Unreadable("assets"))).transpose()
    }

    /// Which requests the assets of a version answer; nothing when it has none.
    pub(crate) fn routing_of_assets(&self, version: &str) -> Result<Option<RoutedAssets>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT json_extract(details, '$.assets.config.routing'), entry = '' FROM versions WHERE id = ?1",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Option<String>>(0)?, row.get(1)?));
        let Some((Some(routing), only)) = statement.query_row([version], read).optional()? else { return Ok(None) };
        let routing = serde_json::from_str(&routing).map_err(|_| StoreError::Unreadable("assets"))?;
        Ok(Some(RoutedAssets { routing, only }))
    }

    /// Removes manifests that no version names, unless they are being uploaded, and files that no manifest names.
    pub(super) fn forget_unused_assets(&self) -> Result<(), StoreError> {
        let forgotten = self.transaction.execute(
            "DELETE FROM manifests WHERE created_on < ?1
             AND id NOT IN (SELECT json_extract(details, '$.assets.manifest') FROM versions
                WHERE json_extract(details, '$.assets.manifest') IS NOT NULL)",
            [timestamp_before(UNUSED)],
        )?;
        if forgotten > 0 {
            self.transaction.execute(
                "DELETE FROM assets WHERE NOT EXISTS (SELECT 1 FROM manifest_entries
                    JOIN manifests ON manifests.id = manifest_id
                    WHERE manifest_entries.hash = assets.hash AND manifests.namespace_id = assets.namespace_id)",
                [],
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{NewAsset, Wanted};
    use crate::assets::{AssetsConfig, VersionAssets};
    use crate::store::Store;
    use crate::store::details::Details;
    use crate::store::versions::NewVersion;
    use bytes::Bytes;
    use std::sync::Arc;

    #[tokio::test]
    async fn files_stay_as_long_as_a_version_names_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open(folder.path(), &[7; 32]).expect("opens"));
        let of = |hash: &str| vec![Wanted { path: "/a".into(), hash: hash.repeat(32), size: 1 }];
        let (kept, unused) = store
            .change(move |change| {
                change.create_namespace("n")?;
                let mut manifests = Vec::new();
                for hash in ["1", "2"] {
                    let manifest = change.create_manifest("n", &of(hash))?.expect("the namespace exists");
                    let asset = NewAsset { hash: hash.repeat(32), content: Bytes::from("x"), content_type: None };
                    change.add_assets(&manifest, &[asset])?;
                    assert_eq!(change.missing_assets(&manifest)?, []);
                    manifests.push(manifest);
                }
                let assets = VersionAssets { manifest: manifests[0].clone(), config: AssetsConfig::default() };
                let details = Details { assets: Some(assets), ..Details::default() };
                let version = NewVersion { entry: String::new(), modules: Vec::new(), bindings: Vec::new(), details };
                change.publish("n", "s", None, &version)?;
                // Both uploads began long ago.
                change.transaction.execute("UPDATE manifests SET created_on = '2020'", [])?;
                change.create_manifest("n", &[])?;
                Ok((manifests[0].clone(), manifests[1].clone()))
            })
            .await
            .expect("changes");
        store
            .change(move |change| {
                assert!(change.asset(&kept, &"1".repeat(32))?.is_some(), "a version names it");
                assert!(change.wanted_sizes(&unused)?.is_none(), "nobody claimed it");
                let count = |change: &super::Change<'_>| {
                    change.transaction.query_row("SELECT COUNT(*) FROM assets", [], |row| row.get::<_, i64>(0))
                };
                assert_eq!(count(change)?, 1);
                let script = change.script("n", "s")?.expect("is there");
                change.delete_script(script.row)?;
                assert_eq!(count(change)?, 0, "its last version is gone");
                Ok(())
            })
            .await
            .expect("changes");
    }
}
