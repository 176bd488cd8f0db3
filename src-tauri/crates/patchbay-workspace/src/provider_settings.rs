//! `[provider_settings]` of an `adapter.toml`: the form of its values. What each provider makes of them, providers know.

use crate::adapters::no_manifest;
use crate::error::WorkspaceError;
use crate::toml_file::TomlFile;
use crate::workspace::Workspace;
use patchbay_core::{AdapterManifest, AdapterRef, BindingKind};
use serde_json::Value;

const TABLE: &str = "provider_settings";

impl Workspace {
    /// An error at one of the adapter's provider settings, for whoever knows what the provider wants.
    pub fn provider_setting_error(
        &self,
        adapter: &AdapterRef,
        setting: Option<&str>,
        problem: String,
        fix: String,
    ) -> WorkspaceError {
        let read = || -> Result<WorkspaceError, WorkspaceError> {
            let path = self.manifest_path(adapter)?;
            let file = TomlFile::read(&path)?.ok_or_else(|| no_manifest(&path))?;
            let keys: Vec<&str> = std::iter::once(TABLE).chain(setting).collect();
            Ok(file.problem_at(&keys, problem, fix))
        };
        read().unwrap_or_else(|unreadable| unreadable)
    }
}

/// Checks that every setting is a text, a whole number or the name of a binding whose value is a text.
pub(crate) fn check(file: &TomlFile, manifest: &AdapterManifest) -> Result<(), WorkspaceError> {
    if manifest.provider.is_none() && !manifest.provider_settings.is_empty() {
        let problem = "there are provider settings and no provider".into();
        let fix = "Name the provider above, for example `provider = \"custom\"`".into();
        return Err(file.problem_at(&[TABLE], problem, fix));
    }
    for (name, value) in &manifest.provider_settings {
        let is_plain = value.is_string() || value.is_i64();
        if is_plain {
            continue;
        }
        let Some(binding) = binding_of_setting(value) else {
            let problem = format!("the setting `{name}` is not a text, a whole number or a binding");
            let fix = format!("Write `{name} = \"…\"`, or `{name} = {{ binding = \"NAME\" }}` for a declared binding");
            return Err(file.problem_at(&[TABLE, name], problem, fix));
        };
        let is_declared = manifest.bindings.iter().any(|declared| {
            declared.name.as_str() == binding
                && matches!(declared.kind, BindingKind::SecretText | BindingKind::PlainText)
        });
        if !is_declared {
            let problem = format!(
                "the setting `{name}` names `{binding}`, which is not among the secret_text and plain_text bindings"
            );
            let fix = format!("Add `[[bindings]]` with `name = \"{binding}\"` and `kind = \"plain_text\"`");
            return Err(file.problem_at(&[TABLE, name], problem, fix));
        }
    }
    Ok(())
}

/// The binding that a setting names: `{ binding = "NAME" }`.
pub fn binding_of_setting(value: &Value) -> Option<&str> {
    let table = value.as_object().filter(|table| table.len() == 1)?;
    table.get("binding")?.as_str()
}

#[cfg(test)]
mod tests {
    use crate::adapters::decode;
    use crate::toml_file::TomlFile;
    use std::path::Path;

    const HEAD: &str = "compatibility_date = \"2026-11-01\"\n";

    fn refused(text: &str) -> String {
        let file = TomlFile::parse(Path::new("adapter.toml"), format!("{HEAD}{text}")).expect("TOML");
        decode(&file).expect_err("refused").to_string()
    }

    #[test]
    fn a_setting_is_a_text_a_number_or_a_declared_binding() {
        for (text, expected) in [
            ("[provider_settings]\nheader = \"X\"\n", "adapter.toml:2:1: there are provider settings and no provider"),
            (
                "provider = \"custom\"\n[provider_settings]\nheader = [\"X\"]\n",
                "adapter.toml:4:10: the setting `header` is not a text, a whole number or a binding",
            ),
            (
                "provider = \"paypal\"\n[provider_settings]\nwebhook_id = { binding = \"ID\" }\n",
                "adapter.toml:4:14: the setting `webhook_id` names `ID`, which is not among the secret_text and plain_text bindings",
            ),
        ] {
            assert_eq!(refused(text), expected);
        }
        let good = "provider = \"paypal\"\n[provider_settings]\nwebhook_id = { binding = \"ID\" }\n\
            [[bindings]]\nname = \"ID\"\nkind = \"plain_text\"\nvalue = \"W\"\n";
        let file = TomlFile::parse(Path::new("adapter.toml"), format!("{HEAD}{good}")).expect("TOML");
        let manifest = decode(&file).expect("valid");
        assert_eq!(super::binding_of_setting(&manifest.provider_settings["webhook_id"]), Some("ID"));
        assert!(file.warnings(crate::keys::ADAPTER).is_empty(), "the keys are known");
    }
}
