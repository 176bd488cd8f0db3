CREATE TABLE deliveries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    adapter TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    status INTEGER,
    trace TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_by_adapter ON deliveries (tenant, adapter, sequence);
