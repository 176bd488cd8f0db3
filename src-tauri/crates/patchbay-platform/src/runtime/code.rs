//! Scripts in the form in which the runtime's loader takes them.

use super::placement::owner;
use super::{Runtime, service_worker};
use crate::error::PlatformError;
use crate::store::details::Details;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_cloudflare::wire::binding::Binding;
use patchbay_core::{Module, ModuleKind};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What an upload without a compatibility date means.
const OLDEST_COMPATIBILITY_DATE: &str = "2021-11-02";
/// Date of the runtime's behaviour for the outbound worker.
const OUTBOUND_COMPATIBILITY_DATE: &str = "2026-06-01";

/// Facts about a version that a script may see through a `version_metadata` binding.
pub(crate) struct VersionFacts<'a> {
    pub(crate) id: &'a str,
    pub(crate) created_on: &'a str,
}

/// Modules as the loader takes them, by name. Bytes stand as base64; our modules in the runtime decode them.
pub(crate) fn modules(modules: &[Module]) -> Map<String, Value> {
    modules
        .iter()
        .filter_map(|module| {
            let text = || String::from_utf8_lossy(&module.content).into_owned();
            let value = match module.kind {
                ModuleKind::EsModule => json!({ "js": text() }),
                ModuleKind::CommonJs => json!({ "cjs": text() }),
                ModuleKind::Text => json!({ "text": text() }),
                ModuleKind::Json => json!({ "json": serde_json::from_slice::<Value>(&module.content).ok()? }),
                ModuleKind::Data => json!({ "data": STANDARD.encode(&module.content) }),
                ModuleKind::Wasm => json!({ "wasm": STANDARD.encode(&module.content) }),
                ModuleKind::SourceMap => return None,
            };
            Some((module.name.clone(), value))
        })
        .collect()
}

/// What the script finds in `env`. Kinds that the platform does not serve were refused when they were uploaded.
pub(crate) fn environment(bindings: &[Binding], version: &VersionFacts<'_>) -> Map<String, Value> {
    bindings
        .iter()
        .filter_map(|binding| {
            let value = match binding.kind.as_str() {
                "plain_text" | "secret_text" => binding.fields.get("text")?.clone(),
                "json" => binding.fields.get("json")?.clone(),
                "version_metadata" => json!({ "id": version.id, "tag": "", "timestamp": version.created_on }),
                _ => return None,
            };
            Some((binding.name.clone(), value))
        })
        .collect()
}

/// A redirect to another host never takes an `Authorization` header along, whatever the script was written for. The
/// runtime follows redirects on the script's side of the outbound worker, so only the runtime can leave the header out.
fn redirect_safe(date: &str, flags: &[String]) -> Vec<String> {
    const STRIP: &str = "strip_authorization_on_cross_origin_redirect";
    // The runtime's own default from this date on: https://developers.cloudflare.com/workers/configuration/compatibility-flags/
    const DEFAULT_SINCE: &str = "2025-09-01";
    let kept = flags.iter().filter(|flag| *flag != "retain_authorization_on_cross_origin_redirect");
    let mut flags: Vec<String> = kept.cloned().collect();
    if date < DEFAULT_SINCE && !flags.iter().any(|flag| flag == STRIP) {
        flags.push(STRIP.to_owned());
    }
    flags
}

/// The whole of a script but for what connects it to the platform.
pub(crate) fn script(
    entry: &str,
    code: &[Module],
    bindings: &[Binding],
    details: &Details,
    version: &VersionFacts<'_>,
) -> Value {
    let mut modules = modules(code);
    let mut main = entry;
    if service_worker::is_service_worker(entry, code) {
        service_worker::add_modules(&mut modules, entry, bindings);
        main = service_worker::MAIN;
    }
    let date = details.compatibility_date.as_deref().unwrap_or(OLDEST_COMPATIBILITY_DATE);
    json!({
        "compatibilityDate": date,
        "compatibilityFlags": redirect_safe(date, &details.compatibility_flags),
        "mainModule": main,
        "modules": modules,
        "env": environment(bindings, version),
        "assetsBinding": bindings.iter().find(|binding| binding.kind == "assets").map(|binding| &binding.name),
    })
}

impl Runtime {
    /// The code of a version, for a process that may have it.
    pub(crate) async fn code_for(
        self: &Arc<Self>,
        asking: &str,
        namespace: String,
        name: String,
        version: String,
    ) -> Result<Option<Value>, PlatformError> {
        if let Some(draft) = self.drafts.get(&version) {
            return Ok(Some(draft).filter(|draft| draft.is_of(asking, &namespace, &name)).map(|draft| draft.code()));
        }
        let asking = asking.to_owned();
        self.store
            .change(move |change| {
                let Some((_, tags)) = change.live_version(&namespace, &name)? else { return Ok(None) };
                if owner(&namespace, &name, &tags) != asking || !change.belongs(&namespace, &name, &version)? {
                    return Ok(None);
                }
                let Some(found) = change.version(&version)? else { return Ok(None) };
                let modules = change.modules(&version)?;
                let facts = VersionFacts { id: &found.id, created_on: &found.created_on };
                let mut code = script(&found.entry, &modules, &found.bindings, &found.details, &facts);
                // It has listeners in the place of a default export.
                code["listens"] = service_worker::is_service_worker(&found.entry, &modules).into();
                Ok(Some(code))
            })
            .await
    }

    /// The code of the outbound worker.
    pub(crate) fn outbound_code(&self) -> Value {
        let entry = self.outbound.first().map_or("", |module| module.name.as_str());
        json!({
            "compatibilityDate": OUTBOUND_COMPATIBILITY_DATE,
            "compatibilityFlags": [],
            "mainModule": entry,
            "modules": modules(&self.outbound),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::redirect_safe;

    #[test]
    fn no_script_keeps_authorization_over_a_redirect() {
        let flags = |flags: &[&str]| flags.iter().map(ToString::to_string).collect::<Vec<_>>();
        let strip = "strip_authorization_on_cross_origin_redirect";
        assert_eq!(redirect_safe("2024-01-01", &flags(&["nodejs_compat"])), ["nodejs_compat", strip]);
        assert_eq!(redirect_safe("2024-01-01", &flags(&[strip])), [strip], "it is not named twice");
        assert!(redirect_safe("2025-09-01", &[]).is_empty(), "from here on it is the default");
        let retain = flags(&["retain_authorization_on_cross_origin_redirect"]);
        assert!(redirect_safe("2026-06-01", &retain).is_empty());
    }
}
