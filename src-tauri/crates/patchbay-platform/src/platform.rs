//! Starting and stopping the platform.

use crate::api::throttle::Throttle;
use crate::api::{self, Api};
use crate::config::PlatformOptions;
use crate::error::PlatformError;
use crate::gateway::UpstreamGateway;
use crate::guard::door;
use crate::inbox;
use crate::recovery;
use crate::running::{RunningPlatform, StateLock};
use crate::runtime::pool::slot_socket;
use crate::runtime::tenants::listen;
use crate::runtime::{Parts, Runtime, parent};
use crate::store::{Store, timestamp};
use crate::workerd::config::{DispatcherConfig, NamespaceEntry};
use crate::workerd::process::{Process, ProcessPlan};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A running embedded platform. Dropping it stops it and kills its processes; [`Platform::shutdown`] also waits.
pub struct Platform {
    running: RunningPlatform,
    runtime: Arc<Runtime>,
    stop: CancellationToken,
    server: Option<JoinHandle<()>>,
    /// Last, so that nobody else starts on the folder before everything above is gone.
    _lock: StateLock,
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop.cancel();
        self.runtime.keep_last_served();
        self.runtime.stop_processes();
        // Connections that are still open may hold the runtime, and with it the folder, beyond the end of the program.
        if let Err(error) = fs::remove_dir_all(self.runtime.folder()) {
            tracing::warn!(%error, "the folder with the platform's sockets cannot be removed");
        }
    }
}

impl Platform {
    /// Starts a platform and waits until it serves.
    pub async fn start(options: PlatformOptions, gateway: Arc<dyn UpstreamGateway>) -> Result<Self, PlatformError> {
        if !options.workerd.is_file() {
            return Err(PlatformError::RuntimeMissing { path: options.workerd });
        }
        let state_dir = options.state_dir.as_path();
        create_private(state_dir)?;
        let state_dir = &state_dir.canonicalize().map_err(|source| PlatformError::file("read", state_dir, source))?;
        let lock = StateLock::take(state_dir)?;
        let (api_listener, api_address) = bind(options.api_address, "API")?;
        let (ingress, dispatcher_address) = bind(options.dispatcher_address, "dispatcher")?;
        let mut ingresses = vec![("ingress", OwnedFd::from(ingress))];
        let mut other_dispatchers = BTreeMap::new();
        for environment in &options.other_environments {
            let any_port = SocketAddr::new(options.dispatcher_address.ip(), 0);
            let (ingress, address) = bind(any_port, "dispatcher")?;
            ingresses.push((environment.as_str(), OwnedFd::from(ingress)));
            other_dispatchers.insert(*environment, format!("http://{address}"));
        }

        let store = Arc::new(Store::open(state_dir, &options.sealing_key)?);
        // Beside the start of the processes, which takes longer.
        let checked = tokio::spawn({
            let (store, state_dir) = (Arc::clone(&store), state_dir.clone());
            async move { recovery::check(&store, &state_dir).await }
        });
        let (token_file, token) = token(state_dir)?;
        let wanted: Vec<String> = options.namespaces.iter().map(|binding| binding.namespace.clone()).collect();
        let account_id = store
            .change(move |change| {
                for namespace in &wanted {
                    change.create_namespace(namespace)?;
                }
                change.account_id()
            })
            .await?;

        let stop = CancellationToken::new();
        // A start that fails half-way ends what it has started.
        let stop_on_failure = stop.clone().drop_guard();
        let parts = Parts {
            store,
            gateway,
            program: options.workerd.clone(),
            outbound: options.workers.outbound.clone(),
            state_dir: state_dir.clone(),
            limits: options.limits,
            inbox: options.inbox.clone(),
            stop: stop.clone(),
        };
        let runtime = Runtime::new(parts)?;
        note_run_folder(state_dir, runtime.folder())?;
        start_dispatcher(&runtime, &options, ingresses)?;
        runtime.warm_up();
        runtime.sweep_objects().await?;
        runtime.dispatcher_started().await?;
        runtime.start_validator_soon();
        checked.await.map_err(|_| PlatformError::TaskEnded)??;
        recovery::back_up_regularly(&runtime.store, state_dir, &stop);
        runtime.watch();
        note_alarms(&runtime);

        let running = RunningPlatform {
            pid: std::process::id(),
            api_url: format!("http://{api_address}/client/v4"),
            dispatcher_url: format!("http://{dispatcher_address}"),
            environment: options.environment,
            other_dispatchers,
            account_id: account_id.clone(),
            token_file,
            started_at: timestamp(),
        };
        let explains = options.workers.explain.is_some();
        let throttle = Throttle::new(options.api_rate);
        let api = Arc::new(Api { runtime: Arc::clone(&runtime), account_id, token, explains, throttle });
        let server = serve(api_listener, &api, stop.clone())?;
        running.write(state_dir)?;
        stop_on_failure.disarm();
        Ok(Self { running, runtime, stop, server: Some(server), _lock: lock })
    }

    /// v4 API, ends in `/client/v4`. Our own routes are under `/patchbay/v1` beside it.
    pub fn api_url(&self) -> &str {
        &self.running.api_url
    }

    /// Where webhooks go.
    pub fn dispatcher_url(&self) -> &str {
        &self.running.dispatcher_url
    }

    /// Account id in the API's paths; the same on every start.
    pub fn account_id(&self) -> &str {
        &self.running.account_id
    }

    /// File that holds the bearer token.
    pub fn token_file(&self) -> &Path {
        &self.running.token_file
    }

