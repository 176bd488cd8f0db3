//! A sample's body in the sender's wire style.

use crate::error::WebhookError;
use crate::placeholders::{Values, fill, fill_json};
use bytes::Bytes;
use patchbay_core::sample::{Sample, WireStyle};
use serde_json::Value;
use std::fmt::Write as _;

/// The exact bytes to send. `seal` changes a JSON body after its placeholders are filled.
pub fn write(
    sample: &Sample,
    values: &Values,
    seal: impl FnOnce(&mut Value) -> Result<(), WebhookError>,
) -> Result<Bytes, WebhookError> {
    if let Some(bytes) = &sample.body_bytes {
        return Ok(bytes.clone());
    }
    if let Some(text) = &sample.body_text {
        return Ok(fill(text, values).into_owned().into());
    }
    if sample.wire == WireStyle::Raw {
        return Err(WebhookError::RawWithoutText { event: sample.event.clone() });
    }
    let Some(body) = &sample.body else {
        return Ok(Bytes::new());
    };
    let mut body = fill_json(body, values);
    seal(&mut body)?;
    Ok(in_style(&body, sample.wire).into())
}

/// The text of a JSON body.
pub fn in_style(body: &Value, wire: WireStyle) -> String {
    match wire {
        WireStyle::SlackEscaped => slack_escaped(body),
        WireStyle::Pretty2 => format!("{body:#}"),
        WireStyle::Compact | WireStyle::Raw => body.to_string(),
    }
}

/// Compact JSON as PHP's encoder writes it: `/` as `\/`, everything outside ASCII as UTF-16 escapes.
fn slack_escaped(body: &Value) -> String {
    let compact = body.to_string();
    let mut out = String::with_capacity(compact.len());
    // Both kinds of character occur in JSON only inside strings, so the text can be walked without parsing.
    for character in compact.chars() {
        if character == '/' {
            out.push_str("\\/");
        } else if character.is_ascii() {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("writing to a string cannot fail");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{slack_escaped, write};
    use crate::placeholders::Values;
    use patchbay_core::sample::{Sample, WireStyle};
    use serde_json::json;

    fn sample(body: &serde_json::Value) -> Sample {
        serde_json::from_value(json!({ "provider": "slack", "event": "message", "body": body })).expect("a sample")
    }

    #[test]
    fn slack_escapes_slashes_and_everything_outside_ascii() {
        let body = json!({ "text": "café 🚀 <https://example.com/a>", "quote": "\"\n" });
        assert_eq!(
            slack_escaped(&body),
            r#"{"text":"caf\u00e9 \ud83d\ude80 <https:\/\/example.com\/a>","quote":"\"\n"}"#
        );
        let back: serde_json::Value = serde_json::from_str(&slack_escaped(&body)).expect("JSON");
        assert_eq!(back, body, "the escapes should not change the value");
    }

    #[test]
    fn pretty_print_is_that_of_json_stringify() {
        let mut sample = sample(&json!({ "id": "evt_1", "tip": {}, "items": [], "list": [1, "{{unix_ts}}"] }));
        sample.wire = WireStyle::Pretty2;
        let bytes = write(&sample, &Values::from([("unix_ts", "17".to_owned())]), |_| Ok(())).expect("a body");
        assert_eq!(
            bytes,
            "{\n  \"id\": \"evt_1\",\n  \"tip\": {},\n  \"items\": [],\n  \"list\": [\n    1,\n    \"17\"\n  ]\n}"
        );
    }

    #[test]
    fn body_text_wins_and_raw_needs_it() {
        let mut sample = sample(&json!({ "a": 1 }));
        sample.wire = WireStyle::Raw;
        let error = write(&sample, &Values::new(), |_| Ok(())).expect_err("raw without text");
        assert_eq!(error.to_string(), "The sample `message` has the wire style `raw` but no `body_text`");
        sample.body_text = Some("payload=%7B%22a%22%3A1".into());
        assert_eq!(write(&sample, &Values::new(), |_| Ok(())).expect("a body"), "payload=%7B%22a%22%3A1");
    }
}
