//! `patchbay.toml`.

use crate::byte_size::ByteSize;
use crate::error::WorkspaceError;
use crate::keys;
use crate::toml_file::TomlFile;
use patchbay_core::{Environment, NamespaceName, Region, RuleLevels};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use uuid::Uuid;

/// Regions that need no entry under `[regions]`, with their names for people.
pub const BUILT_IN_REGIONS: [(&str, &str); 2] = [("eu", "European Union"), ("us", "United States")];

/// What `patchbay.toml` says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct WorkspaceSettings {
    /// Name for people.
    pub name: String,
    /// Tells the workspace's keychain entries apart from those of others; stays when the folder moves.
    pub id: Uuid,
    /// The route table's file, relative to the workspace.
    #[serde(default = "default_routes")]
    pub routes: String,
    /// Regions beside `eu` and `us`, with their names for people.
    #[serde(default)]
    pub regions: BTreeMap<Region, String>,
    /// Environment × region → dispatch namespace.
    #[serde(default)]
    pub environments: BTreeMap<Environment, BTreeMap<Region, NamespaceName>>,
    /// Where a publish may go.
    #[serde(default)]
    pub targets: Targets,
    /// How adapters are linted.
    #[serde(default)]
    pub lint: LintSettings,
    /// How much of past deliveries is kept.
    #[serde(default)]
    pub history: HistorySettings,
}

/// `[history]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct HistorySettings {
    /// Room for the contents of deliveries, compressed. Beyond it the oldest contents go; their heads stay.
    pub bodies: Option<ByteSize>,
    /// Deliveries that are kept at all.
    pub keep: Option<u64>,
}

/// `[lint]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct LintSettings {
    /// Rule id → `"off"`, `"warning"` or `"error"`.
    #[serde(default)]
    pub rules: RuleLevels,
}

/// The targets a workspace names. The embedded platform is always there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Targets {
    /// Cloudflare Workers for Platforms.
    #[serde(default)]
    pub cloudflare: Option<CloudflareTarget>,
    /// A Deploy API.
    #[serde(default)]
    pub gateway: Option<GatewayTarget>,
}

/// `[targets.cloudflare]`. The API token is a secret and stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CloudflareTarget {
    /// The account that owns the namespaces.
    pub account_id: String,
    /// Another address of the v4 API than Cloudflare's own.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Where the provisioned dispatcher is reached.
    #[serde(default)]
    pub dispatcher_url: Option<String>,
}

/// `[targets.gateway]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GatewayTarget {
    /// The Deploy API's address.
    pub url: String,
}

fn default_routes() -> String {
    "routes.json".into()
}

impl WorkspaceSettings {
    /// Every region word with its name for people.
    pub fn known_regions(&self) -> BTreeMap<Region, String> {
        let built_in = BUILT_IN_REGIONS.map(|(word, name)| (Region::new(word), name.to_owned()));
        built_in.into_iter().chain(self.regions.clone()).collect()
    }

    /// An error unless the region is a known one.
    pub fn check_region(&self, region: &Region) -> Result<(), WorkspaceError> {
        let known = self.known_regions();
        if known.contains_key(region) {
            return Ok(());
        }
        let known = known.keys().map(ToString::to_string).collect();
        Err(WorkspaceError::UnknownRegion { region: region.clone(), known })
    }

    /// The text of a new `patchbay.toml`, with a new id and namespaces named after the workspace.
    pub(crate) fn new_text(name: &str) -> String {
        let quoted = toml_edit::Value::from(name);
        let mut text = format!(
            "# A Patchbay workspace. Secrets never stand in these files; they are in the keychain.\n\
             name = {}\nid = \"{}\"\nroutes = \"routes.json\"\n",
            quoted.to_string().trim(),
            Uuid::new_v4()
        );
        text.push_str("\n# Which dispatch namespace holds the scripts of an environment in a region.\n");
        for (environment, regions) in first_environments(name) {
            let _ = writeln!(text, "[environments.{environment}]");
            for (region, namespace) in regions {
                let _ = writeln!(text, "{region} = \"{namespace}\"");
            }
            text.push('\n');
        }
        text.push_str("# The embedded platform on this machine.\n[targets.local]\n");
        text
    }

