//! Builds the crate anew when a file is added under `templates/`: the embedding macro only sees changes of known files.

fn main() {
    for folder in ["adapters", "modules", "platform"] {
        println!("cargo:rerun-if-changed=../../../templates/{folder}");
    }
}
