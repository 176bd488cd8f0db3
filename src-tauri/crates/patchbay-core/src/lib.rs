//! The words of Patchbay as types: ids, names, manifests, policies, secrets, messages and observations.
//!
//! Nothing here does I/O. Every other crate may depend on this one; it depends on none of them.
#![warn(missing_docs)]

pub mod binding;
pub mod environment;
pub mod field;
pub mod hints;
pub mod ids;
pub mod lint;
pub mod manifest;
pub mod message;
pub mod module;
pub mod nearest;
pub mod nesting;
pub mod observation;
pub mod policy;
pub mod position;
pub mod redact;
pub mod sample;
pub mod secret;
pub mod source_text;
pub mod tenant;

pub use binding::{BindingDeclaration, BindingKind, BindingName};
pub use environment::{Environment, Region, TargetKind};
pub use hints::Hints;
pub use ids::{AdapterId, AdapterRef, IdError, NamespaceName, ScriptName, TenantId};
pub use lint::{LintAllowance, RuleLevel, RuleLevels};
pub use manifest::AdapterManifest;
pub use message::{HttpMessageHeaders, HttpRequest, HttpResponse};
pub use module::{Module, ModuleKind};
pub use nearest::nearest;
pub use position::Position;
pub use secret::Secret;
pub use source_text::SourceText;
