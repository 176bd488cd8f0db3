//! Scripts in the store.

use super::versions::{NewVersion, Version};
use super::{Change, StoreError, new_id, timestamp};
use rusqlite::OptionalExtension;

/// A script with its live version.
#[derive(Clone)]
pub(crate) struct StoredScript {
    pub(crate) row: i64,
    pub(crate) name: String,
    pub(crate) tag: String,
    pub(crate) tags: Vec<String>,
    pub(crate) created_on: String,
    pub(crate) modified_on: String,
    pub(crate) live: Version,
}

struct Raw {
    row: i64,
    name: String,
    tag: String,
    tags: String,
    live_version: String,
    created_on: String,
    modified_on: String,
}

const SELECT: &str = "SELECT scripts.id, scripts.name, tag, tags, live_version, scripts.created_on, scripts.modified_on
    FROM scripts JOIN namespaces ON namespaces.id = namespace_id WHERE namespaces.name = ?1";

impl Change<'_> {
    /// One script.
    pub(crate) fn script(&self, namespace: &str, name: &str) -> Result<Option<StoredScript>, StoreError> {
        let mut statement = self.transaction.prepare_cached(&format!("{SELECT} AND scripts.name = ?2"))?;
        let raw = statement.query_row((namespace, name), read).optional()?;
        raw.map(|raw| self.complete(raw)).transpose()
    }

    /// Whether there is any script.
    pub(crate) fn has_scripts(&self) -> Result<bool, StoreError> {
        Ok(self.transaction.prepare_cached("SELECT 1 FROM scripts")?.exists([])?)
    }

    /// Names and tags of the scripts of a namespace that come after a name, in the order of names.
    pub(crate) fn tagged(&self, namespace: &str, after: &str) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let mut statement =
            self.transaction.prepare_cached(&format!("{SELECT} AND scripts.name > ?2 ORDER BY scripts.name"))?;
        let rows = statement.query_map((namespace, after), read)?;
        rows.map(|raw| raw.map_err(StoreError::from).and_then(|raw| Ok((raw.name, tags(&raw.tags)?)))).collect()
    }

    /// Names of the scripts of a namespace whose live version binds another script, as a service or for its classes.
    pub(crate) fn bound_by(&self, namespace: &str, name: &str) -> Result<Vec<String>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT DISTINCT scripts.name FROM scripts JOIN namespaces ON namespaces.id = namespace_id
             JOIN versions ON versions.id = live_version, json_each(versions.bindings) AS binding
             WHERE namespaces.name = ?1 AND scripts.name <> ?2
             AND (binding.value ->> 'type' = 'service' AND binding.value ->> 'service' = ?2
               OR binding.value ->> 'type' = 'durable_object_namespace' AND binding.value ->> 'script_name' = ?2)
             ORDER BY scripts.name",
        )?;
        let rows = statement.query_map((namespace, name), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Id of the live version and the tags: what a dispatch needs, without opening secrets.
    pub(crate) fn live_version(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<Option<(String, Vec<String>)>, StoreError> {
        let mut statement = self.transaction.prepare_cached(&format!("{SELECT} AND scripts.name = ?2"))?;
        let raw = statement.query_row((namespace, name), read).optional()?;
        raw.map(|raw| Ok((raw.live_version, tags(&raw.tags)?))).transpose()
    }

    /// Makes a version live, in a script that is created when it is new. `tags` of `None` keeps the old ones.
    /// Answers nothing when the namespace does not exist.
    pub(crate) fn publish(
        &self,
        namespace: &str,
        name: &str,
        tags: Option<&[String]>,
        version: &NewVersion,
    ) -> Result<Option<StoredScript>, StoreError> {
        let now = timestamp();
        let inserted = self.transaction.execute(
            "INSERT INTO scripts (namespace_id, name, tag, tags, live_version, created_on, modified_on)
             SELECT id, ?2, ?3, '[]', '', ?4, ?4 FROM namespaces WHERE name = ?1
             ON CONFLICT (namespace_id, name) DO UPDATE SET modified_on = ?4",
            (namespace, name, new_id(), &now),
        )?;
        if inserted == 0 {
            return Ok(None);
        }
        let mut statement = self.transaction.prepare_cached(&format!("{SELECT} AND scripts.name = ?2"))?;
        let raw = statement.query_row((namespace, name), read)?;
        let id = self.insert_version(raw.row, &raw.tag, version)?;
        self.transaction.execute("UPDATE scripts SET live_version = ?2 WHERE id = ?1", (raw.row, &id))?;
        if let Some(tags) = tags {
            self.set_tags(raw.row, tags)?;
        }
        self.script(namespace, name)
    }

    /// Replaces the tags of a script.
    pub(crate) fn set_tags(&self, script: i64, tags: &[String]) -> Result<(), StoreError> {
        let tags = serde_json::to_string(tags).map_err(|_| StoreError::Unreadable("tags"))?;
        self.transaction.execute("UPDATE scripts SET tags = ?2 WHERE id = ?1", (script, tags))?;
        Ok(())
    }

    /// Deletes a script with its versions.
    pub(crate) fn delete_script(&self, script: i64) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM scripts WHERE id = ?1", [script])?;
        self.forget_unused_contents()
    }

    fn complete(&self, raw: Raw) -> Result<StoredScript, StoreError> {
        let live = self.version(&raw.live_version)?.ok_or(StoreError::Unreadable("a script without its version"))?;
        Ok(StoredScript {
            row: raw.row,
            name: raw.name,
            tag: raw.tag,
            tags: tags(&raw.tags)?,
            created_on: raw.created_on,
            modified_on: raw.modified_on,
            live,
        })
    }
}

fn tags(text: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Unreadable("tags"))
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        row: row.get(0)?,
        name: row.get(1)?,
        tag: row.get(2)?,
        tags: row.get(3)?,
        live_version: row.get(4)?,
        created_on: row.get(5)?,
        modified_on: row.get(6)?,
    })
}
