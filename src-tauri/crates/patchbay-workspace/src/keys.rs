//! Which keys the files know, so that a key which nobody reads is reported and not silently ignored.

pub(crate) use patchbay_core::nearest;
use patchbay_core::position::Position;
use std::fmt;
use std::path::PathBuf;
use toml_edit::TableLike;

/// The keys below a place in a TOML file.
#[derive(Debug)]
pub(crate) enum Keys {
    /// A text.
    Text,
    /// A whole number, zero or more.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// Whatever its reader makes of it.
    Anything,
    /// A table with these keys.
    Table(&'static [(&'static str, Keys)]),
    /// A list of tables with these keys.
    Tables(&'static [(&'static str, Keys)]),
    /// A table whose keys are names, each with this below it.
    Each(&'static Keys),
}

/// `patchbay.toml`.
pub(crate) const WORKSPACE: &[(&str, Keys)] = &[
    ("name", Keys::Text),
    ("id", Keys::Text),
    ("routes", Keys::Text),
    ("regions", Keys::Each(&Keys::Text)),
    (
        "environments",
        Keys::Table(&[
            ("production", Keys::Each(&Keys::Text)),
            ("staging", Keys::Each(&Keys::Text)),
            ("development", Keys::Each(&Keys::Text)),
        ]),
    ),
    (
        "targets",
        Keys::Table(&[
            ("local", Keys::Table(&[])),
            (
                "cloudflare",
                Keys::Table(&[("account_id", Keys::Text), ("api_url", Keys::Text), ("dispatcher_url", Keys::Text)]),
            ),
            ("gateway", Keys::Table(&[("url", Keys::Text)])),
        ]),
    ),
    ("lint", Keys::Table(&[("rules", Keys::Each(&Keys::Text))])),
    ("history", Keys::Table(&[("bodies", Keys::Text), ("keep", Keys::Whole)])),
];

/// `tenant.toml`.
pub(crate) const TENANT: &[(&str, Keys)] = &[
    ("name", Keys::Text),
    ("region", Keys::Text),
    ("egress", Keys::Texts),
    (
        "retry",
        Keys::Table(&[
            ("initial_delay_seconds", Keys::Number),
            ("backoff_factor", Keys::Number),
            ("max_delay_seconds", Keys::Number),
            ("jitter", Keys::Number),
            ("max_age_seconds", Keys::Number),
        ]),
    ),
    ("rate_limit", Keys::Table(&[("requests_per_second", Keys::Whole)])),
    ("limits", Keys::Table(&[("cpu_ms", Keys::Whole), ("subrequests", Keys::Whole)])),
];

/// `adapter.toml`.
pub(crate) const ADAPTER: &[(&str, Keys)] = &[
    ("template", Keys::Text),
    ("provider", Keys::Text),
    ("signing_secret", Keys::Text),
    ("entry", Keys::Text),
    ("compatibility_date", Keys::Text),
    ("compatibility_flags", Keys::Texts),
    ("upstreams", Keys::Texts),
    ("routing_keys", Keys::Texts),
    ("provider_settings", Keys::Each(&Keys::Anything)),
    (
        "bindings",
        Keys::Tables(&[
            ("name", Keys::Text),
            ("kind", Keys::Text),
            ("required", Keys::Flag),
            ("description", Keys::Text),
            ("value", Keys::Anything),
        ]),
    ),
    ("mapping", Keys::Each(&Keys::Anything)),
    ("computed", Keys::Each(&Keys::Anything)),
];

/// `samples/*.json`. Only the top level: headers and body are the sender's.
pub(crate) const SAMPLE: &[&str] =
    &["provider", "event", "description", "method", "path", "headers", "body", "body_text", "wire"];

/// A key that nothing reads. It is kept when the file is rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileWarning {
    /// The file.
    pub path: PathBuf,
    /// Where the key stands.
    pub position: Position,
    /// The key with those above it, `retry.max_dely_seconds`.
    pub key: String,
    /// The known key with the most similar name.
    pub nearest: Option<String>,
}

impl fmt::Display for FileWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(formatter, "{}:{line}:{column}: the key `{}` is not known", self.path.display(), self.key)?;
        self.nearest.as_ref().map_or(Ok(()), |nearest| write!(formatter, "; did you mean `{nearest}`?"))
    }
}

/// A key that is not known: its path, its byte offset, and the nearest known one.
pub(crate) struct UnknownKey {
    pub(crate) key: String,
    pub(crate) offset: usize,
    pub(crate) nearest: Option<String>,
}

/// Finds the keys of a table that are not known.
pub(crate) fn unknown(table: &dyn TableLike, known: &'static [(&'static str, Keys)]) -> Vec<UnknownKey> {
    let mut found = Vec::new();
    walk(table, known, "", &mut found);
    found
}

