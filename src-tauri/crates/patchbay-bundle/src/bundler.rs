//! One adapter folder in, the modules to upload out.

use crate::adapter_files::{AdapterFiles, VIRTUAL_ROOT};
use crate::error::BundleError;
use crate::imports::{CollectedWasm, Imports, is_runtime_module};
use crate::source_map::SourceMap;
use crate::{failures, runtime};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use patchbay_core::{Module, ModuleKind};
use rolldown::{
    BundleFactory, BundleFactoryOptions, BundleOutput, BundlerOptions, CodeSplittingMode, InputItem, IsExternal,
    LogLevel, ModuleType, OutputFormat, Platform, ResolveOptions, SourceMapType, TsConfig,
};
use rolldown_common::Output;
use rolldown_error::BuildResult;
use rolldown_resolver::Resolver;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the module whose default export the runtime calls.
pub const MAIN_MODULE: &str = "index.js";
/// Name of the module that holds the adapter's own code.
const ADAPTER_MODULE: &str = "adapter.js";

/// Parsers and tree walkers recurse. This much stack holds [`patchbay_core::nesting::DEEPEST`] levels even in an
/// unoptimised build; the system gives out pages of it only as they are touched.
const STACK_BYTES: usize = 512 * 1024 * 1024;

/// What to bundle.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The adapter's folder.
    pub root: &'a Path,
    /// Entry file relative to the folder, for example `src/adapter.ts`.
    pub entry: &'a str,
    /// Texts that stand in place of files, for example what is not yet saved in an editor: path relative to the folder,
    /// with `/`, and text.
    pub overlay: &'a [(String, String)],
}

/// An adapter ready for upload.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// `index.js`, `adapter.js`, `adapter.js.map` (absent when there is no code at all), then WebAssembly modules by name.
    pub modules: Vec<Module>,
    /// Name of the module whose default export the runtime calls: [`MAIN_MODULE`].
    pub main_module: String,
    /// Maps places in `adapter.js` to the author's sources.
    pub source_map: SourceMap,
    /// Bytes of all modules that are executed, source maps left out.
    pub size: u64,
    /// The same after gzip, which is what the platform's limits of 3 MiB and 10 MiB count.
    pub gzip_size: u64,
    /// What the bundler found odd, one line each.
    pub warnings: Vec<String>,
}

/// Bundles an adapter. The same sources give the same bytes, wherever the folder stands.
///
/// Must be called within a Tokio runtime; the work itself is done on threads of its own.
pub async fn bundle(request: Request<'_>) -> Result<Bundle, BundleError> {
    let (root, entry, overlay) = (request.root.to_path_buf(), request.entry.to_owned(), request.overlay.to_vec());
    let finished = tokio::task::spawn_blocking(move || {
        let files = AdapterFiles::open(&root, &overlay)?;
        // A pool for each bundle: rolldown runs parallel work on the pool it is called from, and a shared one could
        // begin a second bundle's event loop inside the first one's.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(2)
            .stack_size(STACK_BYTES)
            .thread_name(|_| "patchbay-bundle".into())
            .build()
            .map_err(|error| BundleError::Internal { reason: error.to_string() })?;
        pool.install(|| bundle_files(&files, &entry))
    });
    finished.await.unwrap_or_else(|error| Err(BundleError::Internal { reason: error.to_string() }))
}

fn bundle_files(files: &AdapterFiles, entry: &str) -> Result<Bundle, BundleError> {
    let entry_path = AdapterFiles::relative(&Path::new(VIRTUAL_ROOT).join(entry))
        .filter(|_| !Path::new(entry).is_absolute())
        .ok_or_else(|| BundleError::LeavesFolder { path: entry.to_owned() })?;
    if !files.has_file(&entry_path) {
        let refusal = files.take_refusals().into_iter().next();
        return Err(refusal.unwrap_or_else(|| BundleError::EntryMissing { entry: entry.to_owned() }));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|error| BundleError::Internal { reason: error.to_string() })?;
    let imports = Imports::new(files.clone());
    let wasm = imports.collected();
    let output = runtime.block_on(generate(files, &entry_path, imports));
    let output = output.map_err(|diagnostics| failures::build_error(diagnostics, files))?;
    failures::missing_packages(&output.warnings, files)?;
    assemble(&output, files, wasm)
}

