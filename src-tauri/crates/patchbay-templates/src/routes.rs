//! Route tables to begin with, and the schema of `routes.json`.

use crate::error::TemplateError;

/// JSON Schema (2020-12) of `routes.json`.
pub const ROUTES_SCHEMA: &str = include_str!("../../../../templates/platform/dispatcher/routes.schema.json");

/// Name and text, the one that a new workspace gets first.
const PRESETS: [(&str, &str); 4] = [
    ("default", include_str!("../../../../templates/platform/routes/default.json")),
    ("bring-your-own", include_str!("../../../../templates/platform/routes/bring-your-own.json")),
    ("dotdo", include_str!("../../../../templates/platform/routes/dotdo.json")),
    ("code24", include_str!("../../../../templates/platform/routes/code24.json")),
];

/// The text of a preset's `routes.json`.
pub fn routes_preset(name: &str) -> Result<&'static str, TemplateError> {
    let found = PRESETS.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, text)| *text)
        .ok_or_else(|| TemplateError::unknown_routes_preset(name, routes_preset_names().collect()))
}

/// The names of the presets; `default` is what a new workspace gets.
pub fn routes_preset_names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::{ROUTES_SCHEMA, routes_preset, routes_preset_names};
    use patchbay_core::{Hints, NamespaceName};
    use serde_json::Value;

    #[test]
    fn every_preset_is_a_table_with_rules() {
        for name in routes_preset_names() {
            let table: Value = serde_json::from_str(routes_preset(name).expect("known")).expect("JSON");
            assert!(table["rules"].as_array().is_some_and(|rules| !rules.is_empty()), "{name}");
            for (environment, namespace) in table["namespaces"].as_object().into_iter().flatten() {
                environment.parse::<patchbay_core::Environment>().expect("an environment");
                NamespaceName::new(namespace.as_str().expect("a name")).expect("a namespace name");
            }
        }
    }

    #[test]
    fn an_unknown_preset_is_refused_with_a_suggestion() {
        let error = routes_preset("code-24").expect_err("not a preset");
        assert_eq!(error.to_string(), "There is no route table preset `code-24`");
        assert_eq!(error.hints()[0], "Did you mean `code24`?");
    }

    #[test]
    fn the_schema_is_json() {
        let schema: Value = serde_json::from_str(ROUTES_SCHEMA).expect("JSON");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}
