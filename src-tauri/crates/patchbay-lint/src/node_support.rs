//! How much of Node the runtime brings along for a compatibility date and its flags.

use patchbay_core::AdapterManifest;

/// Modules of Node that are also written without `node:`. Those for which a package of the same name is in use
/// (`buffer`, `events`, `process`, `util`, …) are left out.
const NODE_MODULES: &[&str] = &[
    "async_hooks",
    "child_process",
    "cluster",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "fs",
    "http",
    "http2",
    "https",
    "net",
    "os",
    "perf_hooks",
    "readline",
    "tls",
    "v8",
    "vm",
    "worker_threads",
    "zlib",
];

/// The module of Node, without `node:`, that an import names.
pub(crate) fn node_module(specifier: &str) -> Option<&str> {
    if let Some(name) = specifier.strip_prefix("node:") {
        return Some(name);
    }
    let name = specifier.split('/').next().unwrap_or_default();
    NODE_MODULES.contains(&name).then_some(specifier)
}

/// How much of Node the runtime brings along, as workerd 1.20261117 does for a date and flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeSupport {
    /// `Buffer`, `process` and the like exist.
    pub(crate) has_globals: bool,
    /// `process.env` holds the bindings that are texts.
    pub(crate) has_process_env: bool,
    pub(crate) modules: NodeModules,
}

/// Which modules of Node can be imported; `node:process` always can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeModules {
    None,
    /// `node:async_hooks`, by the flag `nodejs_als`.
    AsyncHooks,
    /// At least those that have been there from the beginning.
    Many,
}

impl NodeSupport {
    /// For what a manifest asks for. Without one the newest behaviour is assumed, so that rules stay silent.
    pub(crate) fn of(manifest: Option<&AdapterManifest>) -> Self {
        let Some(manifest) = manifest else {
            return Self { has_globals: true, has_process_env: true, modules: NodeModules::Many };
        };
        let has = |flag: &str| manifest.compatibility_flags.iter().any(|given| given == flag);
        // Dates in this form compare as texts.
        let since = |date: &str| manifest.compatibility_date.as_str() >= date;
        let is_default = since("2026-08-04");
        let modules = (is_default && !has("no_nodejs_compat")) || has("nodejs_compat") || has("nodejs_compat_v2");
        let has_globals = !has("no_nodejs_compat_v2")
            && (is_default || has("nodejs_compat_v2") || (has("nodejs_compat") && since("2024-09-23")));
        let fills = since("2025-04-01") || has("nodejs_compat_populate_process_env");
        let has_process_env = has_globals && modules && fills && !has("nodejs_compat_do_not_populate_process_env");
        // Each of the two generations of compatibility brings modules; a flag can only turn off one of them.
        let has_modules = modules || has("nodejs_compat_v2") || (is_default && !has("no_nodejs_compat_v2"));
        let modules = match (has_modules, has("nodejs_als")) {
            (true, _) => NodeModules::Many,
            (false, true) => NodeModules::AsyncHooks,
            (false, false) => NodeModules::None,
        };
        Self { has_globals, has_process_env, modules }
    }
}

#[cfg(test)]
mod tests {
    use super::NodeModules::{AsyncHooks, Many, None};
    use super::NodeSupport;

    #[test]
    fn node_comes_with_the_date_and_the_flags() {
        for (date, flags, has_globals, has_process_env, modules) in [
            ("2026-11-01", &[][..], true, true, Many),
            ("2026-08-04", &[], true, true, Many),
            ("2026-08-03", &[], false, false, None),
            ("2026-06-01", &["nodejs_als"], false, false, AsyncHooks),
            ("2026-06-01", &["nodejs_compat"], true, true, Many),
            ("2026-11-01", &["no_nodejs_compat"], true, false, Many),
            ("2026-11-01", &["no_nodejs_compat_v2"], false, false, Many),
            ("2026-11-01", &["no_nodejs_compat", "no_nodejs_compat_v2"], false, false, None),
            ("2024-06-01", &["nodejs_compat"], false, false, Many),
            ("2024-09-22", &["nodejs_compat"], false, false, Many),
            ("2024-09-23", &["nodejs_compat"], true, false, Many),
            ("2025-04-01", &["nodejs_compat"], true, true, Many),
            ("2024-06-01", &["nodejs_compat_v2"], true, false, Many),
        ] {
            let manifest = serde_json::json!({ "compatibility_date": date, "compatibility_flags": flags });
            let manifest = serde_json::from_value(manifest).expect("the manifest is valid");
            let support = NodeSupport::of(Some(&manifest));
            let expected = NodeSupport { has_globals, has_process_env, modules };
            assert_eq!(support, expected, "{date} {flags:?}");
        }
    }
}
