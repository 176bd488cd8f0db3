//! All files of an adapter, parsed, with their imports joined.

use crate::engine::{LintRequest, TenantFacts};
use crate::environment::Environment;
use crate::handlers::{self, Handlers};
use crate::headers_written::HeaderWrite;
use crate::ignores::{self, Ignore};
use crate::meaning::Meaning;
use oxc::ast::AstKind;
use oxc::ast::AstType;
use oxc::ast::ast::{CallExpression, Expression};
use oxc::ast::ast_kind::AST_TYPE_MAX;
use oxc::semantic::{AstNode, AstNodes, NodeId, Scoping, Semantic, SymbolId};
use oxc::span::GetSpan as _;
use oxc::syntax::module_record::{ExportExportName, ExportImportName, ExportLocalName, ImportImportName, ModuleRecord};
use patchbay_core::{AdapterManifest, RuleLevels, SourceText};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};

/// Number of a file in its project.
pub type FileId = usize;

/// One parsed file.
pub struct File<'a> {
    pub(crate) id: FileId,
    pub(crate) path: &'a str,
    pub(crate) source: SourceText<'a>,
    pub(crate) semantic: Semantic<'a>,
    pub(crate) record: ModuleRecord<'a>,
    /// The parser had nothing to complain about. Where it had, rules must not conclude from what is absent.
    pub(crate) is_whole: bool,
    /// The entry imports it, directly or not. Other files (tests) are none of the rules' business.
    pub(crate) is_reachable: bool,
    /// What its author wants to hear nothing of.
    pub(crate) ignores: Vec<Ignore<'a>>,
    by_type: NodesByType,
}

/// The nodes of a file, sorted by type and then by place. Rules ask for types, so that none of them walks the tree.
struct NodesByType {
    ids: Vec<NodeId>,
    /// Where the nodes of each type begin in `ids`; one more entry than there are types.
    starts: Vec<u32>,
}

impl NodesByType {
    fn new(nodes: &AstNodes<'_>) -> Self {
        let mut starts = vec![0_u32; usize::from(AST_TYPE_MAX) + 2];
        for node in nodes {
            starts[node.kind().ty() as usize + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        let mut next = starts.clone();
        let mut ids = vec![NodeId::ROOT; nodes.len()];
        for (id, node) in nodes.iter_enumerated() {
            let slot = &mut next[node.kind().ty() as usize];
            ids[*slot as usize] = id;
            *slot += 1;
        }
        Self { ids, starts }
    }

    fn of(&self, kind: AstType) -> &[NodeId] {
        let kind = kind as usize;
        &self.ids[self.starts[kind] as usize..self.starts[kind + 1] as usize]
    }
}

impl<'a> File<'a> {
    pub(crate) fn new(
        path: &'a str,
        source: SourceText<'a>,
        semantic: Semantic<'a>,
        record: ModuleRecord<'a>,
        is_whole: bool,
    ) -> Self {
        let by_type = NodesByType::new(semantic.nodes());
        let ignores = ignores::find(&source, semantic.comments());
        Self { id: 0, path, source, semantic, record, is_whole, is_reachable: true, ignores, by_type }
    }

    pub(crate) fn nodes(&self) -> &AstNodes<'a> {
        self.semantic.nodes()
    }

    pub(crate) fn scoping(&self) -> &Scoping {
        self.semantic.scoping()
    }

    /// Nodes of one type, in the order of the text.
    pub(crate) fn of_type(&self, kind: AstType) -> impl Iterator<Item = &AstNode<'a>> {
        self.by_type.of(kind).iter().map(|id| self.nodes().get_node(*id))
    }

    /// The node around a node, parentheses and type assertions left out.
    pub(crate) fn parent(&self, node: NodeId) -> AstKind<'a> {
        let mut at = node;
        loop {
            let parent = self.nodes().parent_kind(at);
            match parent {
                AstKind::ParenthesizedExpression(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSSatisfiesExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::TSTypeAssertion(_)
                | AstKind::ChainExpression(_) => at = self.nodes().parent_id(at),
                _ => return parent,
            }
        }
    }

    /// The function that a node stands in, or nothing at the top of the module.
    pub(crate) fn function_around(&self, node: NodeId) -> Option<&AstNode<'a>> {
        self.nodes()
            .ancestors(node)
            .find(|node| matches!(node.kind(), AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)))
    }
}

