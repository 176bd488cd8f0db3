//! Uploads as different clients write them (CONTRACT sections 1 and 4): metadata, entry and modules.

use super::parts::{Part, essence, parts_of};
use super::refusal::Refusal;
use super::{limits, modules};
use bytes::Bytes;
use http::HeaderMap;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::metadata::Metadata;
use patchbay_core::{Module, ModuleKind};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Name of a script that comes as the whole body.
const BARE_SCRIPT: &str = "worker.js";
/// Keys of metadata and settings that ask for something the platform does not serve.
const UNSERVED: [(&str, &str); 2] = [("exports", "Exports are"), ("containers", "Containers are")];

/// An upload that was understood. Its entry comes first among the modules and is an ES module, or a `CommonJS` module
/// when it is a script in service-worker syntax. A Worker of only assets has neither.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) entry: String,
    pub(super) modules: Vec<Module>,
    pub(super) metadata: Metadata,
}

impl Upload {
    pub(super) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Refusal> {
        let Some(parts) = parts_of(headers, body.clone()).await? else { return Self::bare(headers, body).await };
        let mut described = None;
        let mut files = Vec::new();
        for part in parts {
            if part.name == "metadata" && described.is_none() {
                described = Some(part);
            } else {
                files.push(part);
            }
        }
        // The entry may also be named by a header (`PUT …/content`).
        let named = |header: &str| headers.get(header).and_then(|name| name.to_str().ok()).map(str::to_owned);
        let (main, script) = (named("cf-worker-main-module-part"), named("cf-worker-body-part"));
        let mut metadata = match &described {
            Some(part) => metadata(&part.content)?,
            None if main.is_some() || script.is_some() => Metadata::default(),
            None => return Err(refused("could not read content for part metadata")),
        };
        if metadata.main_module.is_none() && metadata.body_part.is_none() {
            (metadata.main_module, metadata.body_part) = (main, script);
        }
        check_unserved(&metadata.other)?;
        limits::check_flags(metadata.compatibility_flags.as_ref())?;
        limits::check_count(metadata.bindings.as_deref().unwrap_or_default())?;
        let (name, kind) = match (&metadata.main_module, &metadata.body_part) {
            (Some(main), None) => (main, ModuleKind::EsModule),
            (None, Some(script)) => (script, ModuleKind::CommonJs),
            (Some(_), Some(_)) => {
                return Err(refused("The metadata names both a `main_module` and a `body_part`; name one."));
            }
            (None, None) if files.is_empty() && has_assets(&metadata.other) => {
                return Ok(Self { entry: String::new(), modules: Vec::new(), metadata });
            }
            (None, None) => {
                return Err(refused(
                    "The metadata names no entry: `main_module` for an ES module, `body_part` for service-worker syntax.",
                ));
            }
        };
        limits::check_module_name(name)?;
        let entry = files.iter().find(|part| part.is_called(name)).map(|part| part.module_name().to_owned());
        let entry = entry.ok_or_else(|| refused(format!("No such module \"{name}\".")))?;
        name_blobs(&mut metadata, &files, kind)?;
        let modules = modules::read(files, &entry, kind).await?;
        Ok(Self { entry, modules, metadata })
    }

    /// A script in service-worker syntax as the whole body, without metadata.
    async fn bare(headers: &HeaderMap, body: Bytes) -> Result<Self, Refusal> {
        if !matches!(essence(headers).as_str(), "application/javascript" | "text/javascript" | "text/plain") {
            return Err(Refusal::with(
                ApiCode::ContentTypeRequired,
                "Content-Type must be multipart/form-data, or application/javascript for a script in service-worker syntax.",
            ));
        }
        let part = Part {
            name: BARE_SCRIPT.into(),
            filename: None,
            content_type: Some("application/javascript".into()),
            content: body,
        };
        let modules = modules::read(vec![part], BARE_SCRIPT, ModuleKind::CommonJs).await?;
        Ok(Self { entry: BARE_SCRIPT.into(), modules, metadata: Metadata::default() })
    }
}

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::with(ApiCode::Validation, text)
}

/// Reads the metadata, and names the key that is not as expected. Values are not quoted: one might be a secret.
fn metadata(text: &[u8]) -> Result<Metadata, Refusal> {
    limits::check_metadata(text)?;
    let object: Map<String, Value> = serde_json::from_slice(text).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        refused(format!("could not parse part metadata: not a JSON object at {place}"))
    })?;
    Metadata::deserialize(Value::Object(object.clone())).map_err(|_| {
        let is_bad = |key: &String, value: &Value| {
            let alone = Map::from_iter([(key.clone(), value.clone())]);
            Metadata::deserialize(Value::Object(alone)).is_err()
        };
        let bad = object.iter().find(|(key, value)| is_bad(key, value)).map_or("", |(key, _)| key.as_str());
        refused(format!("could not parse part metadata: the key `{bad}` has a value of a wrong type"))
    })
}

