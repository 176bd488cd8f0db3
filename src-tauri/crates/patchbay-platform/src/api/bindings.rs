//! Bindings: what a new version has, given what the upload says and what the version before had.

use super::binding_types::checked;
use super::limits::{MOST_BINDINGS, check_binding_name};
use super::refusal::{Path, Refusal, ok};
use super::{Api, Shared};
use crate::store::versions::{NewVersion, Version};
use axum::extract::State;
use axum::response::Response;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_cloudflare::wire::codes::ApiCode;
use serde_json::json;
use std::collections::HashMap;

/// Types that stay when an upload does not say what to keep (CONTRACT section 5: unproven, our choice).
const KEPT_BY_DEFAULT: [&str; 2] = ["secret_text", "secret_key"];

pub(super) async fn list(
    State(api): Shared,
    Path((_, namespace, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    Ok(ok(shown(&api.script(&namespace, &name).await?.live)))
}

/// Bindings of a version as answers show them: without secret values, Durable Objects with the id of their storage.
pub(super) fn shown(version: &Version) -> Vec<Binding> {
    let id_of = |binding: &Binding| {
        let class = binding.text_field("class_name").filter(|_| binding.kind == "durable_object_namespace")?;
        let own = version.details.durable_classes.iter().find(|known| known.class_name == class)?;
        binding.text_field("script_name").is_none().then(|| json!(own.namespace_id))
    };
    let show = |binding: &Binding| {
        let id = id_of(binding);
        let shown = binding.clone().without_secret_value();
        match id {
            Some(id) => shown.with("namespace_id", id),
            None => shown,
        }
    };
    version.bindings.iter().map(show).collect()
}

/// Where bindings come from that an upload does not spell out.
#[derive(Default)]
pub(super) struct Sources<'a> {
    /// The live version before this one.
    pub(super) live: Option<&'a Version>,
    /// Other versions that `inherit` bindings name.
    pub(super) others: HashMap<String, Version>,
    /// Types that stay.
    pub(super) keep: Option<&'a [String]>,
    /// Whether an `inherit` without a source is an error.
    pub(super) strict: bool,
}

impl Sources<'_> {
    /// Merges uploaded bindings with those that are inherited and those that stay.
    pub(super) fn merged(&self, uploaded: Vec<Binding>) -> Result<Vec<Binding>, Refusal> {
        let mut merged: Vec<Binding> = Vec::new();
        let mut missing = Vec::new();
        for binding in uploaded {
            check_binding_name(&binding.name)?;
            if merged.iter().any(|other| other.name == binding.name) {
                let text = format!("Binding name '{}' already in use. Please use a different name.", binding.name);
                return Err(Refusal::with(ApiCode::Validation, text));
            }
            if binding.kind == "inherit" {
                let source = binding.text_field("old_name").unwrap_or(&binding.name);
                match self.source(&binding, source) {
                    Some(found) => merged.push(Binding { name: binding.name, ..found.clone() }),
                    // wrangler finds the names of missing secrets by the beginning of this sentence.
                    None if self.strict => missing.push(format!(
                        "inherit binding '{}' is invalid: the previous version has no binding '{source}'.",
                        binding.name
                    )),
                    None => {}
                }
            } else {
                merged.push(checked(binding)?);
            }
        }
        if !missing.is_empty() {
            return Err(Refusal::with_each(ApiCode::InheritNotFound, missing));
        }
        let stays = |kind: &str| match self.keep {
            Some(kinds) => kinds.iter().any(|kept| kept == kind),
            None => KEPT_BY_DEFAULT.contains(&kind),
        };
        for binding in self.live.map_or(&[][..], |live| &live.bindings) {
            if stays(&binding.kind) && !merged.iter().any(|other| other.name == binding.name) {
                merged.push(binding.clone());
            }
        }
        if merged.len() > MOST_BINDINGS {
            return Err(ApiCode::TooManyVariables.into());
        }
        Ok(merged)
    }

    /// What an `inherit` binding copies.
    fn source(&self, binding: &Binding, name: &str) -> Option<&Binding> {
        let version = match binding.text_field("version_id") {
            Some(id) => self.others.get(id),
            None => self.live,
        };
        version?.bindings.iter().find(|other| other.name == name)
    }
}

