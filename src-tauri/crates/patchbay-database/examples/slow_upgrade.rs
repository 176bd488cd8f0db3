//! Upgrades a file by a step that takes a while: `slow_upgrade FILE`. The tests kill it.

use patchbay_database::{Format, open};
use std::error::Error;
use std::path::Path;

const FORMAT: Format = Format {
    name: "library",
    restore: "patchbay restore",
    steps: &[
        "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;",
        "UPDATE books SET title = 'changed';
         CREATE TABLE pages (number INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
         WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers LIMIT 2000000)
         INSERT INTO pages SELECT number, randomblob(100) FROM numbers;",
    ],
};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("give FILE")?;
    open(Path::new(&file), &FORMAT)?;
    Ok(())
}
