-- A file of static assets, once for a namespace, whoever uploaded it.
CREATE TABLE assets (
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    hash TEXT NOT NULL,
    content BLOB NOT NULL,
    content_type TEXT,
    PRIMARY KEY (namespace_id, hash)
) STRICT;
-- Which files a script wants under which paths. Versions name one; it is there before they are.
CREATE TABLE manifests (
    id TEXT PRIMARY KEY,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    created_on TEXT NOT NULL
) STRICT;
CREATE TABLE manifest_entries (
    manifest_id TEXT NOT NULL REFERENCES manifests (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    hash TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (manifest_id, path)
) STRICT;
CREATE INDEX manifest_entries_by_hash ON manifest_entries (hash);
CREATE INDEX versions_by_manifest ON versions (json_extract(details, '$.assets.manifest'))
    WHERE json_extract(details, '$.assets.manifest') IS NOT NULL;
