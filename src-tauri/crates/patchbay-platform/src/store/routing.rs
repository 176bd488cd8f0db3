//! What the dispatcher's ROUTING binding serves.

use super::{Change, StoreError};
use rusqlite::OptionalExtension;
use std::collections::BTreeMap;

impl Change<'_> {
    /// The stored text of a key.
    pub(crate) fn routing_value(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.transaction.prepare_cached("SELECT value FROM routing WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Replaces everything, and returns each key whose value is another one now.
    pub(crate) fn replace_routing(&self, new: &BTreeMap<String, String>) -> Result<Vec<String>, StoreError> {
        let mut statement = self.transaction.prepare("SELECT key, value FROM routing")?;
        let old: BTreeMap<String, String> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        if old == *new {
            return Ok(Vec::new());
        }
        self.transaction.execute("DELETE FROM routing", [])?;
        let mut insert = self.transaction.prepare("INSERT INTO routing (key, value) VALUES (?1, ?2)")?;
        for (key, value) in new {
            insert.execute((key, value))?;
        }
        let all: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        Ok(all.into_iter().filter(|key| old.get(*key) != new.get(*key)).cloned().collect())
    }
}