async fn generate(files: &AdapterFiles, entry: &str, imports: Imports) -> BuildResult<BundleOutput> {
    let mut factory = BundleFactory::new(BundleFactoryOptions {
        bundler_options: options(entry),
        plugins: vec![Arc::new(imports)],
        session: None,
        disable_tracing_setup: true,
    })?;
    let resolver = Resolver::new(
        files.clone(),
        PathBuf::from(VIRTUAL_ROOT),
        Platform::Neutral,
        &TsConfig::Auto(false),
        resolve_options(),
    );
    factory.create_bundle_with_fs(files.clone(), Arc::new(resolver)).generate().await
}

fn options(entry: &str) -> BundlerOptions {
    BundlerOptions {
        input: Some(vec![InputItem { name: Some("adapter".into()), import: format!("./{entry}") }]),
        cwd: Some(PathBuf::from(VIRTUAL_ROOT)),
        external: Some(IsExternal::Fn(Some(Arc::new(|specifier, _, _| {
            let external = is_runtime_module(specifier);
            Box::pin(async move { Ok(external) })
        })))),
        platform: Some(Platform::Neutral),
        file: Some(ADAPTER_MODULE.into()),
        format: Some(OutputFormat::Esm),
        sourcemap: Some(SourceMapType::File),
        code_splitting: Some(CodeSplittingMode::Bool(false)),
        module_types: Some(
            [("mts", ModuleType::Ts), ("cts", ModuleType::Ts), ("txt", ModuleType::Text), ("html", ModuleType::Text)]
                .into_iter()
                .map(|(extension, kind)| (extension.to_owned(), kind))
                .collect(),
        ),
        resolve: Some(resolve_options()),
        // A tsconfig.json above the adapter's folder would change the output from machine to machine.
        tsconfig: Some(TsConfig::Auto(false)),
        log_level: Some(LogLevel::Warn),
        ..BundlerOptions::default()
    }
}

fn resolve_options() -> ResolveOptions {
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    ResolveOptions {
        // The conditions under which packages publish what runs on Workers, best first.
        condition_names: words(&["workerd", "worker", "browser"]),
        extensions: words(&[".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx", ".json"]),
        main_fields: words(&["module", "main"]),
        ..ResolveOptions::default()
    }
}

fn assemble(output: &BundleOutput, files: &AdapterFiles, wasm: CollectedWasm) -> Result<Bundle, BundleError> {
    let content = |name: &str| {
        let found = output.assets.iter().find(|asset| asset.filename() == name);
        found.map(|asset| Bytes::copy_from_slice(asset.content_as_bytes()))
    };
    let missing = |name: &str| BundleError::Internal { reason: format!("it did not write `{name}`") };
    let map_name = format!("{ADAPTER_MODULE}.map");
    let code = content(ADAPTER_MODULE).ok_or_else(|| missing(ADAPTER_MODULE))?;
    if let Some(chunk) =
        output.assets.iter().find(|asset| matches!(asset, Output::Chunk(chunk) if &*chunk.filename != ADAPTER_MODULE))
    {
        return Err(BundleError::Internal { reason: format!("it split off `{}`", chunk.filename()) });
    }
    let mut modules =
        vec![runtime::main_module(), Module { name: ADAPTER_MODULE.into(), kind: ModuleKind::EsModule, content: code }];
    // A file without any code has no map.
    modules.extend(content(&map_name).map(|content| Module { name: map_name, kind: ModuleKind::SourceMap, content }));
    modules.extend(wasm.into_modules());
    let source_map = SourceMap::from_modules(&modules)?;
    let executed = modules.iter().filter(|module| module.kind != ModuleKind::SourceMap);
    let (mut size, mut gzip_size) = (0, 0);
    for module in executed {
        size += module.content.len() as u64;
        gzip_size += gzip_length(&module.content)?;
    }
    let mut warnings: Vec<String> =
        output.warnings.iter().map(|diagnostic| failures::warning(diagnostic, files)).collect();
    warnings.sort();
    warnings.dedup();
    Ok(Bundle { modules, main_module: MAIN_MODULE.into(), source_map, size, gzip_size, warnings })
}

fn gzip_length(content: &[u8]) -> Result<u64, BundleError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let compressed = encoder.write_all(content).and_then(|()| encoder.finish());
    compressed.map(|bytes| bytes.len() as u64).map_err(|error| BundleError::Internal { reason: error.to_string() })
}