    /// Decodes the file and checks what the types cannot say.
    pub(crate) fn decode(file: &TomlFile) -> Result<Self, WorkspaceError> {
        let examples = [
            ("name", "name = \"Our integrations\"".to_owned()),
            ("id", format!("id = \"{}\"", Uuid::new_v4())),
            ("account_id", "account_id = \"…\"".into()),
            ("url", "url = \"https://…\"".into()),
        ];
        let settings: Self = file.decode(&examples)?;
        for region in settings.regions.keys() {
            if !is_region_word(region.as_str()) {
                let problem = format!("`{region}` is not a region word");
                let fix = "Use lower-case letters, digits and single hyphens, at most 16".into();
                return Err(file.problem_at(&["regions", region.as_str()], problem, fix));
            }
        }
        let known = settings.known_regions();
        let mut owners: BTreeMap<&NamespaceName, Environment> = BTreeMap::new();
        for (environment, regions) in &settings.environments {
            for (region, namespace) in regions {
                let place = ["environments", environment.as_str(), region.as_str()];
                if !known.contains_key(region) {
                    let words = known.keys().map(Region::as_str);
                    let fix = keys::nearest(region.as_str(), words).map_or_else(
                        || format!("Add `{region} = \"Its name for people\"` under `[regions]`"),
                        |nearest| format!("Write `{nearest}`, or add `{region}` under `[regions]`"),
                    );
                    return Err(file.problem_at(&place, format!("the region `{region}` is not known"), fix));
                }
                let owner = *owners.entry(namespace).or_insert(*environment);
                if owner != *environment {
                    let problem = format!("the namespace `{namespace}` serves {owner} already");
                    let fix = format!("Name another namespace, for example `{namespace}-{environment}`");
                    return Err(file.problem_at(&place, problem, fix));
                }
            }
        }
        Ok(settings)
    }

    /// The namespace for an environment and region. `path` is `patchbay.toml`, for the error.
    pub(crate) fn namespace(
        &self,
        path: &Path,
        environment: Environment,
        region: &Region,
    ) -> Result<NamespaceName, WorkspaceError> {
        self.environments
            .get(&environment)
            .and_then(|regions| regions.get(region))
            .cloned()
            .ok_or_else(|| WorkspaceError::NoNamespace { path: path.to_owned(), environment, region: region.clone() })
    }
}

/// The namespaces of a new workspace with this name: one for each environment and built-in region.
pub fn first_environments(name: &str) -> BTreeMap<Environment, BTreeMap<Region, NamespaceName>> {
    let prefix = slug(name);
    let namespace = |environment, region| NamespaceName::new(format!("{prefix}-{environment}-{region}")).ok();
    let regions = |environment| {
        let named = BUILT_IN_REGIONS.iter().map(|(region, _)| (Region::new(*region), namespace(environment, *region)));
        named.filter_map(|(region, namespace)| Some((region, namespace?))).collect()
    };
    Environment::ALL.into_iter().map(|environment| (environment, regions(environment))).collect()
}

fn is_region_word(word: &str) -> bool {
    word.len() <= 16 && NamespaceName::new(word).is_ok()
}

