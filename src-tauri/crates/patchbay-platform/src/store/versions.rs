//! Versions of scripts: modules by content, bindings with sealed secrets, and what else an upload said.

use super::details::Details;
use super::sealing::Sealing;
use super::{Change, StoreError, new_id, timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_core::{Module, ModuleKind};
use rusqlite::{OptionalExtension, Row};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Versions of a script that are kept.
const KEPT_VERSIONS: i64 = 50;
/// Key under which a sealed secret stands in a stored binding.
const SEALED: &str = "sealed";

/// A version without its modules. Bindings carry their secret values.
#[derive(Clone)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) entry: String,
    pub(crate) etag: String,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) details: Details,
    pub(crate) created_on: String,
}

/// A version to be written.
pub(crate) struct NewVersion {
    pub(crate) entry: String,
    /// Shared, because a changed secret keeps the modules.
    pub(crate) modules: Vec<Module>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) details: Details,
}

impl Change<'_> {
    /// Writes a version of a script and forgets the oldest ones. Returns its id.
    pub(super) fn insert_version(&self, script: i64, tag: &str, new: &NewVersion) -> Result<String, StoreError> {
        let id = new_id();
        let bindings =
            new.bindings.iter().map(|binding| sealed(self.sealing, tag, binding)).collect::<Result<Vec<_>, _>>()?;
        let bindings = serde_json::to_string(&bindings).map_err(|_| StoreError::Unreadable("a binding"))?;
        let details = serde_json::to_string(&new.details).map_err(|_| StoreError::Unreadable("details"))?;
        self.transaction.execute(
            "INSERT INTO versions (id, script_id, sequence, entry, etag, bindings, details, created_on)
             VALUES (?1, ?2, (SELECT coalesce(max(sequence), 0) + 1 FROM versions WHERE script_id = ?2), ?3, ?4, ?5, ?6, ?7)",
            (&id, script, &new.entry, etag(&new.entry, &new.modules), bindings, details, timestamp()),
        )?;
        let mut content = self
            .transaction
            .prepare_cached("INSERT INTO contents (hash, content) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
        let mut place = self.transaction.prepare_cached(
            "INSERT INTO modules (version_id, position, name, kind, hash) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (position, module) in (0_i64..).zip(&new.modules) {
            let hash = hex::encode(Sha256::digest(&module.content));
            content.execute((&hash, &module.content[..]))?;
            place.execute((&id, position, &module.name, module.kind.content_type(), &hash))?;
        }
        self.forget_oldest_versions(script)?;
        Ok(id)
    }

    /// A version by its id, if the script still has it.
    pub(crate) fn version(&self, id: &str) -> Result<Option<Version>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT versions.id, entry, etag, bindings, details, versions.created_on, scripts.tag
             FROM versions JOIN scripts ON scripts.id = script_id WHERE versions.id = ?1",
        )?;
        let Some(raw) = statement.query_row([id], RawVersion::read).optional()? else { return Ok(None) };
        raw.open(self.sealing).map(Some)
    }

    /// Whether a version is one of that script's.
    pub(crate) fn belongs(&self, namespace: &str, script: &str, version: &str) -> Result<bool, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT 1 FROM versions JOIN scripts ON scripts.id = script_id JOIN namespaces ON namespaces.id = namespace_id
             WHERE versions.id = ?1 AND scripts.name = ?2 AND namespaces.name = ?3",
        )?;
        Ok(statement.exists((version, script, namespace))?)
    }

    /// The modules of a version, in the order of its upload.
    pub(crate) fn modules(&self, version: &str) -> Result<Vec<Module>, StoreError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT name, kind, content FROM modules JOIN contents USING (hash) WHERE version_id = ?1 ORDER BY position",
        )?;
        let rows = statement
            .query_map([version], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?
            .collect::<Result<Vec<_>, _>>()?;
        rows.into_iter()
            .map(|(name, kind, content)| {
                let kind = kind_of(&kind).ok_or(StoreError::Unreadable("a module"))?;
                Ok(Module { name, kind, content: Bytes::from(content) })
            })
            .collect()
    }

    fn forget_oldest_versions(&self, script: i64) -> Result<(), StoreError> {
        const OLDEST: &str = "SELECT id FROM versions WHERE script_id = ?1
            AND sequence <= (SELECT max(sequence) FROM versions WHERE script_id = ?1) - ?2";
        let mut statement =
            self.transaction.prepare_cached(&format!("SELECT hash FROM modules WHERE version_id IN ({OLDEST})"))?;
        let hashes: Vec<String> =
            statement.query_map((script, KEPT_VERSIONS), |row| row.get(0))?.collect::<Result<_, _>>()?;
        self.transaction.execute(&format!("DELETE FROM versions WHERE id IN ({OLDEST})"), (script, KEPT_VERSIONS))?;
        for hash in hashes {
            self.transaction.execute(
                "DELETE FROM contents WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM modules WHERE modules.hash = ?1)",
                [hash],
            )?;
        }
        Ok(())
    }

    /// Removes contents and assets that no version has any more.
    pub(super) fn forget_unused_contents(&self) -> Result<(), StoreError> {
        self.forget_unused_assets()?;
        self.transaction.execute(
            "DELETE FROM contents WHERE NOT EXISTS (SELECT 1 FROM modules WHERE modules.hash = contents.hash)",
            [],
        )?;
        Ok(())
    }
}

