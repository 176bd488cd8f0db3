//! How a version's assets are served.

use super::{headers, redirects};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Routing rules at most, and characters of one.
const MOST_RULES: usize = 100;
const LONGEST_RULE: usize = 100;
const HTML_HANDLING: [&str; 4] = ["auto-trailing-slash", "force-trailing-slash", "drop-trailing-slash", "none"];
const NOT_FOUND_HANDLING: [&str; 3] = ["none", "404-page", "single-page-application"];

/// What is wrong with `assets.config` of an upload, and with which key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AssetsConfigError {
    #[error("`assets.config.{key}` is {found}; it can be one of {}.", .known.join(", "))]
    UnknownChoice { key: &'static str, found: Value, known: &'static [&'static str] },
    #[error("`assets.config.{key}` is not text.")]
    NotText { key: &'static str },
    #[error("Invalid {file} configuration:\n{}", .wrong.join("\n"))]
    File { file: &'static str, wrong: Vec<String> },
    #[error("`assets.config.run_worker_first` is {found}; it can be true, false, or a list of rules.")]
    Routing { found: Value },
    #[error("`assets.config.run_worker_first` has more than {MOST_RULES} rules.")]
    TooManyRules,
    #[error(
        "The rule {rule} of `assets.config.run_worker_first` should begin with `/` or `!/` and have at most {LONGEST_RULE} characters."
    )]
    Rule { rule: Value },
    #[error("`assets.config.run_worker_first` needs at least one rule that does not begin with `!`.")]
    NoPositiveRule,
}

/// The assets of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VersionAssets {
    /// Id of the manifest: which files there are, under which paths.
    pub(crate) manifest: String,
    pub(crate) config: AssetsConfig,
}

/// What an upload says about its assets, checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct AssetsConfig {
    pub(crate) routing: Routing,
    /// What the asset worker gets as its configuration, but for the compatibility date and flags.
    pub(crate) worker: Map<String, Value>,
}

/// Which requests the adapter gets although there might be an asset, and which never reach it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Routing {
    /// `run_worker_first: true`.
    pub(crate) first: bool,
    /// Patterns of paths with `*` that go to the adapter.
    pub(crate) adapter: Vec<String>,
    /// Patterns that go to the assets; these are looked at first.
    pub(crate) assets: Vec<String>,
}

impl AssetsConfig {
    /// Reads `assets.config` of an upload.
    pub(crate) fn read(config: &Value) -> Result<Self, AssetsConfigError> {
        let mut worker = Map::new();
        let choices = [("html_handling", &HTML_HANDLING[..]), ("not_found_handling", &NOT_FOUND_HANDLING[..])];
        for (key, known) in choices {
            match &config[key] {
                Value::Null => {}
                Value::String(value) if known.contains(&value.as_str()) => {
                    worker.insert(key.into(), value.as_str().into());
                }
                other => return Err(AssetsConfigError::UnknownChoice { key, found: other.clone(), known }),
            }
        }
        if let Some(base) = text(config, "base_path")? {
            worker.insert("base_path".into(), base.into());
        }
        if let Some(file) = text(config, "_headers")? {
            let rules = headers::parsed(file).map_err(|wrong| AssetsConfigError::File { file: "_headers", wrong })?;
            worker.insert("headers".into(), rules);
        }
        if let Some(file) = text(config, "_redirects")? {
            let html = config["html_handling"] != "none";
            let invalid = |wrong| AssetsConfigError::File { file: "_redirects", wrong };
            let rules = redirects::parsed(file, html).map_err(invalid)?;
            worker.insert("redirects".into(), rules);
        }
        let routing = Routing::read(config)?;
        if !routing.adapter.is_empty() || !routing.assets.is_empty() {
            worker.insert("has_static_routing".into(), json!(true));
        }
        Ok(Self { routing, worker })
    }
}

impl Routing {
    fn read(config: &Value) -> Result<Self, AssetsConfigError> {
        let first = |first| Ok(Self { first, ..Self::default() });
        match &config["run_worker_first"] {
            // The name that this setting had before.
            Value::Null => first(config["serve_directly"] == json!(false)),
            Value::Bool(value) => first(*value),
            Value::Array(rules) => Self::of_rules(rules),
            other => Err(AssetsConfigError::Routing { found: other.clone() }),
        }
    }

    fn of_rules(rules: &[Value]) -> Result<Self, AssetsConfigError> {
        if rules.len() > MOST_RULES {
            return Err(AssetsConfigError::TooManyRules);
        }
        let mut routing = Self::default();
        for rule in rules {
            let pattern = rule.as_str().filter(|rule| rule.chars().count() <= LONGEST_RULE);
            let excluded = pattern.and_then(|rule| rule.strip_prefix('!'));
            match (pattern, excluded) {
                (_, Some(rule)) if rule.starts_with('/') => routing.assets.push(rule.into()),
                (Some(rule), None) if rule.starts_with('/') => routing.adapter.push(rule.into()),
                _ => return Err(AssetsConfigError::Rule { rule: rule.clone() }),
            }
        }
        if routing.adapter.is_empty() {
            return Err(AssetsConfigError::NoPositiveRule);
        }
        Ok(routing)
    }
}

fn text<'a>(config: &'a Value, key: &'static str) -> Result<Option<&'a str>, AssetsConfigError> {
    match &config[key] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        _ => Err(AssetsConfigError::NotText { key }),
    }
}

#[cfg(test)]
mod tests {
    use super::{AssetsConfig, Routing};
    use serde_json::json;

    #[test]
    fn what_is_asked_for_is_checked_by_key() {
        let config = json!({ "html_handling": "none", "not_found_handling": "404-page", "run_worker_first": ["/api/*", "!/api/docs"], "later": 1 });
        let read = AssetsConfig::read(&config).expect("understood");
        assert_eq!(read.worker["html_handling"], "none");
        assert_eq!(read.worker["has_static_routing"], true);
        let routing = Routing { first: false, adapter: vec!["/api/*".into()], assets: vec!["/api/docs".into()] };
        assert_eq!(read.routing, routing);
        for (bad, says) in [
            (json!({ "html_handling": "x" }), "html_handling` is \"x\"; it can be one of auto-trailing-slash"),
            (json!({ "not_found_handling": 1 }), "not_found_handling"),
            (json!({ "run_worker_first": "yes" }), "run_worker_first"),
            (json!({ "run_worker_first": ["api"] }), "\"api\""),
            (json!({ "run_worker_first": ["!/api"] }), "at least one"),
            (json!({ "_headers": 1 }), "_headers` is not text"),
            (json!({ "_redirects": "/a" }), "Invalid _redirects configuration:\nLine 1"),
        ] {
            let error = AssetsConfig::read(&bad).expect_err("refused").to_string();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }
}
