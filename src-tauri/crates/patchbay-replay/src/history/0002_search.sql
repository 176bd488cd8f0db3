-- The rows of version 1 wait in `carried` until the program has read them: it knows what their words are.
CREATE TABLE carried (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    trace TEXT NOT NULL
) STRICT;
INSERT INTO carried (sequence, id, tenant, trace) SELECT sequence, id, tenant, trace FROM deliveries;
DROP TABLE deliveries;

-- Heads: what a list shows. `sequence` is the time in milliseconds × 64 and a number that makes it unique, so that one
-- order serves lists, ranges of time and `words`.
CREATE TABLE deliveries (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    adapter TEXT NOT NULL,
    run TEXT,
    started_ms INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    status INTEGER,
    outcome TEXT,
    as_expected INTEGER,
    event_id TEXT,
    sample TEXT,
    origin TEXT NOT NULL,
    against TEXT NOT NULL,
    sender TEXT,
    provider TEXT NOT NULL,
    environment TEXT NOT NULL,
    region TEXT NOT NULL,
    method TEXT NOT NULL,
    duration_ms REAL NOT NULL,
    outbound_calls INTEGER NOT NULL,
    request_bytes INTEGER NOT NULL,
    answer_bytes INTEGER,
    -- Bytes that the contents take here; null when they were dropped.
    kept_bytes INTEGER
) STRICT;

-- Contents: whole traces, compressed.
CREATE TABLE contents (
    sequence INTEGER PRIMARY KEY,
    trace BLOB NOT NULL
) STRICT;

-- Which deliveries have a word, and which a tenant, an adapter, a status, …: those are words that no text can have.
CREATE VIRTUAL TABLE words USING fts5 (
    word, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
-- Every write merges a little itself: left alone, the index merges much at once, and one delivery in 64 waits for it.
INSERT INTO words (words, rank) VALUES ('automerge', 0);

-- One row, so that nothing has to be counted while a run waits.
CREATE TABLE totals (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    deliveries INTEGER NOT NULL,
    content_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO totals (only, deliveries, content_bytes) VALUES (1, 0, 0);

-- What a run as a whole came to, such as the figures of a load run.
CREATE TABLE results (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL,
    adapter TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT;
CREATE INDEX results_by_adapter ON results (tenant, adapter, kind, sequence);
