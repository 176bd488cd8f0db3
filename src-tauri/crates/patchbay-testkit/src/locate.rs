//! Where the programs under test are.

use std::env;
use std::path::{Path, PathBuf};

/// The `workerd` that npm installed, or the one that `PATCHBAY_WORKERD` names.
///
/// Searches `node_modules/@cloudflare/workerd-*/bin/workerd` upwards from the folder of the package that is tested. Cargo
/// says which at run time; what this crate was compiled in may be another clone that shares the build folder.
pub fn workerd_path() -> PathBuf {
    if let Some(named) = env::var_os("PATCHBAY_WORKERD") {
        let path = PathBuf::from(named);
        assert!(path.is_file(), "`PATCHBAY_WORKERD` names {}, which is not a file", path.display());
        return path;
    }
    let start = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    start.ancestors().find_map(workerd_in).unwrap_or_else(|| {
        panic!(
            "no workerd under any node_modules from {} upwards: run `make setup`, or set `PATCHBAY_WORKERD` to the program",
            start.display()
        )
    })
}

fn workerd_in(folder: &Path) -> Option<PathBuf> {
    let packages = folder.join("node_modules/@cloudflare");
    let mut found: Vec<PathBuf> = packages
        .read_dir()
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("workerd-"))
        .map(|entry| entry.path().join("bin/workerd"))
        .filter(|program| program.is_file())
        .collect();
    found.sort();
    found.into_iter().next()
}

/// The `patchbay` program that Cargo built beside the running test, `target/<profile>/patchbay`.
pub fn patchbay_binary() -> PathBuf {
    let test = env::current_exe().expect("a running test knows its own path");
    // Tests run from `target/<profile>/deps/`.
    let profile = test.parent().and_then(Path::parent).expect("a test binary lies two folders deep");
    let program = profile.join(format!("patchbay{}", env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is missing: build it first with `cargo build -p patchbay-cli` (`make test` does)",
        program.display()
    );
    program
}
