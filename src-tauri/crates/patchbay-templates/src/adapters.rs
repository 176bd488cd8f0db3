//! Adapters to start from: one folder under `templates/adapters/` is one template. Modules that several templates use
//! stand in `templates/modules/`; a template links to them, what is embedded here and written for a customer are files.

use crate::error::TemplateError;
use include_dir::{Dir, File, include_dir};
use patchbay_core::{BindingKind, BindingName};
use serde::Deserialize;
use std::path::{Component, Path};
use std::sync::LazyLock;

/// Folder of a template whose files go into the workspace's folder of this name.
const UPSTREAM_DOCUMENTS: &str = "upstreams";

static ADAPTERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../templates/adapters");

/// What a template is, for a gallery.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Folder name, `slack-to-notion`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// Who sends the webhooks.
    pub provider: String,
    /// Hosts that it calls.
    pub upstreams: Vec<String>,
    /// Values that somebody has to find before it can work.
    pub needs: Vec<Need>,
    /// The sample that shows best what it does, without `.json`.
    pub preview: String,
    /// The README, Markdown.
    #[serde(skip)]
    pub readme: &'static str,
}

/// What a person does at one provider before the template works: a section `## Set up …` of the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUp {
    /// The heading, `Set up Notion (3 minutes)`.
    pub title: &'static str,
    /// The steps, Markdown.
    pub steps: &'static str,
}

impl Template {
    /// What has to be done before it works, in the order of the README.
    pub fn set_up(&self) -> Vec<SetUp> {
        let sections = self.readme.split("\n## ").skip(1);
        let sections = sections.filter(|section| section.starts_with("Set up"));
        sections
            .filter_map(|section| section.split_once('\n'))
            .map(|(title, steps)| SetUp { title: title.trim(), steps: steps.trim() })
            .collect()
    }
}

/// A binding without which a template does not work.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Name in `env`.
    pub name: BindingName,
    /// What kind of value it is.
    pub kind: BindingKind,
    /// Where a person finds the value, as a path through the provider's pages.
    #[serde(rename = "where")]
    pub found_at: String,
    /// What a value looks like. Secrets have none.
    #[serde(default)]
    pub example: Option<String>,
}

/// Every template, in the order of the ids.
pub fn catalogue() -> &'static [Template] {
    static CATALOGUE: LazyLock<Vec<Template>> = LazyLock::new(|| {
        let mut templates: Vec<Template> = ADAPTERS.dirs().map(read).collect();
        templates.sort_by(|a, b| a.id.cmp(&b.id));
        templates
    });
    &CATALOGUE
}

/// The template with this id.
pub fn template(id: &str) -> Result<&'static Template, TemplateError> {
    let found = catalogue().iter().find(|template| template.id == id);
    found.ok_or_else(|| {
        let known = catalogue().iter().map(|template| template.id.as_str()).collect();
        TemplateError::unknown_template(id, known)
    })
}

/// The files of a new adapter: paths relative to its folder, with `/`, and their bytes. Ordered by path.
pub fn files_of(id: &str) -> Result<impl Iterator<Item = (&'static str, &'static [u8])>, TemplateError> {
    let folder = folder(&template(id)?.id);
    let mut files: Vec<_> = all_files(folder)
        .into_iter()
        .filter(|file| belongs_to_an_adapter(relative(folder, file)))
        .map(|file| (path_text(relative(folder, file)), file.contents()))
        .collect();
    files.sort_unstable_by_key(|(path, _)| *path);
    Ok(files.into_iter())
}

/// `OpenAPI` documents of hosts that the samples call and no built-in upstream answers for: names of files for the
/// workspace's `upstreams/`, and their texts.
pub fn upstream_documents_of(id: &str) -> Result<Vec<(&'static str, &'static str)>, TemplateError> {
    let folder = folder(&template(id)?.id);
    let documents =
        all_files(folder).into_iter().map(|file| (relative(folder, file), file)).filter_map(|(path, file)| {
            let name = path.strip_prefix(UPSTREAM_DOCUMENTS).ok()?;
            Some((path_text(name), file.contents_utf8()?))
        });
    Ok(documents.collect())
}

fn folder(id: &str) -> &'static Dir<'static> {
    ADAPTERS.get_dir(id).expect("every template of the catalogue was read from its folder")
}

fn read(folder: &'static Dir<'static>) -> Template {
    let text = |name: &str| {
        let file = folder.get_file(folder.path().join(name));
        let text = file.and_then(File::contents_utf8);
        text.unwrap_or_else(|| panic!("templates/adapters/{} was built without {name}", folder.path().display()))
    };
    let template: Template = serde_json::from_str(text("template.json"))
        .unwrap_or_else(|error| panic!("templates/adapters/{}/template.json: {error}", folder.path().display()));
    Template { readme: text("README.md"), ..template }
}

pub(crate) fn all_files(folder: &'static Dir<'static>) -> Vec<&'static File<'static>> {
    folder.files().chain(folder.dirs().flat_map(all_files)).collect()
}