    /// What `running.json` says.
    pub fn running(&self) -> &RunningPlatform {
        &self.running
    }

    /// Stops serving and ends every process.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(server) = self.server.take() {
            // It panics only where a handler did, and then it is over, too.
            let _ = server.await;
        }
        self.runtime.stop_processes();
        self.runtime.processes_ended().await;
    }
}

/// Serves the API until the platform stops.
fn serve(listener: TcpListener, api: &Arc<Api>, stop: CancellationToken) -> Result<JoinHandle<()>, PlatformError> {
    let failed = |source| PlatformError::File { action: "listen on", path: PathBuf::from("the API's socket"), source };
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    Ok(tokio::spawn(door::serve(listener, api::router(api), door::HEAD_PATIENCE, stop)))
}

/// Beside everything else: there may be thousands of scripts, and an alarm that is late rings as soon as it is known.
fn note_alarms(runtime: &Arc<Runtime>) {
    let runtime = Arc::clone(runtime);
    tokio::spawn(async move {
        if let Err(error) = runtime.note_all_alarms().await {
            tracing::error!(%error, "alarms of Durable Objects cannot be read and ring only when their scripts are called");
        }
    });
}

fn start_dispatcher(
    runtime: &Arc<Runtime>,
    options: &PlatformOptions,
    ingresses: Vec<(&'static str, OwnedFd)>,
) -> Result<(), PlatformError> {
    let folder = runtime.folder();
    let parent_socket = folder.join("parent");
    let inbox_socket = runtime.inbox.is_some().then(|| folder.join("inbox"));
    let config = DispatcherConfig {
        mark: &runtime.mark,
        environment: options.environment,
        other_environments: &options.other_environments,
        namespaces: options
            .namespaces
            .iter()
            .map(|entry| NamespaceEntry { binding: &entry.binding, namespace: &entry.namespace })
            .collect(),
        dispatcher: &options.workers.dispatcher,
        explain: options.workers.explain.as_deref(),
        limits: &options.limits,
        parent_socket: &parent_socket,
        inbox_socket: inbox_socket.as_deref(),
        slot_socket: &|slot| slot_socket(folder, slot),
    };
    let config = config.write(&folder.join("dispatcher"))?;
    let served = listen(&parent_socket)?;
    parent::serve(&runtime.stop, &parent_socket, served, parent::of_dispatcher(runtime))?;
    if let (Some(socket), Some(inbox)) = (&inbox_socket, &runtime.inbox) {
        let router = inbox::service::of_dispatcher(&runtime.observed, inbox);
        parent::serve(&runtime.stop, socket, listen(socket)?, router)?;
    }
    let mut sockets = ingresses;
    sockets.push(("control", OwnedFd::from(listen(&folder.join("control"))?)));
    if options.workers.explain.is_some() {
        sockets.push(("explain", OwnedFd::from(listen(&folder.join("explain"))?)));
    }
    let plan = ProcessPlan {
        role: "dispatcher",
        tenant: None,
        program: runtime.program().to_owned(),
        config: config.into(),
        sockets,
        beat: None,
    };
    runtime.set_dispatcher(Process::supervise(runtime.spawner(), plan, || {}));
    Ok(())
}

/// Binds an address here, so that a port in use is our own clear error and requests can wait while a process starts.
fn bind(address: SocketAddr, purpose: &'static str) -> Result<(TcpListener, SocketAddr), PlatformError> {
    if !address.ip().is_loopback() {
        return Err(PlatformError::NotLoopback { address });
    }
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => PlatformError::PortInUse { address, purpose },
        _ => PlatformError::Listen { address, source },
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Creates a folder for the owner alone, or narrows one that is there. That fails on a folder of somebody else.
fn create_private(folder: &Path) -> Result<(), PlatformError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
        .map_err(|source| PlatformError::file("create", folder, source))
}

/// File that names the folder with sockets and configs, for whoever looks for them.
const RUN_FOLDER: &str = "run-folder";

fn note_run_folder(state_dir: &Path, folder: &Path) -> Result<(), PlatformError> {
    let path = state_dir.join(RUN_FOLDER);
    fs::write(&path, folder.as_os_str().as_encoded_bytes())
        .map_err(|source| PlatformError::file("write", &path, source))
}

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// The bearer token: drawn once, then the same on every start, readable by the owner only. One that others could read
/// meanwhile is replaced.
fn token(state_dir: &Path) -> Result<(PathBuf, String), PlatformError> {
    let path = state_dir.join("token");
    match fs::metadata(&path) {
        Ok(found) if found.permissions().mode() & OTHERS == 0 => {
            let token = fs::read_to_string(&path).map_err(|source| PlatformError::file("read", &path, source))?;
            if !token.trim().is_empty() {
                return Ok((path, token.trim().to_owned()));
            }
        }
        Ok(_) => {
            tracing::warn!(path = %path.display(), "the token could be read by others and is replaced by a new one");
        }
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
        Err(source) => return Err(PlatformError::file("read", &path, source)),
    }
    let token = hex::encode(rand::random::<[u8; 32]>());
    write_private(state_dir, &path, token.as_bytes()).map_err(|source| PlatformError::file("write", &path, source))?;
    Ok((path, token))
}

/// Writes a file that only its owner reads, whole or not at all, and to the disk: clients keep the token.
fn write_private(folder: &Path, path: &Path, content: &[u8]) -> std::io::Result<()> {
    let private = fs::Permissions::from_mode(0o600);
    let mut file = tempfile::Builder::new().prefix(".new-").permissions(private).tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    fs::File::open(folder)?.sync_all()
}
