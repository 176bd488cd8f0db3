//! Adapters: making, importing, reading, editing, linting.

use crate::app::{App, OpenWorkspace};
use crate::linting;
use crate::wire::adapter::{
    AdapterDetail, AdapterImportRequest, AdapterImported, AdapterKey, AdapterLintRequest, AdapterNewRequest,
    FileWriteRequest, FileWritten, LintReport, SourceFile,
};
use crate::wire::error::WireError;
use crate::wire::sample::SampleList;
use crate::{bindings, importing, samples, typings};
use patchbay_core::AdapterRef;
use patchbay_workspace::{Expected, Revision};
use std::path::Path;
use std::sync::Arc;

/// Makes an adapter from a template.
pub async fn adapter_new(app: &Arc<App>, request: AdapterNewRequest) -> Result<AdapterDetail, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    create_from_template(&*app.workspace()?, &adapter, &request.template)?;
    detail(app, &adapter).await
}

/// Writes a template's files as a new adapter, and what it brings to simulate its upstreams into the workspace.
pub(crate) fn create_from_template(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    template: &str,
) -> Result<(), WireError> {
    let files: Vec<(String, Vec<u8>)> =
        patchbay_templates::files_of(template)?.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    open.workspace.create_adapter(adapter, &files)?;
    for (name, text) in patchbay_templates::upstream_documents_of(template)? {
        open.workspace.add_upstream_document(name, text)?;
    }
    typings::refresh(open, adapter)
}

/// Brings a customer's code in.
pub async fn adapter_import(app: &Arc<App>, request: AdapterImportRequest) -> Result<AdapterImported, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    importing::import(&*app.workspace()?, &adapter, Path::new(&request.path))
}

/// Everything that the editor opens with.
pub async fn adapter_read(app: &Arc<App>, key: AdapterKey) -> Result<AdapterDetail, WireError> {
    detail(app, &key.parse()?).await
}

/// Lints the files on disk, with unsaved texts in their place.
pub async fn adapter_lint(app: &Arc<App>, request: AdapterLintRequest) -> Result<LintReport, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    linting::lint_adapter(app, &adapter, &request.overlays)
}

/// Writes a file, unless it changed on disk since it was read.
pub async fn file_write(app: &Arc<App>, request: FileWriteRequest) -> Result<FileWritten, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let expected = match request.revision {
        Some(revision) => Expected::Revision(Revision::from_text(revision)),
        None => Expected::Absent,
    };
    let open = app.workspace()?;
    let revision = open.workspace.write_adapter_file(&adapter, &request.path, request.text.as_bytes(), &expected)?;
    // What is typed half cannot be read yet; the types follow when it can.
    if request.path == "adapter.toml" && open.workspace.adapter(&adapter).is_ok() {
        typings::refresh(&open, &adapter)?;
    }
    Ok(FileWritten { path: request.path, revision: revision.as_str().to_owned() })
}

/// Names of an adapter's samples, the most telling first.
pub fn sample_names(app: &Arc<App>, key: &AdapterKey) -> Result<Vec<String>, WireError> {
    let adapter = key.parse()?;
    let open = app.workspace()?;
    open.workspace.adapter(&adapter)?;
    crate::replaying::samples_in_telling_order(&open, &adapter)
}

async fn detail(app: &Arc<App>, adapter: &AdapterRef) -> Result<AdapterDetail, WireError> {
    let open = app.workspace()?;
    let file = open.workspace.adapter(adapter)?;
    let mut warnings: Vec<String> = file.warnings.iter().map(ToString::to_string).collect();
    let (files, unreadable) = text_files(&open, adapter)?;
    warnings.extend(unreadable);
    let SampleList { samples, problems } = samples::list(&open, adapter)?;
    warnings.extend(problems);
    Ok(AdapterDetail {
        key: AdapterKey::from(adapter),
        script: adapter.script_name().to_string(),
        provider: file.manifest.provider.clone(),
        entry: file.manifest.entry.clone(),
        files,
        bindings: bindings::status(app, adapter).await?,
        samples,
        env_types: patchbay_lint::env_types(&file.manifest),
        warnings,
    })
}

/// Files that a person edits as text, and remarks about those that are not text.
fn text_files(open: &OpenWorkspace, adapter: &AdapterRef) -> Result<(Vec<SourceFile>, Vec<String>), WireError> {
    let mut files = Vec::new();
    let mut remarks = Vec::new();
    for listed in open.workspace.adapter_files(adapter)?.files {
        let is_shown = listed.path.starts_with("src/")
            || matches!(listed.path.as_str(), "adapter.toml" | "README.md" | "package.json");
        if !is_shown {
            continue;
        }
        match open.workspace.read_adapter_file(adapter, &listed.path) {
            Ok(content) => match String::from_utf8(content.bytes) {
                Ok(text) => {
                    files.push(SourceFile { path: listed.path, text, revision: content.revision.as_str().to_owned() });
                }
                Err(_) => remarks.push(format!("{} is not text and is not shown", listed.path)),
            },
            Err(error) => remarks.push(error.to_string()),
        }
    }
    Ok((files, remarks))
}
