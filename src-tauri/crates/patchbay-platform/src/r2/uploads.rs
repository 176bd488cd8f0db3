//! Uploads in parts.

use super::Buckets;
use super::digests::{Digesting, etag_of_parts};
use super::objects::{Object, Piece, insert, now, remove};
use super::receive::{Incoming, Received};
use super::refusal::{BucketError, InTransaction};
use super::request::{New, Part, Upload};
use crate::store::new_id;
use rusqlite::{OptionalExtension, Transaction};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Every part but the last is at least this long.
const SMALLEST_PART: u64 = 5 << 20;

/// A part that was uploaded.
struct Stored {
    etag: String,
    md5: Vec<u8>,
    piece: Piece,
}

impl Buckets {
    pub(super) async fn create_upload(&self, bucket: &str, new: New) -> Result<String, BucketError> {
        let bucket = bucket.to_owned();
        self.index
            .change(move |change| {
                let id = format!("{}{}", new_id(), new_id());
                change.execute(
                    "INSERT INTO uploads (id, bucket, key, state, created, storage_class, http_metadata, custom_metadata)
                     VALUES (?1, ?2, ?3, 'open', ?4, ?5, ?6, ?7)",
                    (
                        &id,
                        &bucket,
                        new.key.as_bytes(),
                        now(),
                        &new.storage_class,
                        new.http_fields.to_string(),
                        new.custom_fields.to_string(),
                    ),
                )?;
                Ok(id)
            })
            .await
    }

    /// Writes a part, in the place of one that had its number. Returns its etag.
    pub(super) async fn upload_part(
        &self,
        bucket: &str,
        upload: Upload,
        number: u32,
        body: Incoming,
    ) -> Result<String, BucketError> {
        let Received { file, size, digests } = body.receive(&self.files, Digesting::new(None)).await?;
        let (bucket, name) = (bucket.to_owned(), file.name().to_owned());
        let (etag, discarded) = self
            .index
            .change(move |change| {
                if state(change, &bucket, &upload)?.as_deref() != Some("open") {
                    return Err(BucketError::NoSuchUpload.into());
                }
                let before: Option<String> = change
                    .query_row("SELECT file FROM parts WHERE upload_id = ?1 AND number = ?2", (&upload.id, number), |row| {
                        row.get(0)
                    })
                    .optional()?;
                let etag = new_id();
                change.execute(
                    "INSERT OR REPLACE INTO parts (upload_id, number, etag, md5, file, size) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    (&upload.id, number, &etag, &digests.md5, &name, size),
                )?;
                Ok((etag, before))
            })
            .await?;
        file.keep();
        self.files.discard(discarded.as_slice());
        Ok(etag)
    }

    /// Makes an object of parts. The others are removed.
    pub(super) async fn complete_upload(
        &self,
        bucket: &str,
        upload: Upload,
        parts: Vec<Part>,
    ) -> Result<Object, BucketError> {
        let bucket = bucket.to_owned();
        let (object, discarded) = self
            .index
            .change(move |change| {
                if state(change, &bucket, &upload)?.as_deref() != Some("open") {
                    return Err(BucketError::NoSuchUpload.into());
                }
                let mut stored = stored(change, &upload.id)?;
                let chosen = chosen(parts, &mut stored)?;
                let new = new_of(change, &upload)?;
                let mut discarded = remove(change, &bucket, &upload.key)?;
                discarded.extend(stored.into_values().map(|part| part.piece.file));
                close(change, &upload.id, "completed")?;
                let etag = etag_of_parts(chosen.iter().map(|part| part.md5.as_slice()));
                let pieces: Vec<Piece> = chosen.into_iter().map(|part| part.piece).collect();
                Ok((insert(change, &bucket, &new, (etag, json!({})), &pieces)?, discarded))
            })
            .await?;
        self.files.discard(&discarded);
        Ok(object)
    }

    /// Ends an upload. Ending one that is over already changes nothing.
    pub(super) async fn abort_upload(&self, bucket: &str, upload: Upload) -> Result<(), BucketError> {
        let bucket = bucket.to_owned();
        let discarded = self
            .index
            .change(move |change| match state(change, &bucket, &upload)?.as_deref() {
                None => Err(BucketError::NoSuchUpload.into()),
                Some("open") => {
                    let parts = stored(change, &upload.id)?;
                    close(change, &upload.id, "aborted")?;
                    Ok(parts.into_values().map(|part| part.piece.file).collect())
                }
                Some(_) => Ok(Vec::new()),
            })
            .await?;
        self.files.discard(&discarded);
        Ok(())
    }
}

fn state(change: &Transaction<'_>, bucket: &str, upload: &Upload) -> rusqlite::Result<Option<String>> {
    change
        .prepare_cached("SELECT state FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3")?
        .query_row((&upload.id, bucket, upload.key.as_bytes()), |row| row.get(0))
        .optional()
}

/// Keeps the upload's row, because later requests are told that it is over, without its parts.
fn close(change: &Transaction<'_>, upload: &str, state: &str) -> rusqlite::Result<()> {
    change.execute("DELETE FROM parts WHERE upload_id = ?1", [upload])?;
    change.execute("UPDATE uploads SET state = ?2 WHERE id = ?1", [upload, state])?;
    Ok(())
}

fn new_of(change: &Transaction<'_>, upload: &Upload) -> rusqlite::Result<New> {
    let json = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
    change.query_row(
        "SELECT http_metadata, custom_metadata, storage_class FROM uploads WHERE id = ?1",
        [&upload.id],
        |row| {
            Ok(New {
                key: upload.key.clone(),
                http_fields: json(row.get(0)?),
                custom_fields: json(row.get(1)?),
                storage_class: row.get(2)?,
            })
        },
    )
}

fn stored(change: &Transaction<'_>, upload: &str) -> rusqlite::Result<HashMap<u32, Stored>> {
    let mut statement =
        change.prepare_cached("SELECT number, etag, md5, file, size FROM parts WHERE upload_id = ?1")?;
    let rows = statement.query_map([upload], |row| {
        let piece = Piece { file: row.get(3)?, size: row.get(4)? };
        Ok((row.get(0)?, Stored { etag: row.get(1)?, md5: row.get(2)?, piece }))
    })?;
    rows.collect()
}

/// Takes the named parts out of those that there are, by number. R2 wants every part but the last to be of one size.
fn chosen(mut parts: Vec<Part>, stored: &mut HashMap<u32, Stored>) -> Result<Vec<Stored>, InTransaction> {
    let mut numbers = HashSet::new();
    if parts.is_empty() || !parts.iter().all(|part| numbers.insert(part.number)) {
        return Err(BucketError::InvalidPart.into());
    }
    parts.sort_by_key(|part| part.number);
    let mut chosen = Vec::with_capacity(parts.len());
    for part in &parts {
        let found = stored.remove(&part.number).filter(|found| found.etag == part.etag);
        chosen.push(found.ok_or(BucketError::InvalidPart)?);
    }
    if let Some((last, others)) = chosen.split_last() {
        if others.iter().any(|part| part.piece.size < SMALLEST_PART) {
            return Err(BucketError::EntityTooSmall.into());
        }
        let size = others.first().map(|part| part.piece.size);
        if size.is_some_and(|size| last.piece.size > size || others.iter().any(|part| part.piece.size != size)) {
            return Err(BucketError::BadUpload.into());
        }
    }
    Ok(chosen)
}
