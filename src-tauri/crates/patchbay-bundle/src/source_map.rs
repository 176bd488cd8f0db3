//! From places in uploaded modules back to the author's sources.

use crate::error::BundleError;
use oxc_sourcemap::OwnedSourceMap;
use patchbay_core::{Module, ModuleKind, Position};

/// A place in a file that the author wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePosition {
    /// File relative to the adapter's folder, for example `src/adapter.ts`.
    pub source: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in UTF-16 code units.
    pub column: u32,
}

/// One `at …` line of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackFrame {
    /// Function that was running, as the runtime names it, for example `async Object.fetch`.
    pub function: Option<String>,
    /// Module that the runtime names, for example `adapter.js`.
    pub module: String,
    /// Place in that module.
    pub position: Position,
    /// Place in the author's sources; nothing for code of the runtime and of `patchbay-runtime`.
    pub source: Option<SourcePosition>,
}

/// The source maps of a set of modules.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    /// Module name without `.map`, and its map.
    maps: Vec<(String, OwnedSourceMap)>,
}

impl SourceMap {
    /// Reads the maps among the modules: each one named `<module>.map` belongs to `<module>`.
    pub fn from_modules(modules: &[Module]) -> Result<Self, BundleError> {
        let mut maps = Vec::new();
        for module in modules.iter().filter(|module| module.kind == ModuleKind::SourceMap) {
            let name = module.name.strip_suffix(".map").unwrap_or(&module.name).to_owned();
            let json = String::from_utf8_lossy(&module.content);
            let map = OwnedSourceMap::from_json_string(&json)
                .map_err(|source| BundleError::SourceMap { module: name.clone(), source })?;
            maps.push((name, map));
        }
        Ok(Self { maps })
    }

    /// The author's place for a place in a module. Line and column count from 1, as stacks print them. The module may
    /// be named with a path before it, as runtimes do (`file:///bundle/adapter.js`).
    pub fn locate(&self, module: &str, line: u32, column: u32) -> Option<SourcePosition> {
        let (_, map) = self.maps.iter().find(|(name, _)| names_module(module, name))?;
        let table = map.generate_lookup_table();
        let token = map.lookup_source_view_token(&table, line.checked_sub(1)?, column.checked_sub(1)?)?;
        let source = token.get_source()?.to_owned();
        Some(SourcePosition { source, line: token.get_src_line() + 1, column: token.get_src_col() + 1 })
    }

    /// The frames of a stack text in V8's form. Lines that are no frames (the message) are left out.
    pub fn map_stack(&self, stack: &str) -> Vec<StackFrame> {
        stack.lines().filter_map(|line| self.frame(line)).collect()
    }

    /// The stack as the author should read it: places are those of the sources, and frames of `patchbay-runtime` are
    /// left out. Lines that are no frames stay as they are.
    pub fn rewrite_stack(&self, stack: &str) -> String {
        let mut lines = Vec::new();
        for line in stack.lines() {
            match self.frame(line) {
                None => lines.push(line.to_owned()),
                Some(frame) if frame.source.is_none() && names_module(&frame.module, crate::MAIN_MODULE) => {}
                Some(frame) => lines.push(match (&frame.source, &frame.function) {
                    (None, _) => line.to_owned(),
                    (Some(at), Some(function)) => {
                        format!("    at {function} ({}:{}:{})", at.source, at.line, at.column)
                    }
                    (Some(at), None) => format!("    at {}:{}:{}", at.source, at.line, at.column),
                }),
            }
        }
        lines.join("\n")
    }

    fn frame(&self, line: &str) -> Option<StackFrame> {
        let text = line.trim().strip_prefix("at ")?;
        let (function, place) = match text.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
            Some((function, place)) => (Some(function.to_owned()), place),
            None => match text.strip_prefix("async ") {
                Some(place) => (Some("async".to_owned()), place),
                None => (None, text),
            },
        };
        let (rest, column) = place.rsplit_once(':')?;
        let (module, line) = rest.rsplit_once(':')?;
        let position = Position { line: line.parse().ok()?, column: column.parse().ok()? };
        let source = self.locate(module, position.line, position.column);
        Some(StackFrame { function, module: module.to_owned(), position, source })
    }
}

/// Whether `given` is the module, alone or as the last part of a path or URL.
fn names_module(given: &str, module: &str) -> bool {
    given.strip_suffix(module).is_some_and(|path| path.is_empty() || path.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{SourceMap, names_module};
    use crate::BundleError;
    use bytes::Bytes;
    use patchbay_core::{Module, ModuleKind};

    fn map_module(content: &'static str) -> Module {
        Module {
            name: "adapter.js.map".into(),
            kind: ModuleKind::SourceMap,
            content: Bytes::from_static(content.as_bytes()),
        }
    }

    #[test]
    fn a_module_is_known_with_a_path_before_it() {
        assert!(names_module("file:///bundle/adapter.js", "adapter.js"));
        assert!(names_module("adapter.js", "adapter.js"));
        assert!(!names_module("my-adapter.js", "adapter.js"));
    }

    #[test]
    fn a_broken_map_is_an_error_and_not_a_panic() {
        for content in ["", "{", "[]", r#"{"version":3,"sources":[],"names":[],"mappings":"!!!"}"#] {
            let error = SourceMap::from_modules(&[map_module(content)]).expect_err(content);
            assert!(matches!(error, BundleError::SourceMap { .. }), "{error:?}");
        }
    }

    #[test]
    fn places_that_no_map_knows_are_left_alone() {
        let map = SourceMap::default();
        let stack = "TypeError: no\n    at fetch (adapter.js:0:0)\n    at native code\n    at f (node:internal/x:1:2)";
        assert_eq!(map.rewrite_stack(stack), stack);
        assert_eq!(map.map_stack(stack).len(), 2);
    }
}
