CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE namespaces (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    trusted INTEGER NOT NULL DEFAULT 0,
    created_on TEXT NOT NULL,
    modified_on TEXT NOT NULL
) STRICT;
CREATE TABLE scripts (
    id INTEGER PRIMARY KEY,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    tag TEXT NOT NULL UNIQUE,
    tags TEXT NOT NULL,
    live_version TEXT NOT NULL,
    created_on TEXT NOT NULL,
    modified_on TEXT NOT NULL,
    UNIQUE (namespace_id, name)
) STRICT;
CREATE TABLE versions (
    id TEXT PRIMARY KEY,
    script_id INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    entry TEXT NOT NULL,
    etag TEXT NOT NULL,
    bindings TEXT NOT NULL,
    details TEXT NOT NULL,
    created_on TEXT NOT NULL,
    UNIQUE (script_id, sequence)
) STRICT;
CREATE TABLE contents (hash TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TABLE modules (
    version_id TEXT NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL REFERENCES contents (hash),
    PRIMARY KEY (version_id, position)
) STRICT;
CREATE INDEX modules_by_hash ON modules (hash);
CREATE TABLE routing (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
