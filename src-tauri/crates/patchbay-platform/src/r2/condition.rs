//! Conditions on an object's etag and age, with the precedence of RFC 9110 section 13.2.2.

use serde::Deserialize;

/// `onlyIf`, as the binding sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Condition {
    etag_matches: Option<Vec<Etag>>,
    etag_does_not_match: Option<Vec<Etag>>,
    #[serde(deserialize_with = "super::request::number")]
    uploaded_before: Option<u64>,
    #[serde(deserialize_with = "super::request::number")]
    uploaded_after: Option<u64>,
    /// The dates came from HTTP headers, which know no milliseconds.
    seconds_granularity: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Etag {
    #[serde(default)]
    value: String,
    /// `strong`, `weak` or `wildcard`.
    #[serde(rename = "type")]
    kind: String,
}

impl Etag {
    fn is(&self, etag: &str, weakly: bool) -> bool {
        self.kind == "wildcard" || (self.value == etag && (weakly || self.kind == "strong"))
    }
}

impl Condition {
    /// Whether it holds for an object: its etag, and when it was uploaded in milliseconds.
    pub(super) fn holds(&self, object: Option<(&str, u64)>) -> bool {
        let Some((etag, uploaded)) = object else {
            return self.etag_matches.is_none() && self.uploaded_after.is_none();
        };
        let rounded = |time: u64| if self.seconds_granularity { time / 1000 } else { time };
        let any = |etags: &[Etag], weakly| etags.iter().any(|candidate| candidate.is(etag, weakly));
        let matches = self.etag_matches.as_deref().map(|etags| any(etags, false));
        let differs = self.etag_does_not_match.as_deref().map(|etags| !any(etags, true));
        let before = self.uploaded_before.is_none_or(|limit| rounded(uploaded) < rounded(limit));
        let after = self.uploaded_after.is_none_or(|limit| rounded(limit) < rounded(uploaded));
        // An etag that was checked speaks louder than the date beside it.
        matches.unwrap_or(before) && differs.unwrap_or(after)
    }
}

#[cfg(test)]
mod tests {
    use super::Condition;
    use serde_json::{Value, json};

    fn check(condition: &Value, object: Option<(&str, u64)>, expect: bool) {
        let read: Condition = serde_json::from_value(condition.clone()).expect("a condition");
        assert_eq!(read.holds(object), expect, "{condition} on {object:?}");
    }

    #[test]
    fn etags_and_dates_decide_as_in_http() {
        let object = Some(("abc", 5_500));
        let strong = json!([{ "type": "strong", "value": "abc" }]);
        let weak = json!([{ "type": "weak", "value": "abc" }]);
        let any = json!([{ "type": "wildcard" }]);
        check(&json!({}), None, true);
        check(&json!({ "etagMatches": strong }), object, true);
        check(&json!({ "etagMatches": weak }), object, false);
        check(&json!({ "etagMatches": any }), object, true);
        check(&json!({ "etagMatches": any }), None, false);
        check(&json!({ "etagDoesNotMatch": strong }), object, false);
        check(&json!({ "etagDoesNotMatch": weak }), object, false);
        check(&json!({ "etagDoesNotMatch": any }), object, false);
        check(&json!({ "etagDoesNotMatch": any }), None, true);
        check(&json!({ "uploadedBefore": "5501" }), object, true);
        check(&json!({ "uploadedBefore": "5500" }), object, false);
        check(&json!({ "uploadedAfter": "5499" }), object, true);
        check(&json!({ "uploadedAfter": "5499", "secondsGranularity": true }), object, false);
        check(&json!({ "uploadedAfter": "4999", "secondsGranularity": true }), object, true);
        check(&json!({ "uploadedAfter": "1" }), None, false);
        check(&json!({ "etagMatches": strong, "uploadedBefore": "1" }), object, true);
        check(
            &json!({ "etagDoesNotMatch": [{ "type": "strong", "value": "x" }], "uploadedAfter": "9000" }),
            object,
            true,
        );
    }
}
