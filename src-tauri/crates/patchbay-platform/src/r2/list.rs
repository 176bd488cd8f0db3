//! Lists of a bucket's keys, in the order of their bytes.
//!
//! A place in that order is a string of bytes at which the rest begins: after a key it is the key and a zero byte, after
//! a group of keys with a common prefix the first string that is past all of them. A cursor is such a place.

use super::Buckets;
use super::objects::{COLUMNS, Object};
use super::refusal::{BucketError, InTransaction};
use super::request::List;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{OptionalExtension, Transaction};
use serde_json::{Value, json};

/// The runtime takes at most 1 MiB of JSON; a page ends early when its metadata is large, as on R2.
const LARGEST_PAGE: usize = 512 << 10;

impl Buckets {
    pub(super) async fn list(&self, bucket: &str, list: List) -> Result<Value, BucketError> {
        let bucket = bucket.to_owned();
        self.index.change(move |change| page(change, &bucket, &list)).await
    }
}

fn page(change: &Transaction<'_>, bucket: &str, list: &List) -> Result<Value, InTransaction> {
    let prefix = list.prefix.as_bytes();
    let mut place = prefix.to_vec();
    if let Some(cursor) = &list.cursor {
        let bad = || BucketError::InvalidArgument("The cursor is not one that a list of this bucket returned.".into());
        place = place.max(URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?);
    }
    if let Some(key) = &list.start_after {
        place = place.max(after_key(key));
    }
    let end = past_prefix(prefix);
    let (http, custom) = (list.include.contains(&0), list.include.contains(&1));
    let (mut objects, mut groups) = (Vec::new(), Vec::new());
    let mut size = 0;
    // Nothing is past the end of all strings.
    let mut rest = Some(place);
    let mut truncated = false;
    while let Some(place) = rest.take() {
        let Some(object) = next(change, bucket, &place, end.as_deref())? else { break };
        if objects.len() + groups.len() == list.limit as usize || size > LARGEST_PAGE {
            truncated = true;
            rest = Some(place);
            break;
        }
        if let Some(group) = group_of(&object.key, &list.prefix, &list.delimiter) {
            size += group.len();
            rest = past_prefix(group.as_bytes());
            groups.push(group.to_owned());
        } else {
            rest = Some(after_key(&object.key));
            let shown = object.shown(None, http, custom);
            size += shown.to_string().len();
            objects.push(shown);
        }
    }
    let mut page = json!({ "objects": objects, "truncated": truncated, "delimitedPrefixes": groups });
    if let Some(place) = rest.filter(|_| truncated) {
        page["cursor"] = URL_SAFE_NO_PAD.encode(place).into();
    }
    Ok(page)
}

/// The first object at a place or after it, before the end.
fn next(
    change: &Transaction<'_>,
    bucket: &str,
    place: &[u8],
    end: Option<&[u8]>,
) -> Result<Option<Object>, rusqlite::Error> {
    let mut statement = change.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM objects WHERE bucket = ?1 AND key >= ?2 AND (?3 IS NULL OR key < ?3) ORDER BY key LIMIT 1"
    ))?;
    statement.query_row((bucket, place, end), Object::read).optional()
}

fn after_key(key: &str) -> Vec<u8> {
    let mut place = key.as_bytes().to_vec();
    place.push(0);
    place
}

/// The first string past all that begin with a prefix; none where every string after it begins so.
fn past_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut place = prefix[..=last].to_vec();
    place[last] += 1;
    Some(place)
}

/// The prefix up to the first delimiter behind the asked-for one, when the key has one there.
fn group_of<'a>(key: &'a str, prefix: &str, delimiter: &str) -> Option<&'a str> {
    if delimiter.is_empty() {
        return None;
    }
    let found = key.get(prefix.len()..)?.find(delimiter)?;
    Some(&key[..prefix.len() + found + delimiter.len()])
}

#[cfg(test)]
mod tests {
    use super::{group_of, past_prefix};

    #[test]
    fn a_prefix_ends_before_the_next_byte() {
        assert_eq!(past_prefix(b"a/"), Some(b"a0".to_vec()));
        assert_eq!(past_prefix(&[b'a', 0xff]), Some(b"b".to_vec()));
        assert_eq!(past_prefix(b""), None);
    }

    #[test]
    fn groups_begin_behind_the_prefix() {
        assert_eq!(group_of("a/b/c", "", "/"), Some("a/"));
        assert_eq!(group_of("a/b/c", "a/", "/"), Some("a/b/"));
        assert_eq!(group_of("a/b", "a/", "/"), None);
        assert_eq!(group_of("größe--x", "grö", "--"), Some("größe--"));
        assert_eq!(group_of("a/b", "", ""), None);
    }
}
