//! The one window. It shows the user interface that is built into this program and nothing else.

use tauri::{App, Url, WebviewWindowBuilder};

/// Whether there is something to draw on. GTK would end the program with a stack trace.
#[cfg(target_os = "linux")]
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Other systems always have one.
#[cfg(not(target_os = "linux"))]
pub fn has_display() -> bool {
    true
}

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
