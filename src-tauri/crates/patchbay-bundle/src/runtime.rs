//! `patchbay-runtime`: the main module that stands before the adapter's own code.

use crate::bundler::MAIN_MODULE;
use bytes::Bytes;
use patchbay_core::{Module, ModuleKind};

/// The main module. Its bytes are the same for every adapter and on every platform.
pub(crate) fn main_module() -> Module {
    let content = Bytes::from_static(include_bytes!("../runtime/index.js"));
    Module { name: MAIN_MODULE.into(), kind: ModuleKind::EsModule, content }
}
