//! Names that are there without a declaration, as workerd 1.20261117 lists them.

use crate::node_support::NodeSupport;

/// What ECMAScript itself defines. Sorted, as the lists below are.
const ECMASCRIPT: &[&str] = &[
    "AggregateError",
    "Array",
    "ArrayBuffer",
    "AsyncDisposableStack",
    "Atomics",
    "BigInt",
    "BigInt64Array",
    "BigUint64Array",
    "Boolean",
    "DataView",
    "Date",
    "DisposableStack",
    "Error",
    "EvalError",
    "FinalizationRegistry",
    "Float16Array",
    "Float32Array",
    "Float64Array",
    "Function",
    "Infinity",
    "Int16Array",
    "Int32Array",
    "Int8Array",
    "Intl",
    "Iterator",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "Promise",
    "Proxy",
    "RangeError",
    "ReferenceError",
    "Reflect",
    "RegExp",
    "Set",
    "SharedArrayBuffer",
    "String",
    "SuppressedError",
    "Symbol",
    "SyntaxError",
    "TypeError",
    "URIError",
    "Uint16Array",
    "Uint32Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "WeakMap",
    "WeakRef",
    "WeakSet",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "escape",
    "eval",
    "globalThis",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "undefined",
    "unescape",
];

/// What the Workers runtime adds, without what only Node compatibility brings.
const WORKERS: &[&str] = &[
    "AbortController",
    "AbortSignal",
    "Blob",
    "ByteLengthQueuingStrategy",
    "Cache",
    "CacheStorage",
    "CloseEvent",
    "Cloudflare",
    "CompressionStream",
    "CountQueuingStrategy",
    "Crypto",
    "CryptoKey",
    "CustomEvent",
    "DOMException",
    "DecompressionStream",
    "ErrorEvent",
    "Event",
    "EventSource",
    "EventTarget",
    "ExtendableEvent",
    "FetchEvent",
    "File",
    "FixedLengthStream",
    "FormData",
    "HTMLRewriter",
    "Headers",
    "IdentityTransformStream",
    "MessageChannel",
    "MessageEvent",
    "MessagePort",
    "Navigator",
    "PromiseRejectionEvent",
    "ReadableByteStreamController",
    "ReadableStream",
    "ReadableStreamBYOBReader",
    "ReadableStreamBYOBRequest",
    "ReadableStreamDefaultController",
    "ReadableStreamDefaultReader",
    "Request",
    "Response",
    "ScheduledEvent",
    "ServiceWorkerGlobalScope",
    "SubtleCrypto",
    "TailEvent",
    "TextDecoder",
    "TextDecoderStream",
    "TextEncoder",
    "TextEncoderStream",
    "TraceEvent",
    "TransformStream",
    "TransformStreamDefaultController",
    "URL",
    "URLPattern",
    "URLSearchParams",
    "WebAssembly",
    "WebSocket",
    "WebSocketPair",
    "WebSocketRequestResponsePair",
    "WorkerGlobalScope",
    "WritableStream",
    "WritableStreamDefaultController",
    "WritableStreamDefaultWriter",
    "addEventListener",
    "arguments",
    "atob",
    "btoa",
    "caches",
    "clearInterval",
    "clearTimeout",
    "console",
    "crypto",
    "dispatchEvent",
    "fetch",
    "navigator",
    "origin",
    "performance",
    "queueMicrotask",
    "removeEventListener",
    "reportError",
    "scheduler",
    "self",
    "setInterval",
    "setTimeout",
    "structuredClone",
];

/// What Node compatibility adds.
const NODE: &[&str] = &[
    "Buffer",
    "Performance",
    "PerformanceEntry",
    "PerformanceMark",
    "PerformanceMeasure",
    "PerformanceObserver",
    "PerformanceObserverEntryList",
    "PerformanceResourceTiming",
    "clearImmediate",
    "global",
    "process",
    "setImmediate",
];

fn is_in(sorted: &[&str], name: &str) -> bool {
    sorted.binary_search(&name).is_ok()
}

/// Whether the language defines a name.
pub(crate) fn is_ecmascript(name: &str) -> bool {
    is_in(ECMASCRIPT, name)
}

/// Whether a name needs no declaration.
pub(crate) fn is_global(name: &str, node: NodeSupport) -> bool {
    is_in(ECMASCRIPT, name) || is_in(WORKERS, name) || (node.has_globals && is_in(NODE, name))
}

/// What belongs to Node: globals that no other runtime has, and names that only its `CommonJS` files have.
pub(crate) fn is_node_only(name: &str) -> bool {
    matches!(name, "Buffer" | "__dirname" | "__filename" | "clearImmediate" | "global" | "process" | "setImmediate")
}

#[cfg(test)]
mod tests {
    use super::{ECMASCRIPT, NODE, WORKERS};

    #[test]
    fn the_lists_are_sorted_and_name_nothing_twice() {
        for list in [ECMASCRIPT, WORKERS, NODE] {
            assert!(list.is_sorted_by(|one, next| one < next), "names are looked up by halves");
        }
        assert!(WORKERS.iter().chain(NODE).all(|name| !ECMASCRIPT.contains(name)));
    }
}
