//! All files of an adapter, parsed, with their imports joined.

use crate::engine::{LintRequest, TenantFacts};
use crate::environment::Environment;
pub(crate) use crate::file::{File, FileId};
use crate::handlers::{self, HANDLERS, Handlers};
use crate::headers_written::HeaderWrite;
use crate::meaning::FunctionId;
use crate::outbound::Fetch;
use crate::signatures::SignatureRead;
use oxc::ast::AstKind;
use oxc::ast::AstType;
use oxc::ast::ast::{CallExpression, Expression};
use oxc::semantic::SymbolId;
use oxc::span::GetSpan as _;
use oxc::syntax::module_record::{ExportExportName, ExportImportName, ExportLocalName, ImportImportName};
use patchbay_core::{AdapterManifest, RuleLevels};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};

/// A call, and the file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct CallSite<'a> {
    pub(crate) file: FileId,
    pub(crate) call: &'a CallExpression<'a>,
}

/// The names under which files import what a file of the project makes, by where that is.
type Importers = HashMap<(FileId, SymbolId), Vec<(FileId, SymbolId)>>;

/// Steps that each rule may take for each node of the code, beside [`FEWEST_STEPS`].
const STEPS_A_NODE: usize = 4;
const FEWEST_STEPS: usize = 20_000;

/// An adapter.
pub struct Project<'a> {
    pub(crate) files: Vec<File<'a>>,
    pub(crate) entry: Option<FileId>,
    pub(crate) manifest: Option<&'a AdapterManifest>,
    pub(crate) tenant: Option<TenantFacts<'a>>,
    pub(crate) levels: Option<&'a RuleLevels>,
    pub(crate) handlers: Handlers<'a>,
    /// What a rule may still follow, see [`Self::take_step`].
    steps_left: Cell<usize>,
    importers: OnceCell<Importers>,
    pub(crate) environment: OnceCell<Environment<'a>>,
    pub(crate) header_writes: OnceCell<Vec<HeaderWrite<'a>>>,
    pub(crate) upstream_calls: OnceCell<Vec<Fetch<'a>>>,
    pub(crate) signature_reads: OnceCell<Vec<SignatureRead>>,
    /// Whether functions send requests, by how far calls are followed.
    pub(crate) sending: RefCell<HashMap<(FunctionId, usize), bool>>,
}

impl<'a> Project<'a> {
    pub(crate) fn new(mut files: Vec<File<'a>>, request: &LintRequest<'a>) -> Self {
        for (id, file) in files.iter_mut().enumerate() {
            file.id = id;
        }
        let entry = request.entry_path().and_then(|entry| files.iter().position(|file| file.path == entry));
        let is_chosen = request.entry.is_some() || request.manifest.is_some();
        let entry = entry.filter(|_| is_chosen || files.len() > 1 || !is_part(&files[0]));
        let paths: HashMap<&str, FileId> = files.iter().rev().map(|file| (file.path, file.id)).collect();
        for file in &mut files {
            let from = file.path;
            file.imports = specifiers(file).map(|specifier| (specifier, resolve(&paths, from, specifier))).collect();
            file.imports.sort_unstable();
        }
        let mut project = Self {
            files,
            entry,
            manifest: request.manifest,
            tenant: request.tenant,
            levels: request.levels,
            handlers: Handlers::default(),
            steps_left: Cell::new(0),
            importers: OnceCell::new(),
            environment: OnceCell::new(),
            header_writes: OnceCell::new(),
            upstream_calls: OnceCell::new(),
            signature_reads: OnceCell::new(),
            sending: RefCell::default(),
        };
        project.mark_reachable();
        project.allow_steps();
        project.handlers = handlers::find(&project);
        project
    }

    /// Lets a rule follow names and values anew. How far is bounded by the size of the code: values that are made of values
    /// that are made of values can be written in a few lines that have more ways than anybody can go.
    pub(crate) fn allow_steps(&self) {
        let nodes: usize = self.files.iter().map(|file| file.nodes().len()).sum();
        self.steps_left.set(nodes.saturating_mul(STEPS_A_NODE).saturating_add(FEWEST_STEPS));
    }

    /// Follows a name or a value; nothing when that has been done more often than code that people write asks for. What is
    /// not followed is not known, so rules stay silent.
    pub(crate) fn take_step(&self) -> Option<()> {
        self.steps_left.set(self.steps_left.get().checked_sub(1)?);
        Some(())
    }

