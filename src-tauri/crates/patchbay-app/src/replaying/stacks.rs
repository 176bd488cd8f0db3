//! The runtime's stacks name places in the uploaded modules; the author knows their own files.

use crate::app::OpenWorkspace;
use patchbay_bundle::SourceMap;
use patchbay_core::{AdapterRef, Environment, Module};
use patchbay_replay::Trace;
use patchbay_replay::trace::TracedFrame;
use patchbay_workspace::VersionModule;

/// Puts the author's places into the exceptions of a trace. `modules` are those that served it, where they are known;
/// else the kept version is asked that the trace names.
pub(super) fn map_exceptions(
    open: &OpenWorkspace,
    adapter: &AdapterRef,
    environment: Environment,
    modules: Option<&[VersionModule]>,
    trace: &mut Trace,
) {
    let Some(run) = trace.adapter_run.as_mut().filter(|run| !run.exceptions.is_empty()) else { return };
    let kept;
    let modules = match modules {
        Some(modules) => modules,
        None => match open.workspace.version(adapter, environment, &run.served_by.version) {
            Ok(record) => {
                kept = record.modules;
                &kept
            }
            // Something else than Patchbay published it; its own positions are all there is.
            Err(_) => return,
        },
    };
    let modules: Vec<Module> = modules.iter().cloned().map(Into::into).collect();
    let Ok(map) = SourceMap::from_modules(&modules) else { return };
    for exception in &mut run.exceptions {
        exception.frames = map
            .map_stack(&exception.stack)
            .into_iter()
            .filter_map(|frame| {
                let source = frame.source?;
                Some(TracedFrame {
                    function: frame.function,
                    file: source.source,
                    line: source.line,
                    column: source.column,
                })
            })
            .collect();
        exception.stack = map.rewrite_stack(&exception.stack);
    }
}
