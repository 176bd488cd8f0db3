//! The rules of ARCHITECTURE.md, asserted: who may depend on whom, and who may name which library.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

const ENGINES: [&str; 11] = [
    "workspace",
    "templates",
    "lint",
    "bundle",
    "secrets",
    "cloudflare",
    "platform",
    "mapping",
    "webhooks",
    "upstream",
    "replay",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Workspace packages with their dependencies, dev-dependencies left out.
fn direct_dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().expect("members").iter().filter_map(Value::as_str).collect();
    metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .filter(|package| members.contains(package["id"].as_str().expect("id")))
        .map(|package| {
            let dependencies = package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .map(|dependency| dependency["name"].as_str().expect("name").to_owned())
                .collect();
            (package["name"].as_str().expect("name").to_owned(), dependencies)
        })
        .collect()
}

#[test]
fn engines_know_only_what_is_below_them() {
    let dependencies = direct_dependencies(&metadata());
    for engine in ENGINES {
        let name = format!("patchbay-{engine}");
        let ours: BTreeSet<&str> =
            dependencies[&name].iter().map(String::as_str).filter(|name| name.starts_with("patchbay-")).collect();
        // Who keeps a database opens it in one way.
        let mut allowed = BTreeSet::from(["patchbay-core", "patchbay-database"]);
        if engine == "platform" {
            // The wire types of Cloudflare's API are shared by its client and our server.
            allowed.insert("patchbay-cloudflare");
        }
        assert!(ours.is_subset(&allowed), "{name} may depend on {allowed:?} only, it has {ours:?}");
    }
}

#[test]
fn the_core_knows_nobody_and_shells_know_only_the_app() {
    let dependencies = direct_dependencies(&metadata());
    let ours = |package: &str| -> BTreeSet<&str> {
        dependencies[package].iter().map(String::as_str).filter(|name| name.starts_with("patchbay-")).collect()
    };
    assert!(ours("patchbay-core").is_empty(), "patchbay-core has no dependency of ours");
    assert_eq!(ours("patchbay-database"), BTreeSet::from(["patchbay-core"]));
    assert_eq!(ours("patchbay-cli"), BTreeSet::from(["patchbay-app", "patchbay-core"]));
    assert!(ours("patchbay-desktop").is_subset(&BTreeSet::from(["patchbay-app", "patchbay-core"])));
}

#[test]
fn each_large_library_has_one_room() {
    let rooms: [(&str, &[&str]); 10] = [
        ("tauri", &["patchbay-desktop"]),
        ("reqwest", &["patchbay-cloudflare", "patchbay-replay"]),
        ("keyring", &["patchbay-secrets"]),
        ("rusqlite", &["patchbay-database", "patchbay-platform", "patchbay-replay"]),
        ("axum", &["patchbay-platform", "patchbay-cli"]),
        ("clap", &["patchbay-cli"]),
        ("oxc", &["patchbay-lint", "patchbay-bundle"]),
        ("rolldown", &["patchbay-bundle"]),
        ("toml_edit", &["patchbay-workspace"]),
        ("ts-rs", &["patchbay-app"]),
    ];
    let dependencies = direct_dependencies(&metadata());
    for (library, allowed) in rooms {
        for (package, has) in &dependencies {
            assert!(
                !has.contains(library) || allowed.contains(&package.as_str()),
                "{package} depends on {library}, only {allowed:?} may"
            );
        }
    }
}

#[test]
fn one_oxc_and_one_rolldown_are_locked() {
    let packages = metadata()["packages"].as_array().expect("packages").clone();
    let versions_of = |wanted: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        packages
            .iter()
            .filter(|package| wanted(package["name"].as_str().expect("name")))
            .map(|package| package["version"].as_str().expect("version").to_owned())
            .collect()
    };
    assert_eq!(versions_of(&|name| name == "oxc"), BTreeSet::from(["0.146.0".to_owned()]));
    let rolldown = versions_of(&|name| name == "rolldown" || name.starts_with("rolldown_") || name == "string_wizard");
    assert_eq!(rolldown, BTreeSet::from(["1.2.5".to_owned()]), "their requirements float, the lock file holds them");
}

