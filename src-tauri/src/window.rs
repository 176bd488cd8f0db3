//! The one window. It shows the user interface that is built into this program and nothing else.

use tauri::{App, Url, WebviewWindowBuilder};

/// Opens the window that the configuration describes.
pub fn open(desktop: &App) -> tauri::Result<()> {
    for config in &desktop.config().app.windows {
        WebviewWindowBuilder::from_config(desktop, config)?.on_navigation(is_own_page).build()?;
    }
    Ok(())
}

/// Whether an address is the built-in page. Code and webhooks on the screen are only text, so nothing should ever lead
/// elsewhere; if something does, the window stays where it is.
fn is_own_page(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost") || is_development_server(url)
}

#[cfg(feature = "custom-protocol")]
fn is_development_server(_: &Url) -> bool {
    false
}

#[cfg(not(feature = "custom-protocol"))]
fn is_development_server(url: &Url) -> bool {
    url.host_str() == Some("localhost")
}
