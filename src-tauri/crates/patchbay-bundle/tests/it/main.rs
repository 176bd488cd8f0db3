//! Bundles real adapter folders, and runs what comes out.

mod bundling;
mod folder;
mod refusals;
mod runtime;
