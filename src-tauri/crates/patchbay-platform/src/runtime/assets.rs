//! The assets of versions, for the processes that serve them.

use super::Runtime;
use super::placement::owner;
use crate::assets::{ASSET_WORKER, VersionAssets, encoded};
use crate::error::PlatformError;
use crate::store::assets::Asset;
use crate::store::{Change, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;

impl Runtime {
    /// The asset worker's code, configuration and manifest for a version, for a process that may have them.
    pub(crate) async fn assets_for(
        self: &Arc<Self>,
        asking: &str,
        namespace: String,
        script: String,
        version: String,
    ) -> Result<Option<Value>, PlatformError> {
        let asking = asking.to_owned();
        self.store
            .change(move |change| {
                let Some(assets) = allowed(change, &asking, &namespace, &script, &version)? else { return Ok(None) };
                let Some(found) = change.version(&version)? else { return Ok(None) };
                let mut config = assets.config.worker;
                config.insert("compatibility_date".into(), json!(found.details.compatibility_date));
                config.insert("compatibility_flags".into(), json!(found.details.compatibility_flags));
                let manifest = STANDARD.encode(encoded(&change.manifest(&assets.manifest)?));
                Ok(Some(json!({ "worker": ASSET_WORKER, "config": config, "manifest": manifest })))
            })
            .await
    }

    /// A file of a version's assets, for a process that may have it.
    pub(crate) async fn asset_for(
        self: &Arc<Self>,
        asking: &str,
        namespace: String,
        script: String,
        version: String,
        hash: String,
    ) -> Result<Option<Asset>, PlatformError> {
        let asking = asking.to_owned();
        self.store
            .change(move |change| match allowed(change, &asking, &namespace, &script, &version)? {
                Some(assets) => change.asset(&assets.manifest, &hash),
                None => Ok(None),
            })
            .await
    }
}

/// The assets of a version, when it is one of a script of the owner that asks.
fn allowed(
    change: &Change<'_>,
    asking: &str,
    namespace: &str,
    script: &str,
    version: &str,
) -> Result<Option<VersionAssets>, StoreError> {
    let Some((_, tags)) = change.live_version(namespace, script)? else { return Ok(None) };
    if owner(namespace, script, &tags) != asking || !change.belongs(namespace, script, version)? {
        return Ok(None);
    }
    change.assets_of(version)
}