/// Bindings whose value is a part name it by the part's name; what is stored is the module's.
fn name_blobs(metadata: &mut Metadata, files: &[Part], kind: ModuleKind) -> Result<(), Refusal> {
    use crate::runtime::service_worker::is_blob;
    for binding in metadata.bindings.iter_mut().flatten().filter(|binding| is_blob(&binding.kind)) {
        if kind != ModuleKind::CommonJs {
            return Err(refused(format!(
                "Binding '{}' has the type {}, which only scripts in service-worker syntax have; import the file as a module instead.",
                binding.name, binding.kind
            )));
        }
        let named = binding.text_field("part").unwrap_or_default();
        let Some(part) = files.iter().find(|part| part.is_called(named)) else {
            return Err(refused(format!(
                "Binding '{}' names the part \"{named}\", which is not in the upload.",
                binding.name
            )));
        };
        let name = part.module_name().to_owned();
        binding.fields.insert("part".into(), Value::String(name));
    }
    Ok(())
}

/// Whether an upload brings assets or keeps those that are there.
fn has_assets(keys: &Map<String, Value>) -> bool {
    keys.get("assets").is_some_and(Value::is_object) || keys.get("keep_assets").is_some_and(|keep| *keep == true)
}

/// Refuses what the platform does not serve, instead of ignoring it.
pub(super) fn check_unserved(keys: &Map<String, Value>) -> Result<(), Refusal> {
    for (key, subject) in UNSERVED {
        if keys.get(key).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new())) {
            return Err(refused(format!("{subject} not served by the embedded platform (`{key}`).")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Upload, metadata};
    use http::HeaderMap;
    use patchbay_core::ModuleKind;

    const METADATA: &str = "Content-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"main_module\":\"index.js\"}";
    const ENTRY: &str = "Content-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\nContent-Type: application/javascript+module\r\n\r\n1";

    async fn read(parts: &[&str]) -> Result<Upload, String> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "multipart/form-data; boundary=b".parse().expect("a value"));
        let body: String = parts.iter().map(|part| format!("--b\r\n{part}\r\n")).chain(["--b--\r\n".into()]).collect();
        Upload::read(&headers, body.into()).await.map_err(|refusal| format!("{refusal:?}"))
    }

    #[tokio::test]
    async fn metadata_may_come_first_last_typed_or_as_a_file() {
        let typed = METADATA.replace("\"metadata\"", "\"metadata\"\r\nContent-Type: application/json");
        let file = METADATA.replace("\"metadata\"", "\"metadata\"; filename=\"metadata.json\"");
        for parts in [[METADATA, ENTRY], [ENTRY, METADATA], [ENTRY, &typed], [&file, ENTRY]] {
            let upload = read(&parts).await.expect("understood");
            assert_eq!((upload.entry.as_str(), upload.modules.len()), ("index.js", 1), "{parts:?}");
        }
    }

    #[tokio::test]
    async fn a_module_is_called_by_its_file_name() {
        // The SDKs call every part `files` or `files[]`, Cloudflare's examples `script`.
        let entry = ENTRY.replace("name=\"index.js\";", "name=\"files[]\";");
        let other = entry.replace("filename=\"index.js\"", "filename=\"lib/greet.js\"");
        let upload = read(&[METADATA, &other, &entry]).await.expect("understood");
        let names: Vec<_> = upload.modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["index.js", "lib/greet.js"]);
        let bare = ENTRY.replace("; filename=\"index.js\"", "");
        assert_eq!(
            read(&[METADATA, &bare]).await.expect("understood").entry,
            "index.js",
            "the part's name is the last resort"
        );
        let by_part = METADATA.replace("index.js", "script");
        let script = ENTRY.replace("name=\"index.js\";", "name=\"script\";");
        assert_eq!(read(&[&by_part, &script]).await.expect("understood").entry, "index.js");
    }

    #[tokio::test]
    async fn the_metadata_decides_which_syntax_the_entry_has() {
        let plain = ENTRY.replace("application/javascript+module", "application/javascript");
        assert_eq!(read(&[METADATA, &plain]).await.expect("a module").modules[0].kind, ModuleKind::EsModule);
        let script = METADATA.replace("main_module", "body_part");
        assert_eq!(read(&[&script, ENTRY]).await.expect("a script").modules[0].kind, ModuleKind::CommonJs);
    }

    #[tokio::test]
    async fn what_is_not_understood_says_what_is_wrong() {
        let python = ENTRY.replace("application/javascript+module", "text/x-python");
        let text = ENTRY.replace("application/javascript+module", "text/plain");
        let both = METADATA.replace('{', "{\"body_part\":\"index.js\",");
        let none = METADATA.replace("main_module", "main");
        for (parts, says) in [
            (vec![ENTRY], "could not read content for part metadata"),
            (vec![METADATA], "No such module"),
            (vec![METADATA, ENTRY, ENTRY], "is there twice"),
            (vec![METADATA, &python], "is Python"),
            (vec![METADATA, &text], "send it as application/javascript+module"),
            (vec![&both, ENTRY], "name one"),
            (vec![&none, ENTRY], "names no entry"),
        ] {
            let refusal = read(&parts).await.expect_err("refused");
            assert!(refusal.contains(says), "{parts:?}: {refusal}");
        }
        for (text, says) in [
            ("{", "not a JSON object at line 1 column 1"),
            ("[]", "not a JSON object"),
            (r#"{"main_module":"a","compatibility_flags":"canary"}"#, "the key `compatibility_flags` has"),
            (r#"{"limits":{"cpu_ms":"canary"}}"#, "the key `limits` has"),
        ] {
            let refusal = format!("{:?}", metadata(text.as_bytes()).expect_err("refused"));
            assert!(refusal.contains(says) && !refusal.contains("canary"), "{text}: {refusal}");
        }
    }
}

#[cfg(test)]
mod properties;
