//! The bundler's complaints as errors of ours.

use crate::adapter_files::{AdapterFiles, VIRTUAL_ROOT};
use crate::error::{BundleError, SourceProblem, UnresolvedImport};
use patchbay_core::{Position, SourceText};
use rolldown_error::{BatchedBuildDiagnostic, BuildDiagnostic, DiagnosticOptions, EventKind};
use std::path::{Path, PathBuf};

/// The error that explains why the build failed best.
pub(crate) fn build_error(diagnostics: BatchedBuildDiagnostic, files: &AdapterFiles) -> BundleError {
    let diagnostics = diagnostics.into_vec();
    // A file that was refused shows up as one that cannot be loaded; the refusal says more.
    if let Some(refusal) = files.take_refusals().into_iter().next() {
        return refusal;
    }
    let mut imports = Vec::new();
    let mut syntax = Vec::new();
    let mut others = Vec::new();
    for diagnostic in &diagnostics {
        match diagnostic.kind() {
            EventKind::ResolveError | EventKind::UnresolvedImport => imports.push(unresolved(diagnostic, files)),
            EventKind::ParseError | EventKind::JsonParseError | EventKind::TransformError => {
                syntax.push(problem(diagnostic, files));
            }
            _ => others.push(problem(diagnostic, files)),
        }
    }
    if let Some(path) = imports.iter().find_map(leaving) {
        return BundleError::LeavesFolder { path };
    }
    for problems in [&mut syntax, &mut others] {
        problems.sort_by(|a, b| (&a.file, a.position).cmp(&(&b.file, b.position)));
        problems.dedup();
    }
    sort_imports(&mut imports);
    if !syntax.is_empty() {
        BundleError::Syntax { problems: syntax }
    } else if !imports.is_empty() {
        BundleError::Unresolved { imports }
    } else if others.iter().any(|problem| !problem.file.is_empty()) {
        BundleError::Build { problems: others }
    } else {
        let reason = others.first().map_or_else(|| "it gave no reason".to_owned(), |problem| problem.message.clone());
        BundleError::Internal { reason }
    }
}

/// The packages that the bundler did not find. It warns and leaves the import to the runtime, which would refuse it.
pub(crate) fn missing_packages(warnings: &[BuildDiagnostic], files: &AdapterFiles) -> Result<(), BundleError> {
    let missing = warnings.iter().filter(|warning| matches!(warning.kind(), EventKind::UnresolvedImport));
    let mut imports: Vec<UnresolvedImport> = missing.map(|warning| unresolved(warning, files)).collect();
    if imports.is_empty() {
        return Ok(());
    }
    if let Some(refusal) = files.take_refusals().into_iter().next() {
        return Err(refusal);
    }
    sort_imports(&mut imports);
    Err(BundleError::Unresolved { imports })
}

fn sort_imports(imports: &mut Vec<UnresolvedImport>) {
    imports.sort_by(|a, b| (&a.importer, a.position, &a.specifier).cmp(&(&b.importer, b.position, &b.specifier)));
    imports.dedup();
}

/// A warning as one line of text.
pub(crate) fn warning(diagnostic: &BuildDiagnostic, files: &AdapterFiles) -> String {
    let SourceProblem { message, file, position, .. } = problem(diagnostic, files);
    match position {
        Some(Position { line, column }) => format!("{file}:{line}:{column}: {message}"),
        None if file.is_empty() => message,
        None => format!("{file}: {message}"),
    }
}

fn options() -> DiagnosticOptions {
    DiagnosticOptions { cwd: PathBuf::from(VIRTUAL_ROOT) }
}

fn problem(diagnostic: &BuildDiagnostic, files: &AdapterFiles) -> SourceProblem {
    let (file, position, frame) = place(diagnostic, files);
    let message = diagnostic.to_message_with(&options());
    let message = message.strip_suffix('.').unwrap_or(&message).replace(&format!("{VIRTUAL_ROOT}/"), "");
    SourceProblem { message, file, position, frame, help: None }
}

fn unresolved(diagnostic: &BuildDiagnostic, files: &AdapterFiles) -> UnresolvedImport {
    let (importer, position, frame) = place(diagnostic, files);
    let specifier = diagnostic.exporter().unwrap_or_default();
    UnresolvedImport { specifier, importer, position, frame }
}

fn place(diagnostic: &BuildDiagnostic, files: &AdapterFiles) -> (String, Option<Position>, String) {
    let location = diagnostic.to_diagnostic_with(&options()).get_primary_location();
    let Some((file, line, column, _)) = location else {
        let file = diagnostic.id().and_then(|id| AdapterFiles::relative(Path::new(&id))).unwrap_or_default();
        return (file, None, String::new());
    };
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let mut position = Position { line: number(line), column: number(column + 1) };
    let mut frame = String::new();
    if let Some(text) = files.text(&file) {
        let source = SourceText::new(&text);
        // The bundler counts a byte order mark as a column of the first line, editors do not.
        if line == 1 && text.starts_with('\u{feff}') {
            position.column = position.column.saturating_sub(1).max(1);
        }
        if let Some(offset) = source.offset(position) {
            frame = source.code_frame(offset, offset);
        }
    }
    (file, Some(position), frame)
}

/// The path that a relative import names outside the folder, if it does.
fn leaving(import: &UnresolvedImport) -> Option<String> {
    if !import.specifier.starts_with('.') {
        return import.specifier.starts_with('/').then(|| import.specifier.clone());
    }
    let folder = Path::new(VIRTUAL_ROOT).join(&import.importer);
    let target = folder.parent()?.join(&import.specifier);
    AdapterFiles::relative(&target).is_none().then(|| import.specifier.clone())
}
