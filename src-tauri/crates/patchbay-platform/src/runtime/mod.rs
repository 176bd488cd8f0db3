//! The running platform behind its HTTP surface: processes, who runs where, what changed, what was observed.

mod assets;
pub(crate) mod bindings;

pub(crate) mod changes;
pub(crate) mod code;
pub(crate) mod drafts;
mod kept;
pub(crate) mod lanes;
mod limits;
mod loads;
pub(crate) mod observe;
mod offenders;
pub(crate) mod parent;
pub(crate) mod placement;
pub(crate) mod pool;
mod redaction;
mod retire;
mod room;
mod run_folder;
pub(crate) mod service_worker;
pub(crate) mod tail;
pub(crate) mod tenants;
mod thrown;
mod turns;
pub(crate) mod upstream;
pub(crate) mod validate;
mod warm;
mod watch;

use crate::cache::Caches;
use crate::config::RuntimeLimits;
use crate::error::PlatformError;
use crate::gateway::UpstreamGateway;
use crate::inbox::Inbox;
use crate::r2::Buckets;
use crate::store::Store;
use crate::workerd::process::Process;
use crate::workerd::spawn::Spawner;
use bindings::alarms::Alarms;
use drafts::Drafts;
use observe::Observed;
use offenders::Offenders;
use patchbay_core::Module;
use pool::Pool;
use run_folder::RunFolder;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tokio_util::sync::CancellationToken;

/// Everything that the API and the children share.
pub(crate) struct Runtime {
    pub(crate) store: Arc<Store>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) drafts: Arc<Drafts>,
    pub(crate) gateway: Arc<dyn UpstreamGateway>,
    turns: turns::Turns,
    folder: RunFolder,
    /// Prefix of the headers between our own modules. Drawn at each start, so that no script can write them.
    pub(crate) mark: String,
    program: PathBuf,
    outbound: Vec<Module>,
    /// Where the platform keeps what outlives it.
    state_dir: PathBuf,
    last_served: Mutex<Option<placement::ScriptName>>,
    spawner: Spawner,
    pub(crate) pool: Pool,
    pub(crate) offenders: Offenders,
    pub(crate) alarms: Alarms,
    pub(crate) limits: RuntimeLimits,
    pub(crate) inbox: Option<Arc<dyn Inbox>>,
    dispatcher: OnceLock<Process>,
    validator: tokio::sync::OnceCell<Process>,
    storage_process: OnceLock<Process>,
    buckets: Mutex<Option<Arc<Buckets>>>,
    /// What scripts keep with the Cache API.
    pub(crate) caches: Caches,
    /// Whether the storage process runs; locked while it is started.
    storage_starting: tokio::sync::Mutex<bool>,
    /// Shared by validations; alone when one of them has to be told from its neighbours.
    validation: tokio::sync::RwLock<()>,
    changing: changes::ScriptLocks,
    /// Held while the routing is changed, until the dispatcher knows.
    routing: tokio::sync::Mutex<()>,
    /// Cancelled when the platform stops.
    pub(crate) stop: CancellationToken,
}

/// What a runtime is made of.
pub(crate) struct Parts {
    pub(crate) store: Arc<Store>,
    pub(crate) gateway: Arc<dyn UpstreamGateway>,
    pub(crate) program: PathBuf,
    pub(crate) outbound: Vec<Module>,
    pub(crate) state_dir: PathBuf,
    pub(crate) limits: RuntimeLimits,
    pub(crate) inbox: Option<Arc<dyn Inbox>>,
    pub(crate) stop: CancellationToken,
}

impl Runtime {
    pub(crate) fn new(parts: Parts) -> Result<Arc<Self>, PlatformError> {
        let Parts { store, gateway, program, outbound, state_dir, limits, inbox, stop } = parts;
        if outbound.is_empty() {
            return Err(PlatformError::WorkerWithoutModule { worker: "outbound" });
        }
        let folder = RunFolder::make()?;
        let drafts: Arc<Drafts> = Arc::default();
        Ok(Arc::new(Self {
            observed: Arc::new(Observed::new(Arc::clone(&store), Arc::clone(&drafts))),
            drafts,
            store,
            gateway,
            turns: turns::Turns::new(),
            folder,
            mark: format!("x-patchbay-{}", hex::encode(rand::random::<[u8; 16]>())),
            program,
            outbound,
            state_dir,
            last_served: Mutex::default(),
            spawner: Spawner::start()?,
            pool: Pool::default(),
            offenders: Offenders::default(),
            alarms: Alarms::default(),
            limits,
            inbox,
            dispatcher: OnceLock::new(),
            validator: tokio::sync::OnceCell::new(),
            storage_process: OnceLock::new(),
            buckets: Mutex::default(),
            caches: Caches::default(),
            storage_starting: tokio::sync::Mutex::default(),
            validation: tokio::sync::RwLock::default(),
            changing: changes::ScriptLocks::default(),
            routing: tokio::sync::Mutex::default(),
            stop,
        }))
    }

    /// The private folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes charge of the dispatcher's process.
    pub(crate) fn set_dispatcher(&self, process: Process) {
        let _ = self.dispatcher.set(process);
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn spawner(&self) -> &Spawner {
        &self.spawner
    }

    /// Calls a function with each process.
    pub(crate) fn each_process(&self, mut visit: impl FnMut(&Process)) {
        self.dispatcher.get().into_iter().for_each(&mut visit);
        self.validator.get().into_iter().for_each(&mut visit);
        self.storage_process.get().into_iter().for_each(&mut visit);
        for member in self.pool.all() {
            visit(&member.process);
        }
    }

    /// Waits until the dispatcher's process listens.
    pub(crate) async fn dispatcher_started(&self) -> Result<(), PlatformError> {
        self.dispatcher.get().ok_or(PlatformError::TaskEnded)?.first_start().await
    }

    /// Waits until every stopped process has been sent its signal.
    pub(crate) async fn processes_ended(&self) {
        let mut ended = Vec::new();
        self.each_process(|process| ended.push(process.ended()));
        for ended in ended {
            ended.await;
        }
    }

    /// Ends every process.
    pub(crate) fn stop_processes(&self) {
        self.each_process(Process::stop);
    }
}