/// The part of a name that may stand in a namespace name.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let slug: String = words.join("-").chars().take(32).collect();
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "patchbay".into() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{HistorySettings, WorkspaceSettings, slug};
    use crate::byte_size::ByteSize;
    use crate::toml_file::TomlFile;
    use patchbay_core::{Environment, Hints, Region, RuleLevel};
    use std::path::Path;

    fn decode(text: &str) -> Result<WorkspaceSettings, crate::WorkspaceError> {
        TomlFile::parse(Path::new("patchbay.toml"), text.into()).and_then(|file| WorkspaceSettings::decode(&file))
    }

    #[test]
    fn a_new_file_is_valid_and_complete() {
        let settings = decode(&WorkspaceSettings::new_text("Größe & \"Co\"")).expect("valid");
        assert_eq!(settings.name, "Größe & \"Co\"");
        for environment in Environment::ALL {
            for region in settings.known_regions().keys() {
                settings.namespace(Path::new("patchbay.toml"), environment, region).expect("named");
            }
        }
        assert_eq!(slug("Demo"), "demo");
        assert_eq!(slug("  ÄÖ "), "patchbay");
    }

    #[test]
    fn a_mistake_is_named_with_its_place_and_its_fix() {
        let id = "id = \"7f1d1c1e-52f5-4f0e-9a63-0d6c5f0d2b11\"";
        for (text, place, fix) in [
            ("name = \"A\"\n".to_owned(), "patchbay.toml:1:1: missing field `id`", "Add `id = "),
            (format!("name = 5\n{id}\n"), "patchbay.toml:1:8: invalid type", "Correct line 1"),
            ("name = \"A\"\nid = oops\n".to_owned(), "patchbay.toml:2:6: ", "double quotes"),
            ("name = \"A\"\nid = \"x\"\n".to_owned(), "patchbay.toml:2:6: ", "Correct line 2"),
            (
                format!("name = \"A\"\n{id}\n[environments.production]\nue = \"a\"\n"),
                "patchbay.toml:4:6: the region `ue` is not known",
                "Write `us`, or add `ue`",
            ),
            (
                format!(
                    "name = \"A\"\n{id}\n[environments.production]\neu = \"a\"\n[environments.staging]\neu = \"a\"\n"
                ),
                "patchbay.toml:6:6: the namespace `a` serves production already",
                "a-staging",
            ),
            (
                format!("name = \"A\"\n{id}\n[environments.producton]\neu = \"a\"\n"),
                "patchbay.toml:3:",
                "Correct line 3",
            ),
        ] {
            let error = decode(&text).expect_err(&text);
            assert!(error.to_string().starts_with(place), "{error} should start with {place}");
            assert!(error.hints().iter().any(|hint| hint.contains(fix)), "{:?} should say {fix}", error.hints());
        }
    }

    #[test]
    fn rules_have_levels() {
        let text = WorkspaceSettings::new_text("A") + "\n[lint.rules]\nno-eval = \"off\"\nno-undef = \"warning\"\n";
        let levels = decode(&text).expect("valid").lint.rules;
        assert_eq!(levels.get("no-eval"), Some(&RuleLevel::Off));
        assert_eq!(levels.get("no-undef"), Some(&RuleLevel::Warning));
        let error = decode(&text.replace("\"off\"", "\"of\"")).expect_err("no level");
        let line = text.lines().count() - 1;
        let shown = error.to_string();
        assert!(shown.starts_with(&format!("patchbay.toml:{line}:11: ")), "{shown}");
        assert!(shown.contains("`off`, `warning`, `error`"), "{shown}");
    }

    #[test]
    fn the_history_has_a_size() {
        let text = WorkspaceSettings::new_text("A") + "\n[history]\nbodies = \"2 GiB\"\nkeep = 5000\n";
        let history = decode(&text).expect("valid").history;
        assert_eq!((history.bodies, history.keep), (Some(ByteSize(2 << 30)), Some(5000)));
        assert_eq!(decode(&WorkspaceSettings::new_text("A")).expect("valid").history, HistorySettings::default());
        for (wrong, problem) in [
            ("bodies = \"2 gigs\"", "`2 gigs` is not a size; write it as \"1 GiB\""),
            ("bodies = 5", "invalid type"),
            ("keep = -1", "invalid value"),
        ] {
            let error =
                decode(&format!("{}\n[history]\n{wrong}\n", WorkspaceSettings::new_text("A"))).expect_err(wrong);
            assert!(error.to_string().contains(problem), "{error}");
        }
    }

    #[test]
    fn regions_can_be_added() {
        let text = WorkspaceSettings::new_text("A") + "\n[regions]\nap = \"Asia Pacific\"\n";
        let settings = decode(&text).expect("valid");
        settings.check_region(&Region::new("ap")).expect("added");
        assert!(settings.check_region(&Region::new("mars")).is_err());
    }
}
