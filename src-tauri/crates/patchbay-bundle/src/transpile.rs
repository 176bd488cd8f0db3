//! Takes the types out of Workers that stay several files: the platform's own dispatcher and outbound worker.

use crate::error::{BundleError, SourceProblem};
use oxc::allocator::Allocator;
use oxc::ast::ast::{
    ExportAllDeclaration, ExportFromDeclaration, Expression, ImportDeclaration, ImportExpression, StringLiteral,
};
use oxc::ast_visit::{VisitMut, walk_mut};
use oxc::codegen::Codegen;
use oxc::diagnostics::{Diagnostics, OxcDiagnostic, Severity};
use oxc::parser::Parser;
use oxc::semantic::SemanticBuilder;
use oxc::span::SourceType;
use oxc::transformer::{TransformOptions, Transformer};
use patchbay_core::{Module, ModuleKind, SourceText, nesting};
use std::path::Path;

/// Strips types file by file. `files` are paths with `/` (`src/index.ts`) and texts; the modules come in the same order,
/// `.ts` and `.mts` renamed to `.js` and `.mjs`, and imports rewritten to the names of the modules (`./routes` and
/// `./routes.ts` become `./routes.js`). Imports of anything else are left for the runtime to judge.
pub fn transpile(files: &[(&str, &str)]) -> Result<Vec<Module>, BundleError> {
    let names: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    files.iter().map(|(path, text)| transpile_file(path, text, &names)).collect()
}

fn transpile_file(path: &str, text: &str, names: &[&str]) -> Result<Module, BundleError> {
    let kind = match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        Some("json") => ModuleKind::Json,
        Some("ts" | "mts" | "js" | "mjs" | "tsx" | "jsx") => ModuleKind::EsModule,
        _ => ModuleKind::Text,
    };
    if kind != ModuleKind::EsModule {
        return Ok(Module { name: path.to_owned(), kind, content: text.to_owned().into() });
    }
    let depth = nesting::depth_bound(text);
    if depth > SHALLOW {
        return Err(BundleError::NestsTooDeep { path: path.to_owned(), depth, max: SHALLOW });
    }
    let source_type = SourceType::from_path(path).unwrap_or_default().with_module(true);
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type).parse();
    check(&parsed.diagnostics, path, text)?;
    let mut program = parsed.program;
    let semantic = SemanticBuilder::new_compiler().with_enum_eval(true).build(&program);
    check(&semantic.diagnostics, path, text)?;
    let options = TransformOptions::default();
    let transformed = Transformer::new(&allocator, Path::new(path), &options)
        .build_with_scoping(semantic.semantic.into_scoping(), &mut program);
    check(&transformed.diagnostics, path, text)?;
    Specifiers { allocator: &allocator, importer: path, names }.visit_program(&mut program);
    let code = Codegen::new().build(&program).code;
    Ok(Module { name: emitted_name(path), kind, content: code.into() })
}

/// The platform's own Workers are parsed on the caller's thread, so they must not need more stack than it has.
const SHALLOW: usize = 200;

fn check(diagnostics: &Diagnostics, path: &str, text: &str) -> Result<(), BundleError> {
    let problems: Vec<SourceProblem> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .map(|diagnostic| problem(diagnostic, path, text))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(BundleError::Syntax { problems }) }
}

fn problem(diagnostic: &OxcDiagnostic, path: &str, text: &str) -> SourceProblem {
    let source = SourceText::new(text);
    let label = diagnostic.labels.first().map(|label| {
        let start = usize::try_from(label.offset()).unwrap_or(usize::MAX);
        (start, start.saturating_add(usize::try_from(label.len()).unwrap_or(0)))
    });
    SourceProblem {
        message: diagnostic.message.to_string(),
        file: path.to_owned(),
        position: label.map(|(start, _)| source.position(start)),
        frame: label.map(|(start, end)| source.code_frame(start, end)).unwrap_or_default(),
        help: diagnostic.help.as_ref().map(ToString::to_string),
    }
}

/// The module name under which a file is uploaded.
fn emitted_name(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, "ts" | "tsx" | "jsx")) => format!("{stem}.js"),
        Some((stem, "mts")) => format!("{stem}.mjs"),
        _ => path.to_owned(),
    }
}

/// Points imports at the emitted modules.
struct Specifiers<'a, 'f> {
    allocator: &'a Allocator,
    importer: &'f str,
    names: &'f [&'f str],
}

