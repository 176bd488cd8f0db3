//! Bodies on their way into a file.

use super::digests::{Digesting, Digests};
use super::files::{Files, Unclaimed};
use super::refusal::BucketError;
use crate::error::PlatformError;
use axum::body::BodyDataStream;
use bytes::Bytes;
use futures_util::StreamExt;
use std::io::Write as _;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Chunks between the socket and the disk: enough to keep both busy, little enough to hold many uploads at once.
const CHUNKS_UNDER_WAY: usize = 4;

/// A body that is still to be read.
pub(super) struct Incoming {
    /// What came with the metadata.
    pub(super) first: Bytes,
    pub(super) rest: BodyDataStream,
    /// Bytes that were announced.
    pub(super) size: u64,
}

/// A body that is whole and safe on the disk.
pub(super) struct Received {
    pub(super) file: Unclaimed,
    pub(super) size: u64,
    pub(super) digests: Digests,
}

impl Incoming {
    /// Writes the body into a file of its own, without ever holding more than a few chunks.
    pub(super) async fn receive(self, files: &Arc<Files>, digesting: Digesting) -> Result<Received, BucketError> {
        let Self { first, mut rest, size } = self;
        let (chunks, writing) = mpsc::channel(CHUNKS_UNDER_WAY);
        let files = Arc::clone(files);
        let writer = tokio::task::spawn_blocking(move || write(&files, writing, digesting));
        let mut received = first.len() as u64;
        // The writer went away when it does not take a chunk; its own error says why.
        let mut open = first.is_empty() || chunks.send(first).await.is_ok();
        while let Some(chunk) = rest.next().await {
            let Ok(chunk) = chunk else { return Err(BucketError::IncompleteBody) };
            received += chunk.len() as u64;
            open = open && chunks.send(chunk).await.is_ok();
        }
        drop(chunks);
        let (file, digests) = writer.await.map_err(|_| PlatformError::TaskEnded)??;
        if received != size {
            return Err(BucketError::IncompleteBody);
        }
        Ok(Received { file, size, digests })
    }
}

fn write(
    files: &Arc<Files>,
    mut chunks: mpsc::Receiver<Bytes>,
    mut digesting: Digesting,
) -> Result<(Unclaimed, Digests), BucketError> {
    let (mut file, unclaimed) = files.create()?;
    let path = files.path(unclaimed.name());
    let failed = |source| BucketError::Failed(PlatformError::file("write", &path, source));
    while let Some(chunk) = chunks.blocking_recv() {
        digesting.update(&chunk);
        file.write_all(&chunk).map_err(failed)?;
    }
    let digests = digesting.finish()?;
    file.sync_all().and_then(|()| files.sync_names()).map_err(failed)?;
    Ok((unclaimed, digests))
}
