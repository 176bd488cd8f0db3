//! The one command of the window. The table of `patchbay-app` decides what it means.

use patchbay_app::App;
use patchbay_app::wire::error::WireError;
use serde_json::Value;
use std::sync::Arc;
use tauri::State;

/// Runs one command of the table.
#[tauri::command]
pub async fn rpc(app: State<'_, Arc<App>>, command: String, payload: Value) -> Result<Value, WireError> {
    patchbay_app::dispatch(&app, &command, payload).await
}