#[test]
fn every_dependency_has_a_licence_that_deny_toml_allows() {
    let deny = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml can be read");
    let allowed: BTreeSet<&str> = deny
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .expect("deny.toml lists licences")
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    let mut refused = Vec::new();
    for package in metadata()["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("name");
        let Some(expression) = package["license"].as_str() else {
            refused.push(format!("{name}: no licence"));
            continue;
        };
        // `A OR B` needs one allowed side, `A AND B` both; `/` is the old spelling of OR.
        let holds = expression
            .replace('/', " OR ")
            .split(" OR ")
            .any(|side| side.split(" AND ").all(|licence| allowed.contains(licence.trim().trim_matches(['(', ')']))));
        if !holds {
            refused.push(format!("{name}: {expression}"));
        }
    }
    assert!(refused.is_empty(), "these licences are not in deny.toml: {refused:#?}");
}

/// Files below a folder of the project that a person wrote.
fn sources(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "node_modules" | "dist" | "target" | "generated" | "output" | "gen") {
                    open.push(path);
                }
            } else if extensions.iter().any(|extension| name.ends_with(extension)) {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

#[test]
fn the_ui_names_tauri_and_monaco_in_one_place_each() {
    for path in sources("ui/src", &[".ts", ".svelte"]) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let shown = path.strip_prefix(root()).expect("below the root").display().to_string();
        assert!(
            !text.contains("@tauri-apps/") || shown == "ui/src/ipc/tauri.ts",
            "{shown} names @tauri-apps; only ui/src/ipc/tauri.ts may"
        );
        assert!(
            !text.contains("'monaco-editor") && !text.contains("\"monaco-editor")
                || shown.starts_with("ui/src/editor/"),
            "{shown} names monaco-editor; only ui/src/editor/ may"
        );
    }
}

#[test]
fn a_feature_of_the_ui_does_not_import_another() {
    for path in sources("ui/src/features", &[".ts", ".svelte"]) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        let below = path.strip_prefix(root().join("ui/src/features")).expect("below features");
        let own = below.components().next().expect("a feature has a folder").as_os_str().to_string_lossy().into_owned();
        for line in text.lines().filter(|line| line.contains("from '") || line.contains("from \"")) {
            let named = line.split("features/").nth(1);
            let sibling = line
                .split("'../")
                .nth(1)
                .filter(|rest| !rest.starts_with(".."))
                .map(|rest| rest.split('/').next().unwrap_or(""));
            let other = named.and_then(|rest| rest.split('/').next()).or(sibling);
            assert!(other.is_none_or(|other| other == own), "{} imports another feature: {line}", below.display());
        }
    }
}

#[test]
fn rust_files_stay_readable() {
    let mut lengths: Vec<(usize, String)> = sources("src-tauri", &[".rs"])
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a source can be read");
            (text.lines().count(), path.strip_prefix(root()).expect("below the root").display().to_string())
        })
        .collect();
    lengths.sort();
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= 150, "the median file has {median} lines, 150 is the house's bound");
    let largest = lengths.last().expect("there are files");
    assert!(largest.0 <= 700, "{} has {} lines, 700 is the bound", largest.1, largest.0);
}

#[test]
fn the_top_level_is_the_house() {
    let output = Command::new("git").args(["ls-files"]).current_dir(root()).output().expect("git runs");
    let folders: BTreeSet<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|path| path.split_once('/').map(|(folder, _)| folder.to_owned()))
        .collect();
    let house = ["src-tauri", "ui", "templates", "tests", ".ci"].map(str::to_owned);
    assert!(folders.iter().all(|folder| house.contains(folder)), "folders outside the house: {folders:?}");
}
