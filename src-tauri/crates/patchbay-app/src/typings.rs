//! Types for editors: `env.d.ts` beside `adapter.toml`, and a `tsconfig.json` where an adapter has none.

use crate::app::OpenWorkspace;
use crate::wire::error::WireError;
use patchbay_core::{AdapterManifest, AdapterRef};
use patchbay_workspace::Expected;

/// The declarations that are made from the manifest.
const TYPES: &str = "env.d.ts";
/// What makes editors read them.
const SETTINGS: &str = "tsconfig.json";
/// Settings for a Worker; `npm install --save-dev @cloudflare/workers-types` in the workspace brings the types.
const SETTINGS_TEXT: &str = "{
  \"compilerOptions\": {
    \"target\": \"es2024\",
    \"lib\": [\"es2024\"],
    \"types\": [\"@cloudflare/workers-types\"],
    \"module\": \"esnext\",
    \"moduleResolution\": \"bundler\",
    \"allowJs\": true,
    \"noEmit\": true,
    \"strict\": true,
    \"skipLibCheck\": true
  },
  \"include\": [\"env.d.ts\", \"src\"]
}
";

/// What `wrangler types` makes. It declares the same `Env`, so a Worker that has it keeps it.
const THEIRS: &str = "worker-configuration.d.ts";

/// The files that a new adapter lacks for its code to be typed.
pub(crate) fn missing(manifest: &AdapterManifest, has: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let types = (!has(TYPES) && !has(THEIRS)).then(|| (TYPES.to_owned(), patchbay_lint::env_types(manifest).into()));
    let settings = (!has(SETTINGS)).then(|| (SETTINGS.to_owned(), SETTINGS_TEXT.into()));
    types.into_iter().chain(settings).collect()
}

/// Brings `env.d.ts` in line with `adapter.toml`, and adds what is missing. A file of this name that Patchbay did not
/// make stays as it is.
pub(crate) fn refresh(open: &OpenWorkspace, adapter: &AdapterRef) -> Result<(), WireError> {
    let manifest = open.workspace.adapter(adapter)?.manifest;
    let listed = open.workspace.adapter_files(adapter)?.files;
    let has = |path: &str| listed.iter().any(|file| file.path == path);
    for (path, content) in missing(&manifest, has) {
        open.workspace.write_adapter_file(adapter, &path, &content, &Expected::Absent)?;
    }
    if has(TYPES) {
        let text = patchbay_lint::env_types(&manifest);
        let mark = text.lines().next().unwrap_or_default();
        let found = open.workspace.read_adapter_file(adapter, TYPES)?;
        if found.bytes.starts_with(mark.as_bytes()) && found.bytes != text.as_bytes() {
            let expected = Expected::Revision(found.revision);
            open.workspace.write_adapter_file(adapter, TYPES, text.as_bytes(), &expected)?;
        }
    }
    Ok(())
}
