//! Imports that are not files of the adapter: modules of the runtime, and WebAssembly.

use crate::adapter_files::{AdapterFiles, VIRTUAL_ROOT};
use bytes::Bytes;
use oxc_resolver::FileSystem as _;
use patchbay_core::{Module, ModuleKind};
use rolldown::plugin::{HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn, HookUsage, Plugin, PluginContext};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Node modules that packages name without `node:`. The runtime has them under that prefix with `nodejs_compat`.
const NODE_MODULES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "crypto",
    "diagnostics_channel",
    "dns",
    "events",
    "fs",
    "http",
    "https",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "stream",
    "string_decoder",
    "timers",
    "tls",
    "url",
    "util",
    "worker_threads",
    "zlib",
];

/// Whether the runtime itself provides the module.
pub(crate) fn is_runtime_module(specifier: &str) -> bool {
    specifier.starts_with("cloudflare:") || specifier.starts_with("node:")
}

/// Resolves what the bundler's own resolver does not know.
#[derive(Debug)]
pub(crate) struct Imports {
    files: AdapterFiles,
    /// WebAssembly modules, by the name under which they are uploaded.
    wasm: Arc<Mutex<BTreeMap<String, Bytes>>>,
}

impl Imports {
    pub(crate) fn new(files: AdapterFiles) -> Self {
        Self { files, wasm: Arc::default() }
    }

    /// Where the WebAssembly modules are collected; outlives the plugin, which the bundler owns.
    pub(crate) fn collected(&self) -> CollectedWasm {
        CollectedWasm(Arc::clone(&self.wasm))
    }

    fn resolve(&self, args: &HookResolveIdArgs<'_>) -> Option<HookResolveIdOutput> {
        let specifier = args.specifier;
        let bare = specifier.split('/').next().unwrap_or_default();
        if NODE_MODULES.contains(&bare) && !self.files.has_folder(&format!("node_modules/{bare}")) {
            return Some(external(format!("node:{specifier}")));
        }
        if specifier.starts_with('.') && Path::new(specifier).extension().is_some_and(|extension| extension == "wasm") {
            let path = Path::new(args.importer?).parent()?.join(specifier);
            let name = AdapterFiles::relative(&path)?;
            let content = self.files.read(&Path::new(VIRTUAL_ROOT).join(&name)).ok()?;
            self.wasm.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), content.into());
            return Some(external(format!("./{name}")));
        }
        None
    }
}

/// The runtime can only run WebAssembly that is uploaded as a module of its own.
#[derive(Debug)]
pub(crate) struct CollectedWasm(Arc<Mutex<BTreeMap<String, Bytes>>>);

impl CollectedWasm {
    /// The modules to upload beside the bundle.
    pub(crate) fn into_modules(self) -> Vec<Module> {
        let wasm = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        wasm.into_iter().map(|(name, content)| Module { name, kind: ModuleKind::Wasm, content }).collect()
    }
}

fn external(id: String) -> HookResolveIdOutput {
    HookResolveIdOutput {
        external: Some(true.into()),
        normalize_external_id: Some(false),
        ..HookResolveIdOutput::from_id(id)
    }
}

impl Plugin for Imports {
    fn name(&self) -> Cow<'static, str> {
        "patchbay-imports".into()
    }

    fn resolve_id(
        &self,
        _context: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> impl Future<Output = HookResolveIdReturn> + Send {
        std::future::ready(Ok(self.resolve(args)))
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId
    }
}
