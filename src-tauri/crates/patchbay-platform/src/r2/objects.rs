//! Objects: look at, read, write, delete.

use super::Buckets;
use super::condition::Condition;
use super::digests::Digesting;
use super::files::Lease;
use super::range::{Range, of_header};
use super::receive::{Incoming, Received};
use super::refusal::{BucketError, InTransaction};
use super::request::{Get, New, Put};
use crate::store::new_id;
use rusqlite::{OptionalExtension, Row, Transaction};
use serde_json::Value;
use std::sync::Arc;
use time::OffsetDateTime;

/// An object without its body.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) row: i64,
    pub(super) key: String,
    pub(super) version: String,
    pub(super) size: u64,
    pub(super) etag: String,
    /// Milliseconds since 1970.
    pub(super) uploaded: u64,
    pub(super) storage_class: String,
    /// Metadata and checksums as they stand on the wire; null where there is none.
    pub(super) http_metadata: Value,
    pub(super) custom_metadata: Value,
    pub(super) checksums: Value,
}

/// A file with a part of an object's body.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) file: String,
    pub(super) size: u64,
}

/// An object that is being read.
pub(super) struct Opened {
    pub(super) object: Object,
    pub(super) range: Range,
    pub(super) pieces: Vec<Piece>,
    pub(super) lease: Lease,
}

pub(super) const COLUMNS: &str =
    "id, key, version, size, etag, uploaded, storage_class, http_metadata, custom_metadata, checksums";

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or_default()
}

impl Object {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self {
            row: row.get(0)?,
            key: String::from_utf8_lossy(&row.get::<_, Vec<u8>>(1)?).into_owned(),
            version: row.get(2)?,
            size: row.get(3)?,
            etag: row.get(4)?,
            uploaded: row.get(5)?,
            storage_class: row.get(6)?,
            http_metadata: json(row.get(7)?),
            custom_metadata: json(row.get(8)?),
            checksums: json(row.get(9)?),
        })
    }

    pub(super) fn find(change: &Transaction<'_>, bucket: &str, key: &str) -> rusqlite::Result<Option<Self>> {
        let mut statement =
            change.prepare_cached(&format!("SELECT {COLUMNS} FROM objects WHERE bucket = ?1 AND key = ?2"))?;
        statement.query_row((bucket, key.as_bytes()), Self::read).optional()
    }

    /// Whether a condition holds for what is there, or is not.
    fn passes(found: Option<&Self>, condition: Option<&Condition>) -> bool {
        condition.is_none_or(|condition| condition.holds(found.map(|object| (object.etag.as_str(), object.uploaded))))
    }
}

/// Removes an object's row. Its files are the caller's to discard once that is committed.
pub(super) fn remove(change: &Transaction<'_>, bucket: &str, key: &str) -> rusqlite::Result<Vec<String>> {
    let Some(object) = Object::find(change, bucket, key)? else { return Ok(Vec::new()) };
    let pieces = pieces(change, object.row)?;
    change.prepare_cached("DELETE FROM objects WHERE id = ?1")?.execute([object.row])?;
    Ok(pieces.into_iter().map(|piece| piece.file).collect())
}

/// Writes an object's row in the place of one that was removed.
pub(super) fn insert(
    change: &Transaction<'_>,
    bucket: &str,
    new: &New,
    (etag, checksums): (String, Value),
    pieces: &[Piece],
) -> rusqlite::Result<Object> {
    let size: u64 = pieces.iter().map(|piece| piece.size).sum();
    let mut object = Object {
        row: 0,
        key: new.key.clone(),
        version: new_id(),
        size,
        etag,
        uploaded: now().unsigned_abs(),
        storage_class: new.storage_class.clone(),
        http_metadata: new.http_fields.clone(),
        custom_metadata: new.custom_fields.clone(),
        checksums,
    };
    change
        .prepare_cached(
            "INSERT INTO objects (bucket, key, version, size, etag, uploaded, storage_class, http_metadata, custom_metadata, checksums)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            bucket,
            object.key.as_bytes(),
            &object.version,
            object.size,
            &object.etag,
            object.uploaded,
            &object.storage_class,
            object.http_metadata.to_string(),
            object.custom_metadata.to_string(),
            object.checksums.to_string(),
        ))?;
    object.row = change.last_insert_rowid();
    let mut statement =
        change.prepare_cached("INSERT INTO pieces (object_id, position, file, size) VALUES (?1, ?2, ?3, ?4)")?;
    for (position, piece) in (0_i64..).zip(pieces) {
        statement.execute((object.row, position, &piece.file, piece.size))?;
    }
    Ok(object)
}