    /// The files that rules look at.
    pub(crate) fn checked_files(&self) -> impl Iterator<Item = &File<'a>> {
        self.files.iter().filter(|file| file.is_reachable)
    }

    /// Whether every checked file was understood, so that what is absent is really absent.
    pub(crate) fn is_whole(&self) -> bool {
        self.checked_files().all(|file| file.is_whole)
    }

    pub(crate) fn entry_file(&self) -> Option<&File<'a>> {
        self.files.get(self.entry?)
    }

    fn mark_reachable(&mut self) {
        let Some(entry) = self.entry else { return };
        let mut reached = BTreeSet::from([entry]);
        let mut open = vec![entry];
        while let Some(id) = open.pop() {
            for target in self.files[id].imports.iter().filter_map(|(_, target)| *target) {
                if reached.insert(target) {
                    open.push(target);
                }
            }
        }
        for file in &mut self.files {
            file.is_reachable = reached.contains(&file.id);
        }
    }

    /// The file of this project that an import names.
    pub(crate) fn resolve(&self, from: FileId, specifier: &str) -> Option<FileId> {
        let imports = &self.files[from].imports;
        imports[imports.binary_search_by_key(&specifier, |(known, _)| *known).ok()?].1
    }

    /// The symbol at the top of a file that it exports under a name, re-exports followed.
    pub(crate) fn exported(&self, file: FileId, name: &str) -> Option<(FileId, SymbolId)> {
        self.exported_within(file, name, 8)
    }

    fn exported_within(&self, id: FileId, name: &str, steps: usize) -> Option<(FileId, SymbolId)> {
        let steps = steps.checked_sub(1)?;
        let file = &self.files[id];
        let names = |export: &ExportExportName<'_>| match export {
            ExportExportName::Name(given) => given.name == name,
            ExportExportName::Default(_) => name == "default",
            ExportExportName::Null => false,
        };
        if let Some(export) = file.record.local_export_entries.iter().find(|export| names(&export.export_name)) {
            let local = match &export.local_name {
                ExportLocalName::Name(local) | ExportLocalName::Default(local) => local.name.as_str(),
                ExportLocalName::Null => return None,
            };
            let symbol = file.scoping().get_root_binding(local.into())?;
            // What is imported and exported again is found where it is made.
            let imported = file.record.import_entries.iter().find(|import| import.local_name.name == local);
            return match imported {
                None => Some((id, symbol)),
                Some(import) => {
                    let target = self.resolve(id, import.module_request.name.as_str())?;
                    let name = match &import.import_name {
                        ImportImportName::Name(name) => name.name.as_str(),
                        ImportImportName::Default(_) => "default",
                        ImportImportName::NamespaceObject => return None,
                    };
                    self.exported_within(target, name, steps)
                }
            };
        }
        if let Some(export) = file.record.indirect_export_entries.iter().find(|export| names(&export.export_name)) {
            let target = self.resolve(id, export.module_request.as_ref()?.name.as_str())?;
            let ExportImportName::Name(name) = &export.import_name else { return None };
            return self.exported_within(target, name.name.as_str(), steps);
        }
        file.record.star_export_entries.iter().find_map(|export| {
            let target = self.resolve(id, export.module_request.as_ref()?.name.as_str())?;
            self.exported_within(target, name, steps)
        })
    }

    /// Every call of a function by its name, here and in files that import it.
    pub(crate) fn call_sites(&self, file: FileId, symbol: SymbolId) -> impl Iterator<Item = CallSite<'a>> {
        let elsewhere = self.importers().get(&(file, symbol)).map_or(&[][..], Vec::as_slice);
        let names = std::iter::once((file, symbol)).chain(elsewhere.iter().copied());
        names.flat_map(|(file, name)| self.calls_in(file, name))
    }

    /// The names under which files import what a file of the project makes.
    fn importers(&self) -> &Importers {
        self.importers.get_or_init(|| {
            let mut importers = Importers::new();
            for file in &self.files {
                for import in &file.record.import_entries {
                    let name = match &import.import_name {
                        ImportImportName::Name(name) => name.name.as_str(),
                        ImportImportName::Default(_) => "default",
                        ImportImportName::NamespaceObject => continue,
                    };
                    if let Some(target) = self.resolve(file.id, import.module_request.name.as_str())
                        && let Some(made) = self.exported(target, name)
                        && let Some(local) = file.scoping().get_root_binding(import.local_name.name.as_str().into())
                    {
                        importers.entry(made).or_default().push((file.id, local));
                    }
                }
            }
            importers
        })
    }

    fn calls_in(&self, id: FileId, symbol: SymbolId) -> impl Iterator<Item = CallSite<'a>> {
        let file = &self.files[id];
        let references = file.scoping().get_resolved_references(symbol);
        references.filter_map(move |reference| match file.nodes().parent_kind(reference.node_id()) {
            AstKind::CallExpression(call) => {
                let is_callee = call.callee.span() == file.nodes().kind(reference.node_id()).span();
                is_callee.then_some(CallSite { file: id, call })
            }
            _ => None,
        })
    }
}

/// Whether a file on its own is a part of an adapter, which other files import by names, and not the adapter.
fn is_part(file: &File<'_>) -> bool {
    let exports = &file.record.exported_bindings;
    let has_default = file.record.local_export_entries.iter().any(|entry| entry.export_name.is_default());
    let names = || exports.keys().map(oxc::str::Str::as_str);
    let is_adapter = has_default || names().any(|name| name == "default" || HANDLERS.contains(&name));
    file.is_whole && !exports.is_empty() && !is_adapter
}

/// What stands in the imports of a file, `import('…')` included.
fn specifiers<'p, 'a>(file: &'p File<'a>) -> impl Iterator<Item = &'a str> + use<'p, 'a> {
    let in_statements = file.record.requested_modules.keys().map(oxc::str::Str::as_str);
    let in_calls = file.of_type(AstType::ImportExpression).filter_map(|node| match node.kind() {
        AstKind::ImportExpression(import) => match &import.source {
            Expression::StringLiteral(literal) => Some(literal.value.as_str()),
            _ => None,
        },
        _ => None,
    });
    in_statements.chain(in_calls)
}

/// The file that an import in the file at `from` names.
fn resolve(files: &HashMap<&str, FileId>, from: &str, specifier: &str) -> Option<FileId> {
    if !specifier.starts_with("./") && !specifier.starts_with("../") {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let wanted = parts.join("/");
    let find = |path: &str| files.get(path).copied();
    let stem = wanted.strip_suffix(".js").or_else(|| wanted.strip_suffix(".mjs"));
    find(&wanted)
        .or_else(|| stem.and_then(|stem| find(&format!("{stem}.ts")).or_else(|| find(&format!("{stem}.mts")))))
        .or_else(|| {
            let endings = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx", "/index.ts", "/index.js"];
            endings.iter().find_map(|ending| find(&format!("{wanted}{ending}")))
        })
}
