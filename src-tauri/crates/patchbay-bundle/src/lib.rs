//! Turns an adapter's folder into the modules that are uploaded, and maps runtime stacks back to its sources.
//!
//! Owns: resolving and bundling TypeScript, JavaScript and npm packages ([`bundle`]), the `patchbay-runtime` main module
//! that turns a returned object into a response, source maps ([`SourceMap`]), and type stripping of Workers that stay
//! several files ([`transpile()`]). Does not own: what is right or wrong in an adapter (the lint engine), where adapters
//! stand on disk, or where modules are sent.
#![warn(missing_docs)]

mod adapter_files;
mod bundler;
mod error;
mod failures;
mod imports;
mod runtime;
mod source_map;
mod transpile;

pub use adapter_files::LARGEST_SOURCE;
pub use bundler::{Bundle, MAIN_MODULE, Request, bundle};
pub use error::{BundleError, SourceProblem, UnresolvedImport};
pub use source_map::{SourceMap, SourcePosition, StackFrame};
pub use transpile::transpile;
