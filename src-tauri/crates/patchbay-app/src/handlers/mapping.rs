//! The field mapping: previewed, and changed an entry at a time.

use crate::app::App;
use crate::wire::adapter::FileWritten;
use crate::wire::error::WireError;
use crate::wire::mapping::{MappingPreview, MappingPreviewRequest, MappingSetRequest};
use crate::{mapping, typings};
use patchbay_core::AdapterRef;
use patchbay_workspace::{Expected, Revision};
use std::sync::Arc;

/// What each field will hold for a sample, without publishing.
pub async fn mapping_preview(app: &Arc<App>, request: MappingPreviewRequest) -> Result<MappingPreview, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    mapping::preview(app, &adapter, &request)
}

/// Sets or removes an entry of `[mapping]`; the rest of `adapter.toml`, comments included, stays.
pub async fn mapping_set(app: &Arc<App>, request: MappingSetRequest) -> Result<FileWritten, WireError> {
    let adapter = AdapterRef { tenant: request.tenant.parse()?, adapter: request.adapter.parse()? };
    let expected = Expected::Revision(Revision::from_text(request.revision));
    let open = app.workspace()?;
    let revision = open.workspace.set_mapping_entry(&adapter, &request.field, request.entry.as_ref(), &expected)?;
    typings::refresh(&open, &adapter)?;
    Ok(FileWritten { path: "adapter.toml".into(), revision: revision.as_str().to_owned() })
}
