//! R2 buckets: the service behind the runtime's native `r2Bucket` binding.
//!
//! The binding is a client of an HTTP protocol: reads are `GET` with the request as JSON in `CF-R2-Request`, writes are
//! `PUT` whose body begins with as many bytes of JSON as `CF-R2-Metadata-Size` says. Answers begin with JSON of the size
//! that their own `CF-R2-Metadata-Size` says; failures carry `CF-R2-Error`. Shapes as in workerd's `r2-api.capnp`, and as
//! seen on the wire of workerd 1.20261117.
//!
//! It runs in this process and not in a Worker, because an object is visible only once it is safely on the disk, which
//! takes `fsync`, and because no Worker can hold 5 GiB. Metadata stands in `SQLite`, bodies in files.
//!
//! A bucket belongs to the account and exists by being named. Who may reach which bucket is decided by the socket: each
//! process has its own, and [`router`] is given the buckets that the bindings of its script name.

mod answer;
mod condition;
mod digests;
mod files;
mod index;
mod list;
mod objects;
mod range;
mod receive;
mod refusal;
mod request;
mod service;
mod uploads;

use crate::error::PlatformError;
use files::Files;
use index::Index;
pub(crate) use range::of_header;
pub(crate) use service::{BUCKET_HEADER, router};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use index::FORMAT;

/// The index of the buckets in a platform's state folder.
pub(crate) fn index_file(state_dir: &Path) -> PathBuf {
    index::file(&state_dir.join("r2"))
}

/// Every bucket of the account.
pub(crate) struct Buckets {
    index: Arc<Index>,
    files: Arc<Files>,
}

impl Buckets {
    /// Opens the buckets in a folder, or makes it. What a killed process left half-written is removed in the background.
    pub(crate) fn open(folder: &Path) -> Result<Arc<Self>, PlatformError> {
        let files = Arc::new(Files::open(&folder.join("files"))?);
        let index = Arc::new(Index::open(folder)?);
        let buckets = Arc::new(Self { index, files });
        let sweeping = Arc::clone(&buckets);
        std::thread::spawn(move || {
            if let Err(error) = sweeping.sweep() {
                tracing::warn!(%error, "leftovers in the buckets' folder could not be removed");
            }
        });
        Ok(buckets)
    }
}
