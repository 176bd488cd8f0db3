//! The storage process: one runtime that holds the data of every KV namespace, D1 database and queue, on the disk.
//!
//! It runs what workerd brings for them (`bundled` modules). Data belong to ids of the account, and several processes use
//! one id, so one process has them all. It starts when a script first needs it. What uses which id is decided by the gate
//! of each process; nothing else knows this socket.
//!
//! A queue has producers only: a consumer is a Worker of an account, which this platform does not serve. Its messages
//! stay for four days, as workerd keeps them; how many wait is to be seen at `GET /patchbay/v1/queues`.

use crate::error::PlatformError;
use crate::runtime::Runtime;
use crate::runtime::tenants::listen;
use crate::workerd::process::{Process, ProcessPlan};
use crate::workerd::socket::ask;
use crate::workerd::storage::StorageConfig;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// What waits in a queue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Backlog {
    pub(crate) queue: String,
    /// Messages, and bytes of their bodies.
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

impl Runtime {
    /// The socket of the storage process, which is started when it does not run yet.
    pub(crate) async fn storage(&self) -> Result<PathBuf, PlatformError> {
        let socket = self.folder().join("storage");
        let mut starting = self.storage_starting.lock().await;
        if *starting {
            return Ok(socket);
        }
        let config = StorageConfig { mark: &self.mark, data: &self.state_dir.join("storage") };
        // A start that failed left its socket behind.
        if socket.exists() {
            std::fs::remove_file(&socket).map_err(|source| PlatformError::file("remove", &socket, source))?;
        }
        let plan = ProcessPlan {
            role: "storage",
            tenant: None,
            program: self.program().to_owned(),
            config: config.write(&self.folder().join("storage-process"))?.into(),
            sockets: vec![("storage", OwnedFd::from(listen(&socket)?))],
            beat: None,
        };
        let process = Process::supervise(self.spawner(), plan, || {});
        process.first_start().await?;
        let _ = self.storage_process.set(process);
        *starting = true;
        Ok(socket)
    }

    /// What waits in the queues that live scripts name.
    pub(crate) async fn backlogs(&self) -> Result<Vec<Backlog>, PlatformError> {
        let names = self.store.change(|change| Ok(change.queue_names()?.into_iter().collect::<BTreeSet<_>>())).await?;
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let socket = self.storage().await?;
        let body: bytes::Bytes = json!(names).to_string().into();
        let (_, answer) = ask("storage", &socket, Method::POST, "http://storage/backlogs", body, PATIENCE).await?;
        serde_json::from_slice(&answer).map_err(|_| PlatformError::RuntimeLost {
            role: "storage",
            detail: String::from_utf8_lossy(&answer).into_owned(),
        })
    }
}
