//! Parts of a body that a read asks for.

use super::refusal::BucketError;
use serde::Deserialize;

/// `range`, as the binding sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct WantedRange {
    #[serde(deserialize_with = "super::request::number")]
    offset: Option<u64>,
    #[serde(deserialize_with = "super::request::number")]
    length: Option<u64>,
    #[serde(deserialize_with = "super::request::number")]
    suffix: Option<u64>,
}

/// Bytes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl WantedRange {
    /// What that is of a body of a size.
    pub(super) fn of(&self, size: u64) -> Result<Range, BucketError> {
        let (offset, length) = if let Some(suffix) = self.suffix {
            (size.saturating_sub(suffix), suffix.min(size))
        } else {
            let offset = self.offset.unwrap_or(0);
            let rest = size.checked_sub(offset).ok_or(BucketError::InvalidRange)?;
            (offset, self.length.map_or(rest, |length| length.min(rest)))
        };
        // Nothing can be asked of an empty body but the whole of it.
        let whole = offset == 0 && self.suffix.is_none() && self.length.is_none();
        if length == 0 && !whole {
            return Err(BucketError::InvalidRange);
        }
        Ok(Range { offset, length })
    }
}

/// What a `Range` header asks of a body of a size. Nothing when it is not one range in bytes that the body has: then the
/// whole body is the answer, as RFC 9110 allows and R2 does.
pub(crate) fn of_header(header: &str, size: u64) -> Option<Range> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        let suffix = last.parse::<u64>().ok()?.min(size);
        return (suffix > 0).then_some(Range { offset: size - suffix, length: suffix });
    }
    let offset: u64 = first.parse().ok()?;
    let end = if last.is_empty() { size } else { last.parse::<u64>().ok()?.checked_add(1)?.min(size) };
    (offset < end).then(|| Range { offset, length: end - offset })
}

#[cfg(test)]
mod tests {
    use super::{Range, WantedRange, of_header};
    use serde_json::json;

    #[test]
    fn ranges_are_cut_to_the_body() {
        let of = |value, size| {
            let range: WantedRange = serde_json::from_value(value).expect("a range");
            range.of(size).ok().map(|Range { offset, length }| (offset, length))
        };
        assert_eq!(of(json!({ "offset": "3", "length": "4" }), 10), Some((3, 4)));
        assert_eq!(of(json!({ "offset": "3" }), 10), Some((3, 7)));
        assert_eq!(of(json!({ "length": "99" }), 10), Some((0, 10)));
        assert_eq!(of(json!({ "suffix": "4" }), 10), Some((6, 4)));
        assert_eq!(of(json!({ "suffix": "40" }), 10), Some((0, 10)));
        assert_eq!(of(json!({ "offset": "0" }), 0), Some((0, 0)));
        for bad in
            [json!({ "offset": "10" }), json!({ "offset": "11" }), json!({ "length": "0" }), json!({ "suffix": "0" })]
        {
            assert_eq!(of(bad.clone(), 10), None, "{bad}");
        }
    }

    #[test]
    fn a_header_that_asks_for_something_else_is_not_followed() {
        let of = |header| of_header(header, 10).map(|Range { offset, length }| (offset, length));
        assert_eq!(of("bytes=0-3"), Some((0, 4)));
        assert_eq!(of("bytes=8-"), Some((8, 2)));
        assert_eq!(of("bytes=8-99"), Some((8, 2)));
        assert_eq!(of("bytes=-3"), Some((7, 3)));
        for other in ["bytes=10-", "bytes=3-1", "bytes=0-1,3-4", "bytes=-0", "lines=0-1", "bytes=a-b", ""] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
