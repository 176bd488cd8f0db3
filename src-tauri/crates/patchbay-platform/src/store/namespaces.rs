//! Dispatch namespaces in the store.

use super::{Change, StoreError, new_id, timestamp};
use patchbay_cloudflare::wire::namespace::Namespace;
use rusqlite::{OptionalExtension, Row};
use uuid::Uuid;

const SELECT: &str = "SELECT id, name, created_on, modified_on, trusted,
    (SELECT COUNT(*) FROM scripts WHERE namespace_id = namespaces.id) FROM namespaces";

impl Change<'_> {
    /// The account's id, made on first use and stable from then on.
    pub(crate) fn account_id(&self) -> Result<String, StoreError> {
        let known: Option<Vec<u8>> = self
            .transaction
            .query_row("SELECT value FROM facts WHERE name = 'account_id'", [], |row| row.get(0))
            .optional()?;
        if let Some(known) = known.and_then(|known| String::from_utf8(known).ok()) {
            return Ok(known);
        }
        let account = new_id();
        self.transaction.execute("INSERT INTO facts VALUES ('account_id', ?1)", [account.as_bytes()])?;
        Ok(account)
    }

    pub(crate) fn namespaces(&self, account: &str) -> Result<Vec<Namespace>, StoreError> {
        let mut statement = self.transaction.prepare_cached(&format!("{SELECT} ORDER BY name"))?;
        let rows = statement.query_map([], |row| read(row, account))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) fn namespace(&self, account: &str, name: &str) -> Result<Option<Namespace>, StoreError> {
        let mut statement = self.transaction.prepare_cached(&format!("{SELECT} WHERE name = ?1"))?;
        Ok(statement.query_row([name], |row| read(row, account)).optional()?)
    }

    pub(crate) fn has_namespace(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.transaction.prepare_cached("SELECT 1 FROM namespaces WHERE name = ?1")?.exists([name])?)
    }

    /// Whether scripts that are uploaded to it now are trusted; nothing when it does not exist.
    pub(crate) fn is_trusted(&self, name: &str) -> Result<Option<bool>, StoreError> {
        let mut statement = self.transaction.prepare_cached("SELECT trusted FROM namespaces WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Creates it; `false` when the name is taken.
    pub(crate) fn create_namespace(&self, name: &str) -> Result<bool, StoreError> {
        let now = timestamp();
        let inserted = self.transaction.execute(
            "INSERT INTO namespaces (id, name, created_on, modified_on) VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO NOTHING",
            (Uuid::new_v4().to_string(), name, now),
        )?;
        Ok(inserted == 1)
    }

    /// Renames it or changes its trust. The caller has checked that it exists and that the new name is free.
    pub(crate) fn change_namespace(
        &self,
        name: &str,
        new_name: Option<&str>,
        trusted: Option<bool>,
    ) -> Result<(), StoreError> {
        self.transaction.execute(
            "UPDATE namespaces SET name = coalesce(?2, name), trusted = coalesce(?3, trusted), modified_on = ?4 WHERE name = ?1",
            (name, new_name, trusted, timestamp()),
        )?;
        Ok(())
    }

    /// Deletes it with its scripts; `false` when there is none.
    pub(crate) fn delete_namespace(&self, name: &str) -> Result<bool, StoreError> {
        let deleted = self.transaction.execute("DELETE FROM namespaces WHERE name = ?1", [name])?;
        self.forget_unused_contents()?;
        Ok(deleted == 1)
    }

    /// Names of the scripts in a namespace.
    pub(crate) fn script_names(&self, namespace: &str) -> Result<Vec<String>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT scripts.name FROM scripts JOIN namespaces ON namespaces.id = namespace_id WHERE namespaces.name = ?1",
        )?;
        let rows = statement.query_map([namespace], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read(row: &Row<'_>, account: &str) -> rusqlite::Result<Namespace> {
    Ok(Namespace {
        namespace_id: row.get(0)?,
        namespace_name: row.get(1)?,
        created_on: row.get(2)?,
        created_by: account.to_owned(),
        modified_on: row.get(3)?,
        modified_by: account.to_owned(),
        trusted_workers: row.get(4)?,
        script_count: row.get(5)?,
    })
}