impl<'a> Specifiers<'a, '_> {
    fn rewrite(&self, literal: &mut StringLiteral<'a>) {
        if let Some(specifier) = self.resolve(literal.value.as_str()) {
            literal.value = self.allocator.alloc_str(&specifier).into();
            literal.raw = None;
        }
    }

    fn resolve(&self, specifier: &str) -> Option<String> {
        if !specifier.starts_with("./") && !specifier.starts_with("../") {
            return None;
        }
        let mut parts: Vec<&str> = self.importer.split('/').collect();
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
        let stem = wanted.strip_suffix(".js").or_else(|| wanted.strip_suffix(".mjs")).unwrap_or(&wanted);
        let candidates = [
            wanted.clone(),
            format!("{stem}.ts"),
            format!("{stem}.mts"),
            format!("{wanted}.ts"),
            format!("{wanted}.mts"),
            format!("{wanted}.js"),
            format!("{wanted}.mjs"),
            format!("{wanted}.json"),
            format!("{wanted}/index.ts"),
            format!("{wanted}/index.js"),
        ];
        let found = candidates.iter().find(|candidate| self.names.contains(&candidate.as_str()))?;
        Some(relative(self.importer, &emitted_name(found)))
    }
}

/// `target` as seen from the folder of `importer`, beginning with `./` or `../`.
fn relative(importer: &str, target: &str) -> String {
    let from: Vec<&str> = importer.split('/').collect();
    let from = &from[..from.len() - 1];
    let to: Vec<&str> = target.split('/').collect();
    let shared = from.iter().zip(&to[..to.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(from.len() - shared);
    let start = if up.is_empty() { "./" } else { "" };
    format!("{start}{up}{}", to[shared..].join("/"))
}

impl<'a> VisitMut<'a> for Specifiers<'a, '_> {
    fn visit_import_declaration(&mut self, declaration: &mut ImportDeclaration<'a>) {
        self.rewrite(&mut declaration.source);
    }

    fn visit_export_all_declaration(&mut self, declaration: &mut ExportAllDeclaration<'a>) {
        self.rewrite(&mut declaration.source);
    }

    fn visit_export_from_declaration(&mut self, declaration: &mut ExportFromDeclaration<'a>) {
        self.rewrite(&mut declaration.source);
    }

    fn visit_import_expression(&mut self, expression: &mut ImportExpression<'a>) {
        if let Expression::StringLiteral(literal) = &mut expression.source {
            self.rewrite(literal);
        }
        walk_mut::walk_import_expression(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use super::transpile;
    use crate::BundleError;
    use patchbay_core::ModuleKind;

    fn code(files: &[(&str, &str)], index: usize) -> String {
        let modules = transpile(files).expect("the files are valid");
        String::from_utf8(modules[index].content.to_vec()).expect("code is text")
    }

    #[test]
    fn types_go_and_imports_follow_the_emitted_names() {
        let files = [
            (
                "src/index.ts",
                "import { route, type Rule } from './routes';\nimport table from '../table.json';\nimport { WorkerEntrypoint } from 'cloudflare:workers';\nexport * from './lib/errors.ts';\nexport { retry } from './lib/retry.js';\nconst lazy = () => import('./lib/retry.js');\nexport default class extends WorkerEntrypoint<Env> { async fetch(request: Request): Promise<Response> { return route(request, table as Rule[], lazy); } }\n",
            ),
            (
                "src/routes.ts",
                "export interface Rule { name: string }\nexport const route = (request: Request, rules: Rule[], lazy: unknown): Response => new Response(rules[0].name);\n",
            ),
            (
                "src/lib/errors.ts",
                "import { route } from '../routes.ts';\nexport class Missing extends Error { again = route }\n",
            ),
            ("src/lib/retry.ts", "export enum Kind { Once, Twice }\nexport const retry = (kind: Kind) => kind;\n"),
            ("table.json", "[]"),
        ];
        let modules = transpile(&files).expect("the files are valid");
        let names: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["src/index.js", "src/routes.js", "src/lib/errors.js", "src/lib/retry.js", "table.json"]);
        assert_eq!(modules[4].kind, ModuleKind::Json);
        let index = code(&files, 0);
        for expected in [
            "\"./routes.js\"",
            "\"../table.json\"",
            "\"cloudflare:workers\"",
            "\"./lib/errors.js\"",
            "\"./lib/retry.js\"",
            "import(\"./lib/retry.js\")",
        ] {
            assert!(index.contains(expected), "{expected} should be in {index}");
        }
        assert!(!index.contains("Rule"), "types should be gone: {index}");
        assert!(code(&files, 2).contains("\"../routes.js\""), "{}", code(&files, 2));
    }

    #[test]
    fn a_syntax_error_names_its_place() {
        let error = transpile(&[("src/index.ts", "const a = 1;\nconst b = ;\n")]).expect_err("the file is broken");
        let BundleError::Syntax { problems } = &error else { panic!("{error:?}") };
        assert_eq!(
            (problems[0].file.as_str(), problems[0].position.map(|p| (p.line, p.column))),
            ("src/index.ts", Some((2, 11)))
        );
        assert!(error.to_string().contains("> 2 | const b = ;"), "{error}");
    }
}
