//! What `match` gives for an answer that is kept: conditions and ranges of the request, as Cloudflare's cache heeds them
//! (<https://developers.cloudflare.com/workers/runtime-apis/cache/#match>).

use super::{Head, Kept};
use crate::r2::of_header;
use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH, CONTENT_RANGE, ETAG, LAST_MODIFIED};
use serde::Deserialize;
use std::time::SystemTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Headers of the request that matter.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Wanted {
    if_none_match: Option<String>,
    if_modified_since: Option<String>,
    range: Option<String>,
}

/// The answer to a request.
pub(super) fn answer(kept: Kept, wanted: &Wanted, now: SystemTime) -> (Head, Bytes) {
    let Kept { mut head, body, since, .. } = kept;
    let age = now.duration_since(since).unwrap_or_default().as_secs();
    head.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("cf-cache-status"));
    head.headers.push(("cf-cache-status".into(), "HIT".into()));
    if head.get(AGE.as_str()).is_none() {
        head.headers.push((AGE.to_string(), age.to_string()));
    }
    if wanted.has_it(&head) {
        return (Head { status: 304, ..head }, Bytes::new());
    }
    let size = body.len() as u64;
    let range = wanted.range.as_deref().filter(|_| head.status == 200).and_then(|range| of_header(range, size));
    let Some(range) = range else { return (head, body) };
    let (Ok(from), Ok(length)) = (usize::try_from(range.offset), usize::try_from(range.length)) else {
        return (head, body);
    };
    let last = range.offset + range.length - 1;
    head.status = 206;
    head.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str()));
    head.headers.push((CONTENT_LENGTH.to_string(), length.to_string()));
    head.headers.push((CONTENT_RANGE.to_string(), format!("bytes {}-{last}/{size}", range.offset)));
    (head, body.slice(from..from + length))
}

impl Wanted {
    /// Whether whoever asks has the answer already (RFC 9110, section 13.1).
    fn has_it(&self, head: &Head) -> bool {
        if let Some(tags) = &self.if_none_match {
            let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
            let Some(own) = head.get(ETAG.as_str()).map(weak) else { return false };
            return tags.trim() == "*" || tags.split(',').any(|tag| weak(tag) == own);
        }
        let time = |text: &str| OffsetDateTime::parse(&text.replace("GMT", "+0000"), &Rfc2822).ok();
        let since = self.if_modified_since.as_deref().and_then(time);
        let modified = head.get(LAST_MODIFIED.as_str()).and_then(time);
        matches!((modified, since), (Some(modified), Some(since)) if modified <= since)
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, answer};
    use crate::cache::{Head, Kept};
    use serde_json::{Value, json};
    use std::time::{Duration, SystemTime};

    fn asked(wanted: Value) -> (u16, Vec<u8>) {
        let wanted: Wanted = serde_json::from_value(wanted).expect("headers");
        let headers = [("etag", "\"one\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let now = SystemTime::now();
        let until = now + Duration::from_secs(1);
        let kept = Kept { head: Head { status: 200, headers }, body: "0123456789".into(), since: now, until, used: 0 };
        let (head, body) = answer(kept, &wanted, now);
        (head.status, body.to_vec())
    }

    #[test]
    fn conditions_and_ranges_are_heeded() {
        for (wanted, status, body) in [
            (json!({}), 200, "0123456789"),
            (json!({"if-none-match": "W/\"one\", \"two\""}), 304, ""),
            (json!({"if-none-match": "\"two\""}), 200, "0123456789"),
            (json!({"if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"}), 304, ""),
            (json!({"if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT"}), 200, "0123456789"),
            (json!({"range": "bytes=2-4"}), 206, "234"),
            (json!({"range": "bytes=-3"}), 206, "789"),
            (json!({"range": "bytes=20-"}), 200, "0123456789"),
        ] {
            assert_eq!(asked(wanted.clone()), (status, body.as_bytes().to_vec()), "{wanted}");
        }
    }
}
