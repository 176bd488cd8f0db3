//! What is said about folders that are wrong.

use crate::folder::AdapterFolder;
use patchbay_bundle::{BundleError, LARGEST_SOURCE};
use patchbay_core::Hints as _;
use std::fs::File;

fn folder_with_entry(text: &str) -> AdapterFolder {
    AdapterFolder::new(&[("src/adapter.ts", text)])
}

#[test]
fn a_syntax_error_shows_its_line() {
    let error =
        folder_with_entry("export default {\n  async fetch(request) {\n    const a = '🦊'; retrun a;\n  },\n};\n")
            .refusal();
    let BundleError::Syntax { problems } = &error else { panic!("{error:?}") };
    assert_eq!(problems[0].file, "src/adapter.ts");
    assert_eq!(problems[0].position.map(|place| (place.line, place.column)), Some((3, 27)), "{error}");
    assert!(problems[0].frame.contains("> 3 |     const a = '🦊'; retrun a;"), "{error}");
    assert!(error.to_string().starts_with("Syntax error at src/adapter.ts:3:27: "), "{error}");
}

#[test]
fn a_missing_package_names_the_importer_and_the_way_out() {
    let folder = AdapterFolder::new(&[
        ("src/adapter.ts", "import { send } from './send';\nexport default { fetch: () => ({ send }) };\n"),
        (
            "src/send.ts",
            "import { Client } from '@notionhq/client/build';\nimport b from 'missing';\nexport const send = [Client, b];\n",
        ),
    ]);
    let error = folder.refusal();
    let BundleError::Unresolved { imports } = &error else { panic!("{error:?}") };
    let found: Vec<_> = imports
        .iter()
        .map(|import| (import.specifier.as_str(), import.importer.as_str(), import.position.map(|place| place.line)))
        .collect();
    assert_eq!(found, [("@notionhq/client/build", "src/send.ts", Some(1)), ("missing", "src/send.ts", Some(2))]);
    let text = error.to_string();
    assert!(text.contains("The package `@notionhq/client/build` that src/send.ts:1:"), "{text}");
    assert!(error.hints()[0].contains("npm install @notionhq/client missing`"), "{:?}", error.hints());
    assert!(error.hints()[1].contains("never in a folder above"), "{:?}", error.hints());
}

#[test]
fn a_missing_file_names_the_importer() {
    let error = folder_with_entry("import a from './missing';\nexport default { fetch: () => ({ a }) };\n").refusal();
    let text = error.to_string();
    assert!(
        text.starts_with("The file `./missing` that src/adapter.ts:1:15 imports is not in the adapter's folder\n"),
        "{text}"
    );
    assert!(text.contains("> 1 | import a from './missing';"), "{text}");
    assert!(error.hints()[0].contains("spelling"), "{:?}", error.hints());
}

