//! Takes secret values out of text and bytes, by value, also where they stand encoded.

use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Shorter values are not searched for: they would hit ordinary words and reveal themselves by the holes.
const SHORTEST: usize = 6;
/// The same for what is only a part of a value.
const SHORTEST_PART: usize = 16;

/// Replaces known secret values by `<redacted:NAME>`.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    /// What to look for and what to write instead, longest first.
    needles: Vec<(Vec<u8>, String)>,
}

impl Redactor {
    /// Prepares the searched forms of each value: as it is, JSON-escaped, percent-encoded, hex, and base64 in
    /// every alignment (so that `Basic` headers and JWT parts that contain it are found too).
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret)>) -> Self {
        let mut needles = Vec::new();
        for (name, secret) in secrets {
            let value = secret.expose();
            if value.len() < SHORTEST {
                continue;
            }
            let marker = format!("<redacted:{name}>");
            let mut push = |form: String| {
                if form.len() >= SHORTEST {
                    needles.push((form.into_bytes(), marker.clone()));
                }
            };
            push(value.to_owned());
            let quoted = serde_json::Value::from(value).to_string();
            push(quoted[1..quoted.len() - 1].to_owned());
            push(quoted[1..quoted.len() - 1].replace('/', "\\/"));
            push(percent_encoded(value, true));
            push(percent_encoded(value, false));
            push(hexadecimal(value));
            for part in parts_of_address(value) {
                push(part.to_owned());
            }
            for engine in [&STANDARD, &URL_SAFE] {
                push(engine.encode(value));
            }
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                for shift in 0..3 {
                    if let Some(core) = aligned_base64(engine, value, shift) {
                        push(core);
                    }
                }
            }
        }
        needles.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        needles.dedup_by(|a, b| a.0 == b.0);
        Self { needles }
    }

    /// The text without the values.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// The bytes without the values.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            if let Some((needle, marker)) = self.needles.iter().find(|(needle, _)| bytes[at..].starts_with(needle)) {
                out.extend_from_slice(marker.as_bytes());
                at += needle.len();
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        out
    }

    /// Whether any value occurs in the bytes.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        self.needles.iter().any(|(needle, _)| bytes.windows(needle.len()).any(|window| window == needle))
    }
}

/// The part of the base64 text of `prefix + value + suffix` that depends on the value alone, for a prefix of
/// `shift` bytes modulo 3.
/// What gives a secret address away where it is written in another way, for example without its port: the path with the
/// query, and each value in the query.
fn parts_of_address(value: &str) -> Vec<&str> {
    let Some((_, rest)) = value.split_once("://") else { return Vec::new() };
    let Some(path) = rest.find('/').map(|start| &rest[start..]) else { return Vec::new() };
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let values = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1));
    [path].into_iter().chain(values).filter(|part| part.len() >= SHORTEST_PART).collect()
}

fn aligned_base64(engine: &base64::engine::GeneralPurpose, value: &str, shift: usize) -> Option<String> {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(value.as_bytes());
    let whole = padded.len() - padded.len() % 3;
    let encoded = engine.encode(&padded[..whole]);
    let skip = if shift == 0 { 0 } else { 4 };
    // Fewer than 8 characters would hit unrelated text.
    encoded.get(skip..).filter(|core| core.len() >= 8).map(str::to_owned)
}

fn hexadecimal(value: &str) -> String {
    value.bytes().fold(String::with_capacity(value.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
        text
    })
}

fn percent_encoded(value: &str, keep_unreserved: bool) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(byte).to_string(),
            b'-' | b'_' | b'.' | b'~' if keep_unreserved => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Redactor;
    use crate::secret::Secret;
    use base64::Engine as _;

    fn redactor(value: &str) -> Redactor {
        Redactor::new([("TOKEN", &Secret::new(value))])
    }

    #[test]
    fn a_value_is_found_plain_and_encoded() {
        let value = "canary/value+\"quoted\"";
        let redactor = redactor(value);
        let base64 = base64::engine::general_purpose::STANDARD;
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
        for text in [
            format!("Bearer {value}"),
            serde_json::json!({ "token": value }).to_string(),
            format!("https://example.com/?token={}", super::percent_encoded(value, true)),
            format!("Basic {}", base64.encode(format!("user:{value}"))),
            format!("Basic {}", base64.encode(format!("me:{value}"))),
            format!("Basic {}", base64.encode(format!("u:{value}!"))),
            super::hexadecimal(value),
            url.encode(format!("{{\"key\":\"{value}\"}}")),
        ] {
            let shown = redactor.text(&text);
            assert!(shown.contains("<redacted:TOKEN>"), "the value should be found in {text}");
            assert!(!redactor.finds(shown.as_bytes()), "no form of it should be left in {shown}");
        }
    }

    #[test]
    fn an_address_is_found_without_its_port_and_by_the_values_in_its_query() {
        let redactor = redactor("https://Flows.example:443/workflows/0123abcd/invoke?v=1&sig=example_signature_1");
        for (text, shown) in [
            (
                "https://flows.example/workflows/0123abcd/invoke?v=1&sig=example_signature_1",
                "https://flows.example<redacted:TOKEN>",
            ),
            ("sig example_signature_1", "sig <redacted:TOKEN>"),
            ("https://flows.example/?v=1", "https://flows.example/?v=1"),
        ] {
            assert_eq!(redactor.text(text), shown);
        }
        assert_eq!(super::parts_of_address("https://example.com/short?x=1"), Vec::<&str>::new());
        assert_eq!(super::parts_of_address("no address"), Vec::<&str>::new());
    }

    #[test]
    fn other_text_stays() {
        assert_eq!(redactor("canary-value").text("größe: canary"), "größe: canary");
    }
}
