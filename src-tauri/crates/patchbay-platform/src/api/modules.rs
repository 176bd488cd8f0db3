//! Modules of an upload: their kinds, names and size.

use super::limits::check_module_name;
use super::parts::Part;
use super::refusal::Refusal;
use flate2::Compression;
use flate2::write::GzEncoder;
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::module::kind_of_content_type;
use patchbay_core::{Module, ModuleKind};
use serde_json::Value;
use std::io::Write as _;

/// Modules of a script together after gzip, as on a paid plan.
const LARGEST_SCRIPT: usize = 10 << 20;

/// The modules of an upload with their entry first, in which kind the entry is.
pub(super) async fn read(parts: Vec<Part>, entry: &str, entry_kind: ModuleKind) -> Result<Vec<Module>, Refusal> {
    let modules = parts.into_iter().map(|part| module(part, entry, entry_kind)).collect::<Result<Vec<_>, _>>()?;
    check_names(&modules)?;
    let mut modules = check_size(modules).await?;
    // The loader and `GET …/content` want the entry first; the others keep their order.
    modules.sort_by_key(|module| module.name != entry);
    Ok(modules)
}

fn refused(text: impl Into<String>) -> Refusal {
    Refusal::with(ApiCode::Validation, text)
}

fn module(part: Part, entry: &str, entry_kind: ModuleKind) -> Result<Module, Refusal> {
    let name = part.module_name().to_owned();
    let mut kind = match &part.content_type {
        Some(python) if python.trim_start().to_ascii_lowercase().starts_with("text/x-python") => {
            return Err(refused(format!(
                "The module \"{name}\" is Python ({python}), which is not served by the embedded platform; upload JavaScript."
            )));
        }
        Some(content_type) => kind_of_content_type(content_type).ok_or_else(|| {
            refused(format!("module files has unsupported Content-Type \"{content_type}\" for \"{name}\""))
        })?,
        None => ModuleKind::EsModule,
    };
    if name == entry {
        // Cloudflare's own examples label ES modules as plain JavaScript: the metadata decides what the entry is.
        if !matches!(kind, ModuleKind::EsModule | ModuleKind::CommonJs) {
            let content_type = part.content_type.unwrap_or_default();
            return Err(refused(format!(
                "The entry \"{name}\" has the Content-Type \"{content_type}\"; send it as application/javascript+module."
            )));
        }
        kind = entry_kind;
    }
    match kind {
        ModuleKind::EsModule | ModuleKind::CommonJs | ModuleKind::Text
            if std::str::from_utf8(&part.content).is_err() =>
        {
            return Err(refused(format!("The module \"{name}\" is not UTF-8 text.")));
        }
        ModuleKind::Json if serde_json::from_slice::<Value>(&part.content).is_err() => {
            return Err(refused(format!("The module \"{name}\" is not JSON.")));
        }
        _ => {}
    }
    Ok(Module { name, kind, content: part.content })
}

fn check_names(modules: &[Module]) -> Result<(), Refusal> {
    let mut names = std::collections::HashSet::new();
    for module in modules {
        check_module_name(&module.name)?;
        if !names.insert(&module.name) {
            return Err(refused(format!("The module \"{}\" is there twice.", module.name)));
        }
    }
    Ok(())
}

/// Gzip never makes a script noticeably larger, so only what is large to begin with needs to be squeezed.
async fn check_size(modules: Vec<Module>) -> Result<Vec<Module>, Refusal> {
    let size: usize = modules.iter().map(|module| module.content.len()).sum();
    if size <= LARGEST_SCRIPT {
        return Ok(modules);
    }
    let squeezed = tokio::task::spawn_blocking(move || (!is_too_large(&modules)).then_some(modules));
    let too_large = || Refusal::with(ApiCode::ScriptTooLarge, "Your Worker exceeded the size limit of 10 MiB.");
    squeezed.await.map_err(|_| ApiCode::Internal)?.ok_or_else(too_large)
}

fn is_too_large(modules: &[Module]) -> bool {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    modules.iter().flat_map(|module| module.content.chunks(1 << 18)).any(|chunk| {
        // Writing to memory cannot fail.
        let _ = encoder.write_all(chunk);
        encoder.get_ref().len() > LARGEST_SCRIPT
    })
}
