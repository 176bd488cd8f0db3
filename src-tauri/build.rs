//! Tells Tauri the one command that the window may call; a capability has to name it before a page can.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["rpc"]);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))
        .expect("the Tauri configuration is valid");
}
