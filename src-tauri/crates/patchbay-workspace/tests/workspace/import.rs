//! Collecting a customer's existing Worker.

use patchbay_core::Hints;
use patchbay_testkit::TempWorkspace;
use patchbay_workspace::{WorkspaceError, collect_import};

#[test]
fn a_file_is_imported_with_what_it_imports_and_nothing_else() {
    let folder = TempWorkspace::empty();
    folder.write(
        "code/worker.js",
        "import { map } from './lib/map.js';\nimport \"./polyfill\";\n// import './unused.js'\nconst { x } = await import(\"./data.json\");\nimport z from 'zod';\nexport default {};\n",
    );
    folder.write("code/lib/map.ts", "export * from '../shared';\nimport './gone.js';");
    folder.write("code/shared/index.mjs", "");
    folder.write("code/polyfill.js", "import '../code/worker.js'");
    folder.write("code/data.json", "{}");
    folder.write("code/unused.js", "");
    folder.write("outside.js", "");
    let imported = collect_import(&folder.join("code/worker.js")).expect("collected");
    assert_eq!(imported.entry, "worker.js");
    let paths: Vec<&str> = imported.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["data.json", "lib/map.ts", "polyfill.js", "shared/index.mjs", "worker.js"]);

    folder.write("code/worker.js", "import '../outside.js';");
    let error = collect_import(&folder.join("code/worker.js")).expect_err("leads out");
    assert!(matches!(error, WorkspaceError::ImportOutside { .. }), "{error:?}");
    let error = collect_import(&folder.join("code/data.json")).expect_err("no source");
    assert!(matches!(error, WorkspaceError::NothingToImport { .. }), "{error:?}");
    let error = collect_import(&folder.join("nowhere.js")).expect_err("missing");
    assert!(error.to_string().contains("nowhere.js"), "{error}");
}

#[test]
fn a_folder_is_imported_whole_and_its_entry_is_found() {
    let folder = TempWorkspace::empty();
    folder.write("a/node_modules/zod/index.js", "");
    folder.write("a/one.ts", "");
    let imported = collect_import(&folder.join("a")).expect("collected");
    assert_eq!((imported.entry.as_str(), imported.skipped), ("one.ts", vec!["node_modules".to_owned()]));
    folder.write("a/two.ts", "");
    let error = collect_import(&folder.join("a")).expect_err("which one");
    assert_eq!(error.hints(), ["Name one of them: one.ts, two.ts"]);
    folder.write("a/package.json", "{ \"main\": \"./two.ts\" }");
    assert_eq!(collect_import(&folder.join("a")).expect("collected").entry, "two.ts");
    folder.write("b/readme.md", "");
    assert!(matches!(collect_import(&folder.join("b")), Err(WorkspaceError::NothingToImport { .. })));
}