/// Whether what the bindings name is there: scripts of the same namespace, dispatch namespaces, classes.
pub(super) async fn check_targets(api: &Api, namespace: &str, name: &str, version: &NewVersion) -> Result<(), Refusal> {
    for binding in &version.bindings {
        let text = |field: &str| binding.text_field(field).unwrap_or_default();
        let other = |script: &str| !script.is_empty() && script != name;
        match binding.kind.as_str() {
            "service" => check_service(api, namespace, name, binding).await?,
            "dispatch_namespace" => {
                let wanted = text("namespace").to_owned();
                if !api.runtime.store.change(move |change| change.has_namespace(&wanted)).await? {
                    return Err(ApiCode::NamespaceNotFound.into());
                }
            }
            "durable_object_namespace" => {
                let class = text("class_name");
                let script = text("script_name");
                let has = |classes: &[crate::store::details::DurableClass]| {
                    classes.iter().any(|known| known.class_name == class)
                };
                let message = if other(script) {
                    match api.previous(namespace, script).await? {
                        Some(found) if has(&found.live.details.durable_classes) => continue,
                        Some(_) => format!(
                            "Cannot create binding for class '{class}' because script '{script}' does not configure it to implement Durable Objects."
                        ),
                        None => format!(
                            "Cannot create binding for class '{class}' in script '{script}' that does not exist."
                        ),
                    }
                } else if has(&version.details.durable_classes) {
                    continue;
                } else {
                    format!(
                        "Cannot create binding for class '{class}' because it is not currently configured to implement Durable Objects. Send a migration with `new_sqlite_classes` that names it."
                    )
                };
                return Err(Refusal::with(ApiCode::ClassNotConfigured, message));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether the other script, and the entrypoint of it that a `service` binding names, are there. What a script itself
/// exports is known only when it has been started.
async fn check_service(api: &Api, namespace: &str, name: &str, binding: &Binding) -> Result<(), Refusal> {
    let text = |field: &str| binding.text_field(field).unwrap_or_default();
    let (service, entrypoint) = (text("service"), text("entrypoint"));
    if service == name {
        return Ok(());
    }
    let missing = |what: String| {
        let message = format!("Binding '{}' names {what}.", binding.name);
        Err(Refusal::with(ApiCode::ServiceBindingNotFound, message))
    };
    let Some(found) = api.previous(namespace, service).await? else {
        return missing(format!("the service '{service}', which does not exist in this dispatch namespace"));
    };
    let exports = &found.live.details.named_handlers;
    if !matches!(entrypoint, "" | "default") && !exports.iter().any(|export| export.name == entrypoint) {
        return missing(format!("the entrypoint '{entrypoint}', which the script '{service}' does not export"));
    }
    Ok(())
}

impl Api {
    /// The script before a change; none for one that does not exist yet.
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

    /// The versions of a script that `inherit` bindings name.
    pub(super) async fn inherited_versions(
        &self,
        namespace: &str,
        script: &str,
        uploaded: &[Binding],
    ) -> Result<HashMap<String, Version>, Refusal> {
        let inherits = uploaded.iter().filter(|binding| binding.kind == "inherit");
        let ids: Vec<String> =
            inherits.filter_map(|binding| binding.text_field("version_id")).map(str::to_owned).collect();
        let (namespace, script) = (namespace.to_owned(), script.to_owned());
        let read = move |change: &crate::store::Change<'_>| {
            let mut found = HashMap::new();
            for id in ids {
                if change.belongs(&namespace, &script, &id)?
                    && let Some(version) = change.version(&id)?
                {
                    found.insert(id, version);
                }
            }
            Ok(found)
        };
        Ok(self.runtime.store.change(read).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::Sources;
    use crate::store::details::Details;
    use crate::store::versions::Version;
    use patchbay_cloudflare::wire::binding::Binding;
    use patchbay_core::Secret;
    use serde_json::json;
    use std::collections::HashMap;

    fn version(token: &str) -> Version {
        Version {
            id: "v".into(),
            entry: "index.js".into(),
            etag: String::new(),
            bindings: vec![Binding::secret_text("TOKEN", &Secret::new(token)), Binding::plain_text("REGION", "eu")],
            details: Details::default(),
            created_on: String::new(),
        }
    }

    fn names(uploaded: Vec<Binding>, keep: Option<&[&str]>) -> Vec<String> {
        let live = version("old");
        let keep: Option<Vec<String>> = keep.map(|keep| keep.iter().map(|kind| (*kind).to_owned()).collect());
        let others = HashMap::from([("earlier".to_owned(), version("older"))]);
        let sources = Sources { live: Some(&live), others, keep: keep.as_deref(), strict: false };
        let merged = sources.merged(uploaded).expect("merges");
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
        let renamed = Binding::inherit("NEW").with("old_name", json!("TOKEN"));
        assert_eq!(names(vec![renamed.clone()], Some(&[])), ["NEW=old"]);
        let earlier = renamed.clone().with("version_id", json!("earlier"));
        assert_eq!(names(vec![earlier], Some(&[])), ["NEW=older"]);
        assert_eq!(names(vec![renamed.with("version_id", json!("unknown"))], Some(&[])), Vec::<String>::new());
        assert_eq!(names(vec![Binding::inherit("MISSING")], Some(&[])), Vec::<String>::new());
        let sources = Sources { strict: true, ..Sources::default() };
        let refused = sources.merged(vec![Binding::inherit("FIRST"), Binding::inherit("SECOND")]);
        let refused = format!("{:?}", refused.expect_err("strict"));
        assert!(refused.contains("10057"), "{refused}");
        assert!(refused.contains("inherit binding 'FIRST' is invalid"), "{refused}");
        assert!(refused.contains("inherit binding 'SECOND' is invalid"), "{refused}");
    }
}