fn pieces(change: &Transaction<'_>, object: i64) -> rusqlite::Result<Vec<Piece>> {
    let mut statement =
        change.prepare_cached("SELECT file, size FROM pieces WHERE object_id = ?1 ORDER BY position")?;
    let rows = statement.query_map([object], |row| Ok(Piece { file: row.get(0)?, size: row.get(1)? }))?;
    rows.collect()
}

impl Buckets {
    pub(super) async fn head(&self, bucket: &str, key: String) -> Result<Object, BucketError> {
        let bucket = bucket.to_owned();
        self.index
            .change(move |change| {
                Object::find(change, &bucket, &key)?.ok_or(InTransaction::Refused(BucketError::NoSuchKey))
            })
            .await
    }

    pub(super) async fn open_object(&self, bucket: &str, get: Get) -> Result<Opened, BucketError> {
        let (bucket, files) = (bucket.to_owned(), Arc::clone(&self.files));
        self.index
            .change(move |change| {
                let object = Object::find(change, &bucket, &get.key)?.ok_or(BucketError::NoSuchKey)?;
                if !Object::passes(Some(&object), get.only_if.as_ref()) {
                    return Err(BucketError::PreconditionFailed(Some(Box::new(object))).into());
                }
                let whole = Range { offset: 0, length: object.size };
                let range = match (&get.range_header, &get.range) {
                    (Some(header), _) => of_header(header, object.size).unwrap_or(whole),
                    (None, Some(range)) => range.of(object.size)?,
                    (None, None) => whole,
                };
                let pieces = pieces(change, object.row)?;
                let lease = files.lease(pieces.iter().map(|piece| piece.file.clone()).collect());
                Ok(Opened { object, range, pieces, lease })
            })
            .await
    }

    /// Writes an object. It takes the place of the one before at the very end, when its body is whole and safe.
    pub(super) async fn put(&self, bucket: &str, put: Put, body: Incoming) -> Result<Object, BucketError> {
        let Put { new, only_if, expected } = put;
        let Received { file, size, digests } = body.receive(&self.files, Digesting::new(expected)).await?;
        let piece = Piece { file: file.name().to_owned(), size };
        let bucket = bucket.to_owned();
        let (object, discarded) = self
            .index
            .change(move |change| {
                let before = Object::find(change, &bucket, &new.key)?;
                if !Object::passes(before.as_ref(), only_if.as_ref()) {
                    return Err(BucketError::PreconditionFailed(None).into());
                }
                let discarded = remove(change, &bucket, &new.key)?;
                let sums = (hex::encode(&digests.md5), digests.shown);
                Ok((insert(change, &bucket, &new, sums, &[piece])?, discarded))
            })
            .await?;
        file.keep();
        self.files.discard(&discarded);
        Ok(object)
    }

    /// Deletes objects; those that are not there are as good as deleted.
    pub(super) async fn delete(&self, bucket: &str, keys: Vec<String>) -> Result<(), BucketError> {
        let bucket = bucket.to_owned();
        let discarded = self
            .index
            .change(move |change| {
                let mut discarded = Vec::new();
                for key in &keys {
                    discarded.extend(remove(change, &bucket, key)?);
                }
                Ok(discarded)
            })
            .await?;
        self.files.discard(&discarded);
        Ok(())
    }
}