pub(crate) fn relative(folder: &Dir<'static>, file: &'static File<'static>) -> &'static Path {
    file.path().strip_prefix(folder.path()).expect("a file lies in the folder that lists it")
}

/// What describes or tests a template stays with the template; what describes an upstream is the workspace's.
fn belongs_to_an_adapter(path: &Path) -> bool {
    let is_hidden = |part: Component<'_>| part.as_os_str().to_str().is_some_and(|name| name.starts_with('.'));
    let is_elsewhere = path == Path::new("template.json") || path.starts_with(UPSTREAM_DOCUMENTS);
    !is_elsewhere && !is_test(path) && !path.components().any(is_hidden)
}

/// Whether a file is only there for the tests of `templates/`.
pub(crate) fn is_test(path: &Path) -> bool {
    path.starts_with("testing") || path.to_str().is_some_and(|text| text.ends_with(".test.ts"))
}

/// Paths are embedded with `/` on every system that builds this.
pub(crate) fn path_text(path: &'static Path) -> &'static str {
    path.to_str().expect("the names in templates/ are ASCII")
}

#[cfg(test)]
mod tests {
    use super::{ADAPTERS, catalogue, files_of, template, upstream_documents_of};
    use crate::TemplateError;
    use patchbay_core::sample::Sample;
    use patchbay_core::{AdapterId, AdapterManifest, BindingKind, BindingName};
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    fn is_typescript(path: &str) -> bool {
        Path::new(path).extension().is_some_and(|extension| extension == "ts")
    }

    fn files(id: &str) -> BTreeMap<&'static str, &'static str> {
        let files = files_of(id).expect("a known template");
        files.map(|(path, bytes)| (path, std::str::from_utf8(bytes).expect("UTF-8"))).collect()
    }

    fn manifest(id: &str) -> AdapterManifest {
        toml::from_str(files(id)["adapter.toml"]).expect("a manifest")
    }

    #[test]
    fn every_folder_is_a_template_under_its_own_id() {
        let folders: Vec<_> = ADAPTERS.dirs().map(|folder| folder.path().to_str().expect("ASCII")).collect();
        assert!(folders.contains(&"slack-to-notion"));
        assert_eq!(folders.len(), catalogue().len());
        for known in catalogue() {
            assert!(folders.contains(&known.id.as_str()), "{} should be the name of its folder", known.id);
            assert!(AdapterId::new(&known.id).is_ok(), "{} should be able to name an adapter", known.id);
            assert_eq!(template(&known.id).expect("known"), known);
            assert!(known.readme.starts_with("# "), "{}: the README should begin with its title", known.id);
            let steps = known.set_up();
            assert!(!steps.is_empty(), "{}: the README should have a section `## Set up …`", known.id);
            assert!(steps.iter().all(|section| !section.steps.is_empty()), "{}: {steps:?}", known.id);
            let preview = format!("samples/{}.json", known.preview);
            assert!(files(&known.id).contains_key(preview.as_str()), "{}: there is no {preview}", known.id);
            for need in &known.needs {
                let is_secret = need.kind == BindingKind::SecretText;
                assert_eq!(
                    need.example.is_none(),
                    is_secret,
                    "{}: {} has an example unless secret",
                    known.id,
                    need.name
                );
                assert!(
                    known.readme.contains(need.name.as_str()),
                    "{}: the README should explain {}",
                    known.id,
                    need.name
                );
            }
        }
    }

    #[test]
    fn an_unknown_id_is_refused_with_a_suggestion() {
        for id in ["../slack-to-notion", "slack-to-notio", "", "slack-to-notion/src"] {
            let error = template(id).expect_err("not an id");
            assert!(matches!(error, TemplateError::Unknown { .. }), "`{id}`");
            assert!(files_of(id).is_err(), "`{id}`");
        }
    }

    #[test]
    fn a_scaffold_has_what_an_adapter_is_and_no_more() {
        for known in catalogue() {
            let files = files(&known.id);
            for required in ["adapter.toml", "README.md", "src/adapter.ts", "src/env.ts"] {
                assert!(files.contains_key(required), "{}: {required} is missing", known.id);
            }
            for path in files.keys() {
                let is_known_place = ["src/", "samples/", "expect/"].iter().any(|folder| path.starts_with(folder));
                assert!(is_known_place || ["adapter.toml", "README.md"].contains(path), "{}: {path}", known.id);
                assert!(!path.ends_with(".test.ts") && !path.contains('\\'), "{}: {path}", known.id);
            }
        }
    }

    #[test]
    fn every_import_of_a_file_stays_inside_the_template_and_no_module_is_left_over() {
        for known in catalogue() {
            let files = files(&known.id);
            let mut imported = BTreeSet::from([manifest(&known.id).entry]);
            for (path, text) in files.iter().filter(|(path, _)| is_typescript(path)) {
                let quoted = text.split("from '").skip(1).filter_map(|rest| rest.split('\'').next());
                for import in quoted.filter(|import| import.starts_with('.')) {
                    let name =
                        import.strip_prefix("./").unwrap_or_else(|| panic!("{}: {path} imports {import}", known.id));
                    let file = format!("src/{name}.ts");
                    assert!(files.contains_key(file.as_str()), "{}: {path} imports {import}", known.id);
                    imported.insert(file);
                }
            }
            let sources: BTreeSet<_> =
                files.keys().filter(|path| is_typescript(path)).map(|path| (*path).to_owned()).collect();
            assert_eq!(sources, imported, "{}: every source is imported by another", known.id);
        }
    }

    #[test]
    fn a_module_of_several_templates_has_one_source() {
        let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates");
        for known in catalogue() {
            let files = files(&known.id);
            for (path, text) in files.iter().filter(|(path, _)| path.starts_with("src/")) {
                let name = path.trim_start_matches("src/");
                let Ok(module) = std::fs::read_to_string(templates.join("modules").join(name)) else { continue };
                let link = templates.join("adapters").join(&known.id).join(path);
                let points_to = std::fs::read_link(&link)
                    .unwrap_or_else(|error| panic!("{} should be a link to the module: {error}", link.display()));
                assert_eq!(points_to, Path::new("../../../modules").join(name), "{}", link.display());
                assert_eq!(*text, module, "{}: {path} is embedded as a file with the module's text", known.id);
            }
        }
    }

    #[test]
    fn what_describes_an_upstream_is_named_after_its_template_and_has_a_host_that_it_calls() {
        for known in catalogue() {
            for (name, text) in upstream_documents_of(&known.id).expect("known") {
                assert!(name.starts_with(&known.id), "{}: {name} could be another template's, too", known.id);
                let document: serde_json::Value = serde_json::from_str(text).expect("JSON");
                let server = document["servers"][0]["url"].as_str().expect("a server");
                let is_called = known.upstreams.iter().any(|host| server.starts_with(&format!("https://{host}/")));
                assert!(is_called, "{}: {server} is not among its upstreams", known.id);
            }
        }
    }

    #[test]
    fn the_manifest_says_what_the_template_says() {
        for known in catalogue() {
            let manifest = manifest(&known.id);
            assert_eq!(manifest.template.as_deref(), Some(known.id.as_str()));
            assert_eq!(manifest.provider.as_deref(), Some(known.provider.as_str()));
            assert_eq!(manifest.upstreams, known.upstreams);
            assert!(files(&known.id).contains_key(manifest.entry.as_str()), "{}: the entry is missing", known.id);
            let declared: Vec<_> = manifest.bindings.iter().map(|binding| (&binding.name, binding.kind)).collect();
            let needed: Vec<_> = known.needs.iter().map(|need| (&need.name, need.kind)).collect();
            assert_eq!(declared, needed, "{}", known.id);
            assert!(manifest.bindings.iter().all(|binding| binding.required && !binding.description.is_empty()));
            if let Some(secret) = &manifest.signing_secret {
                let name = BindingName::new(secret.as_str()).expect("a binding name");
                assert!(declared.iter().any(|(declared, _)| **declared == name), "{}: {secret}", known.id);
            }
        }
    }

    #[test]
    fn the_bindings_are_those_that_env_ts_types() {
        for known in catalogue() {
            let manifest = manifest(&known.id);
            let mapping = (!manifest.mapping.is_empty()).then(|| "MAPPING".to_owned());
            let declared: BTreeSet<_> =
                manifest.bindings.iter().map(|binding| binding.name.to_string()).chain(mapping).collect();
            let source = files(&known.id)["src/env.ts"];
            let (_, interface) = source.split_once("export interface Env {").expect("an interface `Env`");
            let typed: BTreeSet<_> = interface
                .lines()
                .take_while(|line| !line.starts_with('}'))
                .filter_map(|line| line.trim().split_once(':'))
                .map(|(name, _)| name.trim_end_matches('?').to_owned())
                .filter(|name| BindingName::new(name.as_str()).is_ok())
                .collect();
            assert_eq!(typed, declared, "{}", known.id);
        }
    }

    #[test]
    fn every_sample_is_one_and_has_its_expectation() {
        for known in catalogue() {
            let files = files(&known.id);
            let names = |folder: &str| -> BTreeSet<String> {
                files.keys().filter_map(|path| path.strip_prefix(folder)).map(str::to_owned).collect()
            };
            assert!(names("samples/").len() >= 3, "{}: too few samples", known.id);
            assert_eq!(names("samples/"), names("expect/"), "{}", known.id);
            for (path, text) in &files {
                if path.starts_with("samples/") {
                    let sample: Sample = serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
                    assert_eq!(sample.provider, known.provider, "{path}");
                    assert!(!sample.description.is_empty(), "{path} should say what it shows");
                } else if path.starts_with("expect/") {
                    let expectation: serde_json::Value =
                        serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
                    assert!(expectation["status"].is_u64() && expectation["outbound"].is_array(), "{path}");
                }
            }
        }
    }
}
