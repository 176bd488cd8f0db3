//! What can be wrong with an adapter's sources.

use patchbay_core::{Hints, Position};
use std::fmt::{self, Write as _};

/// A place in the author's sources and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProblem {
    /// What is wrong, for example ``Expected `;` but found `}` ``.
    pub message: String,
    /// File relative to the adapter's folder, with `/`.
    pub file: String,
    /// Where in the file, if it is known.
    pub position: Option<Position>,
    /// The lines around it, with the place marked; ends with a line break. Empty where the place is not known.
    pub frame: String,
    /// Advice of the parser, if it has any.
    pub help: Option<String>,
}

/// An import that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedImport {
    /// What stands in the import, for example `@notionhq/client`.
    pub specifier: String,
    /// File that imports it, relative to the adapter's folder.
    pub importer: String,
    /// Where the import stands, if it is known.
    pub position: Option<Position>,
    /// The lines around it; see [`SourceProblem::frame`].
    pub frame: String,
}

impl UnresolvedImport {
    /// Whether it names a file and not a package.
    pub fn is_relative(&self) -> bool {
        self.specifier.starts_with('.') || self.specifier.starts_with('/')
    }
}

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The entry that the manifest names is not there.
    #[error("The entry file `{entry}` does not exist in the adapter's folder")]
    EntryMissing {
        /// Entry as the manifest names it.
        entry: String,
    },
    /// A path or a symbolic link leads out of the adapter's folder.
    #[error("`{path}` leads out of the adapter's folder; only files inside it are bundled")]
    LeavesFolder {
        /// The path, relative to the adapter's folder.
        path: String,
    },
    /// The operating system refused to read a file.
    #[error("`{path}` cannot be read")]
    Unreadable {
        /// The path, relative to the adapter's folder.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A source file beyond any reason.
    #[error("`{path}` has {length} bytes; a source file may have {max}")]
    TooLarge {
        /// The path, relative to the adapter's folder.
        path: String,
        /// Its length in bytes.
        length: u64,
        /// Bytes allowed.
        max: u64,
    },
    /// All sources together are beyond any reason.
    #[error("The adapter imports more than {max} bytes of source text")]
    TooMuchSource {
        /// Bytes allowed.
        max: u64,
    },
    /// Bytes that are no text.
    #[error("`{path}` is not UTF-8 text: byte {offset} does not belong to a character")]
    NotUtf8 {
        /// The path, relative to the adapter's folder.
        path: String,
        /// First byte that is wrong, from 0.
        offset: usize,
    },
    /// Code that nests so deep that no parser can follow.
    #[error("`{path}` nests too deep: brackets and operators hang {depth} deep on one another, {max} are allowed")]
    NestsTooDeep {
        /// The path, relative to the adapter's folder.
        path: String,
        /// How deep it may nest.
        depth: usize,
        /// How deep it may.
        max: usize,
    },
    /// The parser could not read a file.
    #[error("Syntax error {}", Listed(problems))]
    Syntax {
        /// All that was found, in the order of files and lines. Never empty.
        problems: Vec<SourceProblem>,
    },
    /// Imports that lead nowhere.
    #[error("{}", Unresolved(imports))]
    Unresolved {
        /// All that were found. Never empty.
        imports: Vec<UnresolvedImport>,
    },
    /// The files are read but do not fit together, for example an import of a name that is not exported.
    #[error("Cannot bundle {}", Listed(problems))]
    Build {
        /// All that was found. Never empty.
        problems: Vec<SourceProblem>,
    },
    /// A source map that is none.
    #[error("The source map of `{module}` cannot be read")]
    SourceMap {
        /// The module it belongs to.
        module: String,
        /// Why.
        #[source]
        source: oxc_sourcemap::Error,
    },
    /// A fault of the bundler itself.
    #[error("The bundler failed: {reason}")]
    Internal {
        /// What it said.
        reason: String,
    },
}

impl Hints for BundleError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::EntryMissing { entry } => {
                vec![format!("Create `{entry}`, or name another `entry` in adapter.toml")]
            }
            Self::LeavesFolder { .. } => {
                vec!["Copy the file into the adapter's folder, or make it an npm package and install it there".into()]
            }
            Self::TooLarge { .. } | Self::TooMuchSource { .. } => {
                vec!["Keep data out of the code: store it in a KV namespace or fetch it".into()]
            }
            Self::NotUtf8 { .. } => vec!["Save the file as UTF-8".into()],
            Self::NestsTooDeep { .. } => vec!["Split the expression, or load the data as JSON text".into()],
            Self::Syntax { problems } | Self::Build { problems } => {
                problems.iter().filter_map(|p| p.help.clone()).collect()
            }
            Self::Unresolved { imports } => unresolved_hints(imports),
            Self::Unreadable { .. } | Self::SourceMap { .. } | Self::Internal { .. } => Vec::new(),
        }
    }
}

fn unresolved_hints(imports: &[UnresolvedImport]) -> Vec<String> {
    let mut packages: Vec<&str> =
        imports.iter().filter(|i| !i.is_relative()).map(|i| package_name(&i.specifier)).collect();
    packages.sort_unstable();
    packages.dedup();
    let mut hints = Vec::new();
    if !packages.is_empty() {
        hints.push(format!("Run `npm install {}` in the adapter's folder", packages.join(" ")));
        hints.push("Packages are looked up only in the adapter's own node_modules, never in a folder above it".into());
    }
    if imports.iter().any(UnresolvedImport::is_relative) {
        hints.push("Check the spelling of the path; it is relative to the file that imports it".into());
    }
    hints
}

/// `@scope/name` of `@scope/name/sub/path`.
fn package_name(specifier: &str) -> &str {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(parts - 1).map_or(specifier.len(), |(at, _)| at);
    &specifier[..end]
}

/// Where something is, as `file:line:column`.
struct Place<'a>(&'a str, Option<Position>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(Position { line, column }) => write!(formatter, "{}:{line}:{column}", self.0),
            None => formatter.write_str(self.0),
        }
    }
}

struct Listed<'a>(&'a [SourceProblem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (index, problem) in self.0.iter().enumerate() {
            let start = if index == 0 { "at " } else { "\nat " };
            write!(text, "{start}{}: {}", Place(&problem.file, problem.position), problem.message)?;
            if !problem.frame.is_empty() {
                write!(text, "\n{}", problem.frame.trim_end_matches('\n'))?;
            }
        }
        formatter.write_str(&text)
    }
}

struct Unresolved<'a>(&'a [UnresolvedImport]);

impl fmt::Display for Unresolved<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, import) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_char('\n')?;
            }
            let what = if import.is_relative() { "file" } else { "package" };
            let place = Place(&import.importer, import.position);
            write!(formatter, "The {what} `{}` that {place} imports is not in the adapter's folder", import.specifier)?;
            if !import.frame.is_empty() {
                write!(formatter, "\n{}", import.frame.trim_end_matches('\n'))?;
            }
        }
        Ok(())
    }
}
