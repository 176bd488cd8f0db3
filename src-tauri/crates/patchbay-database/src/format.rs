//! What a file holds, and the way there from each earlier version.

use crate::error::{Damage, DatabaseError};
use rusqlite::Connection;
use std::path::Path;

/// The format of a file: numbered steps, each of which changes the tables of the version before it.
///
/// **To add a step**, append its SQL to the end of `steps` (a file of its own, named by its number and what it does) and
/// leave the earlier ones as they are: files that were written with them exist. All missing steps are taken in one
/// transaction with foreign keys off, after a backup, so a step may rebuild a table; references that do not hold at the
/// end refuse the upgrade. A step may not name a table `sqlite_…` and may not contain `BEGIN`, `COMMIT` or `VACUUM`.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What the file is, as errors name it: `platform's database`.
    pub name: &'static str,
    /// The command that puts a backup in its place, for hints: `patchbay restore`.
    pub restore: &'static str,
    /// SQL of each step; a file has taken the first `user_version` of them.
    pub steps: &'static [&'static str],
}

impl Format {
    /// The newest version known here.
    pub fn newest(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX)
    }

    /// Takes the steps that a file of a version lacks.
    pub(crate) fn take_steps(&self, connection: &Connection, from: i64) -> rusqlite::Result<()> {
        for step in self.steps.iter().skip(usize::try_from(from).unwrap_or_default()) {
            connection.execute_batch(step)?;
        }
        connection.pragma_update(None, "user_version", self.newest())
    }

    /// The version of a file, after a look whether it is of this format at all. 0 is a database without tables.
    pub(crate) fn version_of(&self, connection: &Connection, path: &Path) -> Result<i64, DatabaseError> {
        let failed = |source| DatabaseError::of_sqlite(self, path, source);
        // Both at one moment: another process may upgrade the file in between.
        let moment = connection.is_autocommit().then(|| connection.unchecked_transaction()).transpose();
        let moment = moment.map_err(failed)?;
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        let tables = tables(connection).map_err(failed)?;
        drop(moment);
        if found > self.newest() {
            return Err(DatabaseError::too_new(self, path, found));
        }
        // Another program's database has other tables. What a step makes is found out by taking it.
        let expected = Connection::open_in_memory()
            .and_then(|model| {
                for step in self.steps.iter().take(usize::try_from(found).unwrap_or_default()) {
                    model.execute_batch(step)?;
                }
                crate::format::tables(&model)
            })
            .map_err(failed)?;
        if tables != expected {
            return Err(DatabaseError::damaged(self, path, Damage::OtherTables { found: tables, expected }));
        }
        Ok(found)
    }
}

/// Names of the tables and indexes, sorted.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")?;
    statement.query_map([], |row| row.get(0))?.collect()
}
