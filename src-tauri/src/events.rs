//! What the core says without being asked, carried to the window.

use patchbay_app::wire::events::AppEvent;
use tauri::{AppHandle, Emitter as _, Wry};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Name of the one event that the window listens to.
const APP_EVENT: &str = "app_event";

/// Forwards every event until the core is gone.
pub fn forward(mut events: Receiver<AppEvent>, desktop: AppHandle<Wry>) {
    tauri::async_runtime::spawn(async move {
        loop {
            match events.recv().await {
                // A window that is closing cannot be told any more, and need not be.
                Ok(event) => drop(desktop.emit(APP_EVENT, event)),
                // Missed events are gone; the next ones still matter.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}
