//! Requests that are not the provider's.

use super::Event;
use crate::credentials::Credentials;
use crate::error::WebhookError;
use crate::prepare::Prepared;
use crate::provider::{Change, Provider};
use crate::sender_keys::SenderKeys;
use bytes::Bytes;
use patchbay_core::Secret;
use std::sync::LazyLock;
use time::OffsetDateTime;

/// A stranger's key: text, hexadecimal digits and base64 at the same time, so that every scheme can sign with it.
static STRANGERS_SECRET: LazyLock<Secret> = LazyLock::new(|| Secret::new("0".repeat(64)));

/// Makes a right request wrong.
pub(super) fn forge(
    event: &Event<'_>,
    provider: &dyn Provider,
    right: &Prepared,
    change: &Change,
    now: OffsetDateTime,
) -> Result<Prepared, WebhookError> {
    let mut forged = right.clone();
    match change {
        Change::Body => forged.request.body = altered(&right.request.body),
        Change::Key => {
            let settings = provider.strangers_settings(event.credentials.settings);
            let stranger = Credentials {
                secret: &STRANGERS_SECRET,
                settings: &settings,
                sender: Some(SenderKeys::of_this_process()),
            };
            forged = event.prepared_with(&stranger, now, now)?;
        }
        Change::Without(names) => {
            forged.request.headers.0.retain(|(name, _)| !names.iter().any(|gone| name.eq_ignore_ascii_case(gone)));
        }
        Change::Header { name, from, to } => {
            for (_, value) in forged.request.headers.0.iter_mut().filter(|(key, _)| key.eq_ignore_ascii_case(name)) {
                *value = value.replace(from, to);
            }
        }
    }
    Ok(forged)
}

/// The body with one letter or digit changed, in the last text of a JSON body that has one at its end, so that whoever
/// does not verify can still read it.
fn altered(body: &Bytes) -> Bytes {
    let mut bytes = body.to_vec();
    let in_text = bytes.windows(2).rposition(|pair| pair[1] == b'"' && pair[0].is_ascii_alphanumeric());
    let place = in_text.or_else(|| bytes.iter().rposition(u8::is_ascii_alphanumeric));
    match place {
        // Letters and digits each have a neighbour of their own kind.
        Some(place) => bytes[place] ^= 1,
        None => bytes.push(b' '),
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::altered;
    use bytes::Bytes;

    #[test]
    fn one_character_is_another_and_json_stays_json() {
        for (body, expected) in [
            (r#"{"id":"evt_1","live":true}"#, r#"{"id":"evt_1","livd":true}"#),
            (r#"{"id":"evt_1"}"#, r#"{"id":"evt_0"}"#),
            ("[1,2]", "[1,3]"),
            ("payload=%7B%7D", "payload=%7B%7E"),
            ("{}", "{} "),
            ("", " "),
        ] {
            assert_eq!(altered(&Bytes::from(body)), expected, "{body}");
        }
    }
}
