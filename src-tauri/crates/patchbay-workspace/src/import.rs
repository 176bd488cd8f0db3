//! Collecting a customer's existing Worker: one file with what it imports, or a whole folder.
//!
//! Only files are gathered here. Which names it reads from `env` and which hosts it calls is found by the lint crate.

use crate::adapter_files;
use crate::error::WorkspaceError;
use crate::files;
use crate::paths;
use std::collections::BTreeMap;
use std::path::{Component, Path};

/// Most bytes of all files together.
const TOTAL_MAX: usize = 64_000_000;

/// Extensions of files that may be an entry, in the order in which an import without extension is tried.
const SOURCES: [&str; 4] = ["ts", "mts", "js", "mjs"];

/// Names that an entry usually has, best first.
const ENTRY_STEMS: [&str; 8] =
    ["src/adapter", "adapter", "src/index", "index", "src/worker", "worker", "src/main", "main"];

/// What an import found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFiles {
    /// The entry's path among the files.
    pub entry: String,
    /// Path relative to what was imported, and bytes; by path.
    pub files: Vec<(String, Vec<u8>)>,
    /// What was left out, for people: `node_modules`, names that are not UTF-8, links that lead out.
    pub skipped: Vec<String>,
}

/// Collects the files of a Worker from a file or a folder.
pub fn collect_import(path: &Path) -> Result<ImportedFiles, WorkspaceError> {
    let place = paths::canonical(path)?;
    if place.is_dir() { collect_folder(&place) } else { collect_file(&place) }
}

fn collect_folder(folder: &Path) -> Result<ImportedFiles, WorkspaceError> {
    let listed = adapter_files::list(folder)?;
    let paths: Vec<&str> = listed.files.iter().map(|file| file.path.as_str()).collect();
    let entry = entry_of(folder, &paths)?;
    let mut collected = Collected::new(folder);
    for path in paths {
        collected.read(path)?;
    }
    Ok(ImportedFiles { entry, files: collected.files.into_iter().collect(), skipped: listed.skipped })
}

fn collect_file(file: &Path) -> Result<ImportedFiles, WorkspaceError> {
    let folder = file.parent().expect("a canonical file lies in a folder");
    let name = file.file_name().and_then(|name| name.to_str()).filter(|name| is_source(name));
    let Some(entry) = name else { return Err(WorkspaceError::NothingToImport { path: file.to_owned() }) };
    let mut collected = Collected::new(folder);
    let mut waiting = vec![entry.to_owned()];
    while let Some(path) = waiting.pop() {
        if collected.files.contains_key(&path) {
            continue;
        }
        collected.read(&path)?;
        if !is_source(&path) {
            continue;
        }
        let text = String::from_utf8(collected.files[&path].clone())
            .map_err(|_| WorkspaceError::NotText { path: folder.join(&path) })?;
        for specifier in relative_imports(&text) {
            match resolve(folder, &path, specifier) {
                Resolved::Inside(found) => waiting.push(found),
                Resolved::Outside => {
                    let specifier = specifier.to_owned();
                    return Err(WorkspaceError::ImportOutside { path: folder.join(&path), specifier });
                }
                // The bundler names a file that is missing, with its place in the source.
                Resolved::Missing => {}
            }
        }
    }
    Ok(ImportedFiles { entry: entry.to_owned(), files: collected.files.into_iter().collect(), skipped: Vec::new() })
}

struct Collected<'a> {
    folder: &'a Path,
    files: BTreeMap<String, Vec<u8>>,
    total: usize,
}

impl<'a> Collected<'a> {
    fn new(folder: &'a Path) -> Self {
        Self { folder, files: BTreeMap::new(), total: 0 }
    }

    fn read(&mut self, relative: &str) -> Result<(), WorkspaceError> {
        let place = paths::inside(self.folder, relative)?;
        let content = files::read(&place, files::SOURCE_MAX)?.unwrap_or_default();
        self.total += content.len();
        if self.total > TOTAL_MAX {
            return Err(WorkspaceError::TooMuch { path: self.folder.to_owned(), max: "64 MB" });
        }
        self.files.insert(relative.to_owned(), content);
        Ok(())
    }
}

fn is_source(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| SOURCES.contains(&extension)) && !path.ends_with(".d.ts")
}

fn entry_of(folder: &Path, files: &[&str]) -> Result<String, WorkspaceError> {
    let sources: Vec<&str> = files.iter().copied().filter(|path| is_source(path)).collect();
    for key in ["main", "module"] {
        if let Some(named) = named_in_package(folder, key)
            && sources.contains(&named.as_str())
        {
            return Ok(named);
        }
    }
    let usual = ENTRY_STEMS.iter().flat_map(|stem| SOURCES.map(|extension| format!("{stem}.{extension}")));
    if let Some(entry) = usual.into_iter().find(|path| sources.contains(&path.as_str())) {
        return Ok(entry);
    }
    match sources.as_slice() {
        [] => Err(WorkspaceError::NothingToImport { path: folder.to_owned() }),
        [only] => Ok((*only).to_owned()),
        several => {
            let candidates = several.iter().take(10).map(|path| (*path).to_owned()).collect();
            Err(WorkspaceError::EntryUnclear { path: folder.to_owned(), candidates })
        }
    }
}

/// The file that `package.json` names under a key.
fn named_in_package(folder: &Path, key: &str) -> Option<String> {
    let text = files::read_text(&folder.join("package.json"), 1_000_000).ok().flatten()?;
    let package: serde_json::Value = serde_json::from_str(&text).ok()?;
    package.get(key)?.as_str().map(|path| path.trim_start_matches("./").to_owned())
}

/// The relative specifiers of `import`, `export … from` and `require`. Read by eye, without a parser: one too many
/// collects one file too many.
fn relative_imports(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for quote in ['"', '\'', '`'] {
            let mut parts = line.split(quote);
            let mut before = parts.next().unwrap_or_default();
            while let (Some(quoted), Some(after)) = (parts.next(), parts.next()) {
                let before_quote = before.trim_end().trim_end_matches('(').trim_end();
                let is_import = ["from", "import", "require"].iter().any(|word| before_quote.ends_with(word));
                if is_import && (quoted.starts_with("./") || quoted.starts_with("../")) {
                    found.push(quoted);
                }
                before = after;
            }
        }
    }
    found
}

enum Resolved {
    Inside(String),
    Outside,
    Missing,
}

/// Finds the file that a specifier means: as it is, with an extension, as a folder's index, or the TypeScript source
/// behind a `.js` name.
fn resolve(folder: &Path, importer: &str, specifier: &str) -> Resolved {
    let mut place = folder.join(importer);
    place.pop();
    for component in Path::new(specifier).components() {
        match component {
            Component::Normal(part) => place.push(part),
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    let base = place.to_string_lossy();
    let mut candidates = vec![base.to_string()];
    candidates.extend(SOURCES.map(|extension| format!("{base}.{extension}")));
    candidates.push(format!("{base}.json"));
    candidates.extend(SOURCES.map(|extension| format!("{base}/index.{extension}")));
    for (written, meant) in [(".js", ".ts"), (".mjs", ".mts")] {
        candidates.extend(base.strip_suffix(written).map(|stem| format!("{stem}{meant}")));
    }
    let Some(found) = candidates.iter().map(Path::new).find(|path| path.is_file()) else { return Resolved::Missing };
    found
        .strip_prefix(folder)
        .map_or(Resolved::Outside, |relative| Resolved::Inside(relative.to_string_lossy().into_owned()))
}