#[test]
fn packages_above_the_adapters_folder_do_not_exist() {
    let above = AdapterFolder::new(&[
        ("node_modules/above/package.json", r#"{"name":"above","version":"1.0.0","main":"index.js"}"#),
        ("node_modules/above/index.js", "module.exports = 1;\n"),
        ("adapter/src/adapter.ts", "import above from 'above';\nexport default { fetch: () => ({ above }) };\n"),
    ]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let root = above.path().join("adapter");
    let request = patchbay_bundle::Request { root: &root, entry: "src/adapter.ts", overlay: &[] };
    let error = runtime.block_on(patchbay_bundle::bundle(request)).expect_err("the package is not the adapter's");
    assert!(matches!(error, BundleError::Unresolved { .. }), "{error:?}");
}

#[test]
fn an_entry_that_is_missing_is_named() {
    let folder = folder_with_entry("");
    let error = folder.bundle_entry("src/other.ts", &[]).expect_err("there is no such file");
    assert_eq!(error.to_string(), "The entry file `src/other.ts` does not exist in the adapter's folder");
    assert!(error.hints()[0].contains("adapter.toml"));
    for entry in ["../src/adapter.ts", "/etc/passwd", "src/../../x.ts"] {
        let error = folder.bundle_entry(entry, &[]).expect_err(entry);
        assert!(matches!(error, BundleError::LeavesFolder { .. }), "{entry}: {error:?}");
    }
    let error = folder.bundle_entry("src", &[]).expect_err("a folder is no entry");
    assert!(matches!(error, BundleError::EntryMissing { .. }), "{error:?}");
}

#[test]
fn imports_do_not_leave_the_folder() {
    let folder = AdapterFolder::new(&[
        (
            "adapter/src/adapter.ts",
            "import secret from '../../secret.json';\nexport default { fetch: () => ({ secret }) };\n",
        ),
        (
            "adapter/src/linked.ts",
            "import secret from './secret.json';\nexport default { fetch: () => ({ secret }) };\n",
        ),
        ("secret.json", "{}"),
    ]);
    let root = folder.path().join("adapter");
    folder.link("../../secret.json", "adapter/src/secret.json");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    for (entry, path) in [("src/adapter.ts", "../../secret.json"), ("src/linked.ts", "src/secret.json")] {
        let request = patchbay_bundle::Request { root: &root, entry, overlay: &[] };
        let error = runtime.block_on(patchbay_bundle::bundle(request)).expect_err(entry);
        assert_eq!(
            error.to_string(),
            format!("`{path}` leads out of the adapter's folder; only files inside it are bundled")
        );
    }
}

#[test]
fn a_huge_source_is_refused_without_reading_it() {
    let folder = folder_with_entry("import './huge';\nexport default { fetch: () => ({}) };\n");
    let huge = File::create(folder.path().join("src/huge.ts")).expect("the file can be made");
    huge.set_len(LARGEST_SOURCE * 50).expect("the file can be long");
    let started = std::time::Instant::now();
    let error = folder.refusal();
    let BundleError::TooLarge { path, length, .. } = &error else { panic!("{error:?}") };
    assert_eq!((path.as_str(), *length), ("src/huge.ts", LARGEST_SOURCE * 50));
    assert!(started.elapsed().as_secs() < 5, "a gigabyte of it was read");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let folder = folder_with_entry("import './bytes';\nexport default { fetch: () => ({}) };\n");
    folder.write("src/bytes.ts", b"const a = '\xff\xfe';");
    let error = folder.refusal();
    assert_eq!(error.to_string(), "`src/bytes.ts` is not UTF-8 text: byte 11 does not belong to a character");
}

#[test]
fn a_name_that_is_not_exported_is_named() {
    let folder = AdapterFolder::new(&[
        ("src/adapter.ts", "import { mapField } from './map';\nexport default { fetch: () => ({ m: mapField() }) };\n"),
        ("src/map.ts", "export const mapFields = () => 1;\n"),
    ]);
    let error = folder.refusal();
    assert!(matches!(error, BundleError::Build { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("src/adapter.ts:1:") && text.contains("mapField"), "{text}");
    assert!(!text.contains("/adapter/"), "the made-up root must not be shown: {text}");
}

#[test]
fn nothing_that_a_file_holds_ends_the_process() {
    let deep = |unit: &str| unit.repeat(100_000);
    for text in [deep("["), deep("!"), deep("a?"), deep("if(1)"), deep("`${"), deep("new "), deep("a+"), deep("(")] {
        let error = folder_with_entry(&text).refusal();
        assert!(matches!(error, BundleError::NestsTooDeep { .. }), "{error:?}");
    }
    for text in [
        "\0",
        "\u{feff}",
        "\u{2028}",
        "}",
        "/*",
        "`",
        "#!",
        "@",
        "export default",
        "import x from",
        "export * from './adapter'",
    ] {
        // What matters is that an answer comes.
        if let Err(error) = folder_with_entry(text).bundle_entry("src/adapter.ts", &[]) {
            assert!(!matches!(error, BundleError::Internal { .. }), "{text:?}: {error:?}");
        }
    }
}

#[test]
fn code_that_nests_as_deep_as_is_allowed_is_bundled() {
    for (open, close) in [("[", "]"), ("(", ")"), ("!", ""), ("x?", ":0"), ("-", ""), ("f(", ")"), ("()=>", "")] {
        let count = 900;
        let middle = if open == "(" || open == "[" { "1" } else { "x" };
        let text = format!(
            "const x = 1, f = (y) => y;\nexport default {}{middle}{};\n",
            format!("{open} ").repeat(count),
            close.repeat(count)
        );
        let error = folder_with_entry(&text).bundle_entry("src/adapter.ts", &[]).err();
        assert!(error.is_none(), "{open} × {count}: {error:?}");
    }
}
