//! `patchbay-desktop`: the window.

use std::process::ExitCode;

fn main() -> ExitCode {
    prefer_plain_rendering();
    patchbay_desktop::run()
}

/// `WebKitGTK`'s DMA-BUF renderer shows blank windows with some graphics drivers and costs about 120 MB where there is no
/// graphics card. Whoever sets the variable has the last word.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "`set_var` is sound before the first thread starts, and this is the first statement of `main`"
)]
fn prefer_plain_rendering() {
    const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(VARIABLE).is_none() {
        // SAFETY: no other thread exists yet that could read the environment meanwhile.
        unsafe { std::env::set_var(VARIABLE, "1") };
    }
}

#[cfg(not(target_os = "linux"))]
fn prefer_plain_rendering() {}