fn kind_of(content_type: &str) -> Option<ModuleKind> {
    patchbay_cloudflare::wire::module::kind_of_content_type(content_type)
}

/// Hash over names, kinds and bytes of the modules.
fn etag(entry: &str, modules: &[Module]) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        // Lengths keep `ab` + `c` apart from `a` + `bc`.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    };
    add(entry.as_bytes());
    for module in modules {
        add(module.name.as_bytes());
        add(module.kind.content_type().as_bytes());
        add(&module.content);
    }
    hex::encode(hash.finalize())
}

struct RawVersion {
    id: String,
    entry: String,
    etag: String,
    bindings: String,
    details: String,
    created_on: String,
    tag: String,
}

impl RawVersion {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            entry: row.get(1)?,
            etag: row.get(2)?,
            bindings: row.get(3)?,
            details: row.get(4)?,
            created_on: row.get(5)?,
            tag: row.get(6)?,
        })
    }

    fn open(self, sealing: &Sealing) -> Result<Version, StoreError> {
        let stored: Vec<Binding> =
            serde_json::from_str(&self.bindings).map_err(|_| StoreError::Unreadable("bindings"))?;
        let bindings =
            stored.into_iter().map(|binding| opened(sealing, &self.tag, binding)).collect::<Result<_, _>>()?;
        let details = serde_json::from_str(&self.details).map_err(|_| StoreError::Unreadable("details"))?;
        Ok(Version { id: self.id, entry: self.entry, etag: self.etag, bindings, details, created_on: self.created_on })
    }
}

/// The stored form: everything a secret binding has, sealed as one, beside what may be shown.
fn sealed(sealing: &Sealing, tag: &str, binding: &Binding) -> Result<Binding, StoreError> {
    if !binding.is_secret() {
        return Ok(binding.clone());
    }
    let fields = serde_json::to_vec(&binding.fields).map_err(|_| StoreError::Unreadable("a binding"))?;
    let sealed = sealing.seal(&place(tag, &binding.name), &fields);
    Ok(binding.clone().without_secret_value().with(SEALED, Value::String(STANDARD.encode(sealed))))
}

fn opened(sealing: &Sealing, tag: &str, mut binding: Binding) -> Result<Binding, StoreError> {
    if !binding.is_secret() {
        return Ok(binding);
    }
    let sealed = binding.text_field(SEALED).and_then(|text| STANDARD.decode(text).ok());
    let sealed = sealed.ok_or(StoreError::Unreadable("a secret"))?;
    let fields = sealing.open(&place(tag, &binding.name), &sealed).ok_or(StoreError::WrongKey)?;
    binding.fields = serde_json::from_slice(&fields).map_err(|_| StoreError::Unreadable("a secret"))?;
    Ok(binding)
}

fn place(tag: &str, name: &str) -> String {
    format!("{tag}/{name}")
}
