//! Bindings: what a new version has, given what the upload says and what the version before had.

use super::refusal::{Path, Refusal, ok};
use super::{Api, Shared};
use crate::store::versions::Version;
use axum::extract::State;
use axum::response::Response;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;

/// Variables of a script at most, and bytes of one at most, as on a paid plan.
const MOST_VARIABLES: usize = 128;
const LARGEST_VARIABLE: usize = 5 * 1024;

/// Types that stay when an upload does not say what to keep (CONTRACT section 5: unproven, our choice).
const KEPT_BY_DEFAULT: [&str; 2] = ["secret_text", "secret_key"];

pub(super) async fn list(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    Ok(ok(shown(&api.script(&namespace, &name).await?.live.bindings)))
}

/// Bindings as answers show them.
pub(super) fn shown(bindings: &[Binding]) -> Vec<Binding> {
    bindings.iter().cloned().map(Binding::without_secret_value).collect()
}

/// Merges uploaded bindings with those of the version before.
pub(super) fn merged(
    uploaded: Vec<Binding>,
    previous: Option<&Version>,
    keep: Option<&[String]>,
    strict: bool,
) -> Result<Vec<Binding>, Refusal> {
    let before: &[Binding] = previous.map_or(&[], |version| &version.bindings);
    let mut merged: Vec<Binding> = Vec::new();
    let mut missing = Vec::new();
    for binding in uploaded {
        if binding.name.is_empty() {
            return Err(ApiCode::BindingWithoutName.into());
        }
        if merged.iter().any(|other| other.name == binding.name) {
            let text = format!("Binding name '{}' already in use. Please use a different name.", binding.name);
            return Err(Refusal::with(ApiCode::Validation, text));
        }
        if binding.kind == "inherit" {
            let source = binding.text_field("old_name").unwrap_or(&binding.name);
            match before.iter().find(|other| other.name == source) {
                Some(found) => merged.push(Binding { name: binding.name, ..found.clone() }),
                // wrangler finds the names of missing secrets by the beginning of this sentence.
                None if strict => missing.push(format!(
                    "inherit binding '{}' is invalid: the previous version has no binding '{source}'.",
                    binding.name
                )),
                None => {}
            }
            continue;
        }
        check(&binding)?;
        merged.push(binding);
    }
    if !missing.is_empty() {
        return Err(Refusal::with_each(ApiCode::InheritNotFound, missing));
    }
    let stays = |kind: &str| match keep {
        Some(kinds) => kinds.iter().any(|kept| kept == kind),
        None => KEPT_BY_DEFAULT.contains(&kind),
    };
    for binding in before {
        if stays(&binding.kind) && !merged.iter().any(|other| other.name == binding.name) {
            merged.push(binding.clone());
        }
    }
    if merged.len() > MOST_VARIABLES {
        return Err(ApiCode::TooManyVariables.into());
    }
    Ok(merged)
}

/// Refuses what the platform does not serve, instead of leaving it out.
pub(super) fn check(binding: &Binding) -> Result<(), Refusal> {
    let name = &binding.name;
    let refused = |text: String| Err(Refusal::with(ApiCode::Validation, text));
    let size = match binding.kind.as_str() {
        "plain_text" | "secret_text" => match binding.text_field("text") {
            Some(text) => text.len(),
            None => return refused(format!("Binding '{name}' of type {} has no `text`.", binding.kind)),
        },
        "json" => match binding.fields.get("json") {
            Some(value) => value.to_string().len(),
            None => return refused(format!("Binding '{name}' of type json has no `json`.")),
        },
        "version_metadata" => 0,
        other => {
            return refused(format!(
                "Binding '{name}' of type {other} is not served by the embedded platform; it serves plain_text, json, secret_text and version_metadata."
            ));
        }
    };
    if size > LARGEST_VARIABLE {
        let text = format!("The value of '{name}' is {size} bytes long; a variable may have 5 KB.");
        return Err(Refusal::with(ApiCode::VariableTooLarge, text));
    }
    Ok(())
}

impl Api {
    /// The live version before a change; none for a script that does not exist yet.
    pub(super) async fn previous(
        &self,
        namespace: &str,
        script: &str,
    ) -> Result<Option<crate::store::scripts::StoredScript>, Refusal> {
        match self.found(namespace, script).await? {
            super::Found::Script(found) => Ok(Some(*found)),
            super::Found::NoScript => Ok(None),
            super::Found::NoNamespace => Err(ApiCode::NamespaceNotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::merged;
    use crate::store::versions::{Details, Version};
    use patchbay_cloudflare::wire::binding::Binding;
    use patchbay_core::Secret;
    use serde_json::Value;

    fn previous() -> Version {
        Version {
            id: "v".into(),
            entry: "index.js".into(),
            etag: String::new(),
            bindings: vec![Binding::secret_text("TOKEN", &Secret::new("old")), Binding::plain_text("REGION", "eu")],
            details: Details::default(),
            created_on: String::new(),
        }
    }

    fn names(uploaded: Vec<Binding>, keep: Option<&[&str]>) -> Vec<String> {
        let keep: Option<Vec<String>> = keep.map(|keep| keep.iter().map(|kind| (*kind).to_owned()).collect());
        let merged = merged(uploaded, Some(&previous()), keep.as_deref(), false).expect("merges");
        merged
            .into_iter()
            .map(|binding| format!("{}={}", binding.name, binding.text_field("text").unwrap_or("-")))
            .collect()
    }

    #[test]
    fn what_stays_is_what_the_upload_keeps() {
        assert_eq!(names(vec![], None), ["TOKEN=old"], "without the key secrets stay and variables go");
        assert_eq!(names(vec![], Some(&[])), Vec::<String>::new(), "an empty list keeps nothing");
        assert_eq!(names(vec![], Some(&["plain_text"])), ["REGION=eu"]);
        let new = vec![Binding::secret_text("TOKEN", &Secret::new("new"))];
        assert_eq!(names(new, Some(&["secret_text"])), ["TOKEN=new"], "a new value wins over a kept one");
    }

    #[test]
    fn inherit_copies_and_strict_refuses_what_is_not_there() {
        let renamed = Binding::inherit("NEW").with("old_name", Value::String("TOKEN".into()));
        assert_eq!(names(vec![renamed], Some(&[])), ["NEW=old"]);
        assert_eq!(names(vec![Binding::inherit("MISSING")], Some(&[])), Vec::<String>::new());
        let refused = merged(vec![Binding::inherit("FIRST"), Binding::inherit("SECOND")], None, None, true);
        let refused = format!("{:?}", refused.expect_err("strict"));
        assert!(refused.contains("10057"), "{refused}");
        assert!(refused.contains("inherit binding 'FIRST' is invalid"), "{refused}");
        assert!(refused.contains("inherit binding 'SECOND' is invalid"), "{refused}");
    }
}
