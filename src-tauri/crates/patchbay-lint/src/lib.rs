//! Finds what is wrong with an adapter before it runs, and infers what an adapter needs.
//!
//! Owns: the rules, one file each under `rules`; the small engine that runs them over what `oxc` parsed and resolved;
//! diagnostics with places for editors, and their text, SARIF and GitHub forms; the comments by which authors keep findings back; the safe fixes ([`apply_fixes()`]); what an
//! import reads from code ([`infer()`], [`body_fields()`]); and the types of `env` ([`env_types()`]).
//! Does not own: reading files (texts come in, so unsaved ones can be linted), bundling, or the decision whether a
//! publish stops.
#![warn(missing_docs)]

mod body_fields;
mod constants;
mod context;
mod diagnostic;
mod engine;
mod env_types;
mod environment;
mod error;
mod file;
mod fixes;
mod flow;
mod globals;
mod handlers;
mod headers_written;
mod ignores;
mod infer;
mod inferred_bindings;
mod inferred_hosts;
mod meaning;
mod mentions;
mod nesting;
mod node_support;
mod object_fields;
mod origins;
mod outbound;
mod patterns;
mod project;
mod providers;
mod reach;
mod reachability;
mod recovery;
mod regexes;
mod regions;
mod render;
mod rules;
mod secrets;
mod signatures;
mod source;
#[cfg(test)]
mod tester;
mod text_value;
mod unused;
mod writes;

pub use body_fields::body_fields;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Range, Severity};
pub use engine::{LintReport, LintRequest, SYNTAX, TenantFacts, lint};
pub use env_types::env_types;
pub use error::LintError;
pub use fixes::{FixedFile, apply_fixes};
pub use infer::{InferredBinding, InferredManifest, ModuleSyntax, infer};
pub use render::github::render as render_github;
pub use render::sarif::render as render_sarif;
pub use render::text::render as render_text;
pub use rules::{Docs, Group, all_rules};
