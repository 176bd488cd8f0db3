//! Bindings that the runtime gives to a script only by its config: KV namespaces, D1 databases, queues, buckets, Durable
//! Objects, keys, and other scripts. The loader's `env` takes none of them, so a script that has one runs in a process of
//! its own (`Occupant::Dedicated`), in which it is a service with native bindings.
//!
//! What such a binding reaches is not decided in that process: everything leaves it by one socket, the *gate*
//! (`gate.rs`), which knows the bindings of the version and sends on what names one of them. The data of KV namespaces,
//! databases and queues live in the *storage process* (`storage.rs`), those of Durable Objects beside the script
//! (`objects.rs`). Buckets (`crate::r2`) have a socket of their own in each process, which serves those that are named.

pub(crate) mod alarms;
pub(crate) mod dedicated;
mod entrypoints;
mod forward;
mod gate;
mod key;
pub(crate) mod objects;
mod parameters;
mod scripts;
pub(crate) mod storage;

use crate::store::StoreError;
pub(crate) use key::{CryptoKey, Material};
use patchbay_cloudflare::wire::binding::Binding;

/// What a native binding is bound to. Ids belong to the account; one exists by being named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Native {
    /// A KV namespace, by its id.
    Kv(String),
    /// A D1 database, by its id.
    Database(String),
    /// A queue, by its name. The script can send to it.
    Queue(String),
    /// An R2 bucket, by its name.
    Bucket(String),
    /// Durable Objects of a class of the script itself.
    Objects(String),
    /// Durable Objects of a class of another script of the same namespace and owner.
    ObjectsOf { script: String, class: String },
    /// Another script of the same namespace and owner, or one of its named entrypoints.
    Script { script: String, entrypoint: Option<String> },
    /// The owner's scripts in a dispatch namespace.
    Namespace(String),
    /// A key for `crypto.subtle`.
    Key(CryptoKey),
}

/// Types of bindings that need a process of their own.
const TYPES: [&str; 8] = [
    "kv_namespace",
    "d1",
    "queue",
    "r2_bucket",
    "durable_object_namespace",
    "service",
    "dispatch_namespace",
    "secret_key",
];

/// Whether a binding of that type is one of these.
pub(crate) fn is_native(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// Reads a binding of a script that has one of these types. Nothing for another type.
pub(crate) fn native(script: &str, binding: &Binding) -> Result<Option<Native>, StoreError> {
    let unreadable = || StoreError::Unreadable("a binding");
    let field = |name: &str| binding.text_field(name).map(str::to_owned).ok_or_else(unreadable);
    Ok(Some(match binding.kind.as_str() {
        "kv_namespace" => Native::Kv(field("namespace_id")?),
        "d1" => Native::Database(field("id")?),
        "queue" => Native::Queue(field("queue_name")?),
        "r2_bucket" => Native::Bucket(field("bucket_name")?),
        "durable_object_namespace" => {
            let class = field("class_name")?;
            match binding.text_field("script_name").filter(|other| !other.is_empty() && *other != script) {
                Some(other) => Native::ObjectsOf { script: other.to_owned(), class },
                None => Native::Objects(class),
            }
        }
        "service" => {
            let entrypoint = binding.text_field("entrypoint").filter(|name| !name.is_empty() && *name != "default");
            Native::Script { script: field("service")?, entrypoint: entrypoint.map(str::to_owned) }
        }
        "dispatch_namespace" => Native::Namespace(field("namespace")?),
        "secret_key" => Native::Key(CryptoKey::read(binding).ok_or_else(unreadable)?),
        _ => return Ok(None),
    }))
}
