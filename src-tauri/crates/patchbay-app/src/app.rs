//! What is open: a workspace with its secrets and history, the platform it runs on, the jobs under way.

use crate::options::AppOptions;
use crate::platform_host::PlatformHost;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::events::AppEvent;
use patchbay_replay::History;
use patchbay_secrets::{Envelope, KeychainStore, PassphraseStore, SecretStore};
use patchbay_webhooks::SenderKeys;
use patchbay_workspace::Workspace;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Events that a slow window may fall behind before it misses some.
const EVENT_BACKLOG: usize = 256;

/// One running Patchbay: the window's, the bridge's or a command's.
pub struct App {
    options: AppOptions,
    open: RwLock<Option<Arc<OpenWorkspace>>>,
    pub(crate) platform: PlatformHost,
    events: broadcast::Sender<AppEvent>,
    jobs: Mutex<HashMap<String, CancellationToken>>,
}

/// A workspace and what belongs to it.
pub struct OpenWorkspace {
    /// The folder.
    pub workspace: Workspace,
    /// Its secrets.
    pub secrets: Arc<dyn SecretStore>,
    /// Its deliveries, opened when they are first needed: what has nothing to do with them works on a full disk, too.
    history: OnceLock<History>,
    /// Keys of the simulated senders, derived when they are first needed.
    pub(crate) sender_keys: OnceLock<Arc<SenderKeys>>,
    /// Seals what of received webhooks must not be shown, made when it is first needed.
    pub(crate) envelope: OnceLock<Envelope>,
}

impl OpenWorkspace {
    /// Its deliveries.
    pub fn history(&self) -> Result<&History, WireError> {
        if let Some(history) = self.history.get() {
            return Ok(history);
        }
        let keep = crate::history::retention(&self.workspace.settings().history);
        let opened = History::open_keeping(&self.workspace.state_folder()?.join("history.sqlite"), keep)?;
        Ok(self.history.get_or_init(|| opened))
    }
}

impl App {
    /// Nothing is opened or started yet.
    pub fn new(options: AppOptions) -> Arc<Self> {
        let (events, _) = broadcast::channel(EVENT_BACKLOG);
        Arc::new(Self {
            options,
            open: RwLock::new(None),
            platform: PlatformHost::default(),
            events,
            jobs: Mutex::new(HashMap::new()),
        })
    }

    /// How this app was set up.
    pub fn options(&self) -> &AppOptions {
        &self.options
    }

    /// Where the demo workspace is made when nobody names a folder.
    pub fn demo_workspace_folder(&self) -> PathBuf {
        self.options.data_dir.join("demo-workspace")
    }

    /// Opens a workspace in place of the one that was open.
    pub fn open_workspace(&self, folder: &Path) -> Result<(), WireError> {
        let workspace = Workspace::open(folder)?;
        let secrets = self.secret_store(&workspace)?;
        let open = OpenWorkspace {
            workspace,
            secrets,
            history: OnceLock::new(),
            sender_keys: OnceLock::new(),
            envelope: OnceLock::new(),
        };
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(open));
        Ok(())
    }

    /// Makes a workspace where the folder is missing or empty; whether it did.
    pub fn create_workspace_if_empty(&self, folder: &Path) -> Result<bool, WireError> {
        let is_empty = match std::fs::read_dir(folder) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if is_empty {
            crate::workspaces::create(folder)?;
        }
        Ok(is_empty)
    }

    /// Whether a workspace is open.
    pub fn has_workspace(&self) -> bool {
        self.open.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The open workspace.
    pub fn workspace(&self) -> Result<Arc<OpenWorkspace>, WireError> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(|| {
            WireError::new(ErrorCode::WorkspaceNotFound, "No workspace is open")
                .with_hint("Open a folder that has a `patchbay.toml`, or make the demo workspace")
        })
    }

    /// Everything the app tells without being asked.
    pub fn subscribe(&self) -> broadcast::Receiver<AppEvent> {
        self.events.subscribe()
    }

    /// Tells whoever listens. Nobody listening is fine.
    pub(crate) fn emit(&self, event: AppEvent) {
        drop(self.events.send(event));
    }

    /// Stops what this process runs: jobs first, then its embedded platform.
    pub async fn shutdown(&self) {
        for job in self.jobs().values() {
            job.cancel();
        }
        self.platform.stop().await;
    }

    /// Registers a job so that it can be cancelled.
    pub(crate) fn begin_job(&self) -> (String, CancellationToken) {
        let job = uuid::Uuid::now_v7().simple().to_string();
        let cancel = CancellationToken::new();
        self.jobs().insert(job.clone(), cancel.clone());
        (job, cancel)
    }

    /// Forgets a job that is over.
    pub(crate) fn end_job(&self, job: &str) {
        self.jobs().remove(job);
    }

    /// Cancels a job. One that is over already stays as it ended.
    pub(crate) fn cancel_job(&self, job: &str) {
        if let Some(cancel) = self.jobs().get(job) {
            cancel.cancel();
        }
    }

    fn jobs(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn secret_store(&self, workspace: &Workspace) -> Result<Arc<dyn SecretStore>, WireError> {
        let (folder, id) = (&self.options.data_dir, workspace.settings().id);
        Ok(match &self.options.passphrase {
            None => Arc::new(KeychainStore::new(folder, id)),
            Some(passphrase) => Arc::new(PassphraseStore::open(folder, id, passphrase.clone())?),
        })
    }
}

/// Runs work that blocks (the keychain may wait for a person at a prompt) off the asynchronous threads.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WireError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| WireError::internal("A task ended early", &error))
}