/// A call, and the file it stands in.
#[derive(Clone, Copy)]
pub(crate) struct CallSite<'a> {
    pub(crate) file: FileId,
    pub(crate) call: &'a CallExpression<'a>,
}

/// An adapter.
pub struct Project<'a> {
    pub(crate) files: Vec<File<'a>>,
    pub(crate) entry: Option<FileId>,
    pub(crate) manifest: Option<&'a AdapterManifest>,
    pub(crate) tenant: Option<TenantFacts<'a>>,
    pub(crate) levels: Option<&'a RuleLevels>,
    pub(crate) handlers: Handlers<'a>,
    pub(crate) meanings: RefCell<HashMap<(FileId, SymbolId), Option<Meaning<'a>>>>,
    pub(crate) environment: OnceCell<Environment<'a>>,
    pub(crate) header_writes: OnceCell<Vec<HeaderWrite<'a>>>,
}

impl<'a> Project<'a> {
    pub(crate) fn new(mut files: Vec<File<'a>>, request: &LintRequest<'a>) -> Self {
        for (id, file) in files.iter_mut().enumerate() {
            file.id = id;
        }
        let entry = request.entry_path().and_then(|entry| files.iter().position(|file| file.path == entry));
        let mut project = Self {
            files,
            entry,
            manifest: request.manifest,
            tenant: request.tenant,
            levels: request.levels,
            handlers: Handlers::default(),
            meanings: RefCell::default(),
            environment: OnceCell::new(),
            header_writes: OnceCell::new(),
        };
        project.mark_reachable();
        project.handlers = handlers::find(&project);
        project
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
            let file = &self.files[id];
            let static_imports = file.record.requested_modules.keys().map(oxc::str::Str::as_str);
            let dynamic_imports = file.of_type(AstType::ImportExpression).filter_map(|node| match node.kind() {
                AstKind::ImportExpression(import) => match &import.source {
                    Expression::StringLiteral(literal) => Some(literal.value.as_str()),
                    _ => None,
                },
                _ => None,
            });
            let specifiers: Vec<&str> = static_imports.chain(dynamic_imports).collect();
            for specifier in specifiers {
                if let Some(target) = self.resolve(id, specifier)
                    && reached.insert(target)
                {
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
        if !specifier.starts_with("./") && !specifier.starts_with("../") {
            return None;
        }
        let mut parts: Vec<&str> = self.files[from].path.split('/').collect();
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
        let find = |path: &str| self.files.iter().position(|file| file.path == path);
        let stem = wanted.strip_suffix(".js").or_else(|| wanted.strip_suffix(".mjs"));
        find(&wanted)
            .or_else(|| stem.and_then(|stem| find(&format!("{stem}.ts")).or_else(|| find(&format!("{stem}.mts")))))
            .or_else(|| {
                let endings = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx", "/index.ts", "/index.js"];
                endings.iter().find_map(|ending| find(&format!("{wanted}{ending}")))
            })
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
    pub(crate) fn call_sites(&self, file: FileId, symbol: SymbolId) -> Vec<CallSite<'a>> {
        let mut sites = self.calls_in(file, symbol);
        for other in &self.files {
            for import in &other.record.import_entries {
                let name = match &import.import_name {
                    ImportImportName::Name(name) => name.name.as_str(),
                    ImportImportName::Default(_) => "default",
                    ImportImportName::NamespaceObject => continue,
                };
                let Some(target) = self.resolve(other.id, import.module_request.name.as_str()) else { continue };
                if self.exported(target, name) == Some((file, symbol))
                    && let Some(local) = other.scoping().get_root_binding(import.local_name.name.as_str().into())
                {
                    sites.extend(self.calls_in(other.id, local));
                }
            }
        }
        sites
    }

    fn calls_in(&self, id: FileId, symbol: SymbolId) -> Vec<CallSite<'a>> {
        let file = &self.files[id];
        let references = file.scoping().get_resolved_references(symbol);
        let calls = references.filter_map(|reference| match file.nodes().parent_kind(reference.node_id()) {
            AstKind::CallExpression(call) => {
                let is_callee = call.callee.span() == file.nodes().kind(reference.node_id()).span();
                is_callee.then_some(CallSite { file: id, call })
            }
            _ => None,
        });
        calls.collect()
    }
}