fn walk(table: &dyn TableLike, known: &'static [(&'static str, Keys)], above: &str, found: &mut Vec<UnknownKey>) {
    for (name, item) in table.iter() {
        let key = format!("{above}{name}");
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, keys)) => descend(item, keys, &key, found),
            None => found.push(UnknownKey {
                offset: table.get_key_value(name).and_then(|(key, _)| key.span()).map_or(0, |span| span.start),
                nearest: nearest(name, known.iter().map(|(known, _)| *known)).map(|known| format!("{above}{known}")),
                key,
            }),
        }
    }
}

fn descend(item: &toml_edit::Item, keys: &'static Keys, key: &str, found: &mut Vec<UnknownKey>) {
    let above = format!("{key}.");
    match keys {
        Keys::Table(known) => {
            if let Some(table) = item.as_table_like() {
                walk(table, known, &above, found);
            }
        }
        Keys::Tables(known) => {
            if let Some(tables) = item.as_array_of_tables() {
                tables.iter().for_each(|table| walk(table, known, &above, found));
            } else if let Some(array) = item.as_array() {
                array.iter().filter_map(|value| value.as_inline_table()).for_each(|table| {
                    walk(table, known, &above, found);
                });
            }
        }
        Keys::Each(below) => {
            if let Some(table) = item.as_table_like() {
                table.iter().for_each(|(name, item)| descend(item, below, &format!("{above}{name}"), found));
            }
        }
        Keys::Text | Keys::Whole | Keys::Number | Keys::Flag | Keys::Texts | Keys::Anything => {}
    }
}

/// What a dotted key holds, where it is a single value.
pub(crate) fn setting(known: &'static [(&'static str, Keys)], key: &str) -> Option<&'static Keys> {
    let (first, rest) = key.split_once('.').map_or((key, None), |(first, rest)| (first, Some(rest)));
    let keys = known.iter().find(|(known, _)| *known == first).map(|(_, keys)| keys)?;
    match (keys, rest) {
        (Keys::Table(below), Some(rest)) => setting(below, rest),
        (Keys::Table(_) | Keys::Tables(_) | Keys::Each(_) | Keys::Anything, _) | (_, Some(_)) => None,
        (single, None) => Some(single),
    }
}

/// Every dotted key that holds a single value.
pub(crate) fn settings(known: &'static [(&'static str, Keys)]) -> Vec<String> {
    let mut all = Vec::new();
    for (name, keys) in known {
        match keys {
            Keys::Table(below) => all.extend(settings(below).iter().map(|key| format!("{name}.{key}"))),
            Keys::Tables(_) | Keys::Each(_) | Keys::Anything => {}
            Keys::Text | Keys::Whole | Keys::Number | Keys::Flag | Keys::Texts => all.push((*name).to_owned()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{ADAPTER, Keys, SAMPLE, TENANT, unknown};
    use patchbay_core::policy::{PlanLimits, RateLimit, RetryPolicy};
    use patchbay_core::sample::Sample;
    use patchbay_core::tenant::TenantSettings;
    use patchbay_core::{AdapterManifest, Region};
    use serde::Serialize;

    /// The tables above and the types that read the files must name the same keys, or a warning would be wrong.
    fn check(value: &impl Serialize, known: &'static [(&'static str, Keys)]) {
        let text = toml_edit::ser::to_string(value).expect("has a TOML form");
        let document: toml_edit::DocumentMut = text.parse().expect("TOML");
        let unknown: Vec<_> = unknown(document.as_table(), known).into_iter().map(|key| key.key).collect();
        assert!(unknown.is_empty(), "the type writes keys that are not in the table: {unknown:?}");
        for (name, _) in known {
            assert!(document.contains_key(name), "the table has `{name}`, the type does not write it");
        }
    }

    #[test]
    fn the_tables_agree_with_the_types() {
        let tenant = TenantSettings {
            name: "A".into(),
            region: Region::new("eu"),
            egress: vec!["api.notion.com".into()],
            retry: RetryPolicy::default(),
            rate_limit: RateLimit::default(),
            limits: PlanLimits::default(),
        };
        check(&tenant, TENANT);
        let manifest: AdapterManifest = serde_json::from_value(serde_json::json!({
            "template": "t", "provider": "slack", "signing_secret": "S", "compatibility_date": "2026-11-01",
            "compatibility_flags": ["f"], "upstreams": ["u"], "routing_keys": ["k"], "provider_settings": { "header": "X" }, "mapping": { "Title": "x" }, "computed": { "priority": "high" },
            "bindings": [{ "name": "B", "kind": "json", "description": "d", "value": { "any": 1 } }],
        }))
        .expect("a manifest");
        check(&manifest, ADAPTER);
        let sample: Sample = serde_json::from_value(serde_json::json!({
            "provider": "p", "event": "e", "description": "d", "path": "/", "body": 1, "body_text": "t",
        }))
        .expect("a sample");
        let written = serde_json::to_value(&sample).expect("JSON");
        let mut written: Vec<&str> = written.as_object().expect("an object").keys().map(String::as_str).collect();
        let mut known = SAMPLE.to_vec();
        written.sort_unstable();
        known.sort_unstable();
        assert_eq!(written, known);
    }
}
