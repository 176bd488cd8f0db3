//! The embedded platform of the open workspace: our own, or one that another process runs and we share.

use crate::app::App;
use crate::receiving::WebhookInbox;
use crate::upstreams::SimulatedUpstreams;
use crate::wire::error::{ErrorCode, WireError};
use crate::wire::events::AppEvent;
use crate::wire::platform::PlatformStatus;
use patchbay_cloudflare::Client;
use patchbay_core::{Environment, Module, Secret};
use patchbay_platform::{
    ApiRate, Inbox, NamespaceBinding, Platform, PlatformOptions, PlatformWorkers, RunningPlatform, RuntimeLimits,
};
use patchbay_replay::PlatformLink;
use patchbay_templates::PlatformWorker;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What the platform's sealing key is for, in the keychain.
const SEALING_PURPOSE: &str = "platform";

/// How to reach a running platform.
#[derive(Clone)]
pub(crate) struct Link {
    /// Speaks the v4 API.
    pub client: Client,
    /// Speaks our own API.
    pub local: PlatformLink,
    running: RunningPlatform,
    own: bool,
}

impl Link {
    fn new(running: RunningPlatform, own: bool) -> Result<Self, WireError> {
        let token = std::fs::read_to_string(&running.token_file).map_err(|error| {
            WireError::new(
                ErrorCode::TargetUnauthorized,
                format!("The token of the running platform cannot be read: {error}"),
            )
            .with_hint("Run the command as the user who started the platform")
        })?;
        let token = Secret::new(token.trim());
        let origin = running.api_url.trim_end_matches("/client/v4");
        Ok(Self {
            client: Client::new(&running.api_url, &running.account_id, token.clone())?,
            local: PlatformLink::new(origin, token)?,
            running,
            own,
        })
    }

    /// Where webhooks for an environment go.
    pub fn dispatcher_url(&self, environment: Environment) -> Result<&str, WireError> {
        if environment == self.running.environment {
            return Ok(&self.running.dispatcher_url);
        }
        self.running.other_dispatchers.get(&environment).map(String::as_str).ok_or_else(|| {
            WireError::new(ErrorCode::TargetNotConfigured, format!("No dispatcher serves {environment}")).with_hint(
                format!(
                    "Name its namespaces under [environments.{environment}] in patchbay.toml, then restart the platform"
                ),
            )
        })
    }
}

/// How a platform serves.
#[derive(Debug, Clone, Copy)]
pub struct Serving {
    /// Port of the API; 0 is any free one.
    pub api_port: u16,
    /// Port of the dispatcher; 0 is any free one.
    pub dispatcher_port: u16,
    /// How many requests the API takes.
    pub api_rate: ApiRate,
    /// Whether what arrives at the dispatcher is stored before a script gets it.
    pub inbox: bool,
}

/// Free ports, and everything that arrives is stored.
impl Default for Serving {
    fn default() -> Self {
        Self { api_port: 0, dispatcher_port: 0, api_rate: ApiRate::default(), inbox: true }
    }
}

/// Holds what runs.
#[derive(Default)]
pub(crate) struct PlatformHost {
    own: Mutex<Option<Platform>>,
}

impl PlatformHost {
    /// Joins the platform that runs for this workspace, or starts one.
    pub async fn link(&self, app: &Arc<App>) -> Result<Link, WireError> {
        let mut own = self.own.lock().await;
        if let Some(platform) = own.as_ref() {
            return Link::new(platform.running().clone(), true);
        }
        if let Some(running) = RunningPlatform::find(&state_dir(app)?) {
            return Link::new(running, false);
        }
        let platform = match start(app, Serving::default()).await {
            Ok(platform) => platform,
            // Another process was faster; share what it started.
            Err(error) if error.code == ErrorCode::PlatformAlreadyRunning => {
                let running = RunningPlatform::find(&state_dir(app)?).ok_or(error)?;
                return Link::new(running, false);
            }
            Err(error) => return Err(error),
        };
        let link = Link::new(platform.running().clone(), true)?;
        *own = Some(platform);
        drop(own);
        app.emit(AppEvent::PlatformChanged(status_of(Some(&link))));
        Ok(link)
    }

    /// The running platform, if there is one. Starts nothing.
    pub async fn running_link(&self, app: &Arc<App>) -> Result<Option<Link>, WireError> {
        if let Some(platform) = self.own.lock().await.as_ref() {
            return Link::new(platform.running().clone(), true).map(Some);
        }
        RunningPlatform::find(&state_dir(app)?).map(|running| Link::new(running, false)).transpose()
    }

    /// For people: whether it runs, and where.
    pub async fn status(&self, app: &Arc<App>) -> PlatformStatus {
        status_of(self.running_link(app).await.ok().flatten().as_ref())
    }

    /// Stops our own. One that is shared goes on.
    pub async fn stop(&self) {
        if let Some(platform) = self.own.lock().await.take() {
            platform.shutdown().await;
        }
    }
}

impl App {
    /// Starts the platform as a person chose; an error when another process runs it already.
    pub async fn start_platform_in_foreground(
        self: &Arc<Self>,
        serving: Serving,
    ) -> Result<RunningPlatform, WireError> {
        // Before anything is started, because a table that is wrong needs no platform to say so.
        crate::routing::prepare(&*self.workspace()?)?;
        let mut own = self.platform.own.lock().await;
        let platform = start(self, serving).await?;
        let running = platform.running().clone();
        let link = Link::new(running.clone(), true)?;
        *own = Some(platform);
        drop(own);
        crate::routing::push(self, &link).await?;
        Ok(running)
    }
}

fn status_of(link: Option<&Link>) -> PlatformStatus {
    PlatformStatus {
        running: link.is_some(),
        own: link.is_some_and(|link| link.own),
        pid: link.map(|link| link.running.pid),
        api_url: link.map(|link| link.running.api_url.clone()),
        dispatcher_url: link.map(|link| link.running.dispatcher_url.clone()),
    }
}

fn state_dir(app: &Arc<App>) -> Result<PathBuf, WireError> {
    Ok(app.workspace()?.workspace.state_folder()?.join("platform"))
}

async fn start(app: &Arc<App>, serving: Serving) -> Result<Platform, WireError> {
    let open = app.workspace()?;
    let workerd = app.options().workerd.clone().ok_or_else(|| {
        WireError::new(ErrorCode::PlatformRuntimeMissing, "The Workers runtime `workerd` was not found")
            .with_hint("Run `make setup`, or set PATCHBAY_WORKERD to a workerd binary (npm package `workerd`)")
    })?;
    let secrets = Arc::clone(&open.secrets);
    let sealing_key = async { Ok(crate::app::blocking(move || secrets.sealing_key(SEALING_PURPOSE)).await??) };
    // Together, because each waits for the keychain or for the processor.
    let modules = async { crate::app::blocking(workers).await? };
    let (sealing_key, sender_keys, modules) = tokio::try_join!(sealing_key, crate::senders::keys(&open), modules)?;
    // The first one that has namespaces: production, unless the workspace has none for it.
    let configured: Vec<Environment> = open.workspace.settings().environments.keys().copied().collect();
    let environment = configured.first().copied().unwrap_or_default();
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let inbox: Option<Arc<dyn Inbox>> = if serving.inbox {
        let inbox = WebhookInbox::new(app, &open);
        Some(Arc::new(inbox.map_err(|error| WireError::internal("The inbox cannot be started", &error))?))
    } else {
        None
    };
    let options = PlatformOptions {
        state_dir: state_dir(app)?,
        workerd,
        api_address: loopback(serving.api_port),
        dispatcher_address: loopback(serving.dispatcher_port),
        sealing_key,
        environment,
        other_environments: configured.iter().copied().filter(|other| *other != environment).collect(),
        namespaces: namespaces(app)?,
        workers: modules,
        api_rate: serving.api_rate,
        limits: RuntimeLimits::default(),
        inbox,
    };
    let upstreams = SimulatedUpstreams::new(open.workspace.clone(), sender_keys);
    Ok(Platform::start(options, Arc::new(upstreams)).await?)
}

fn namespaces(app: &Arc<App>) -> Result<Vec<NamespaceBinding>, WireError> {
    let open = app.workspace()?;
    let mut bindings = Vec::new();
    for (environment, regions) in &open.workspace.settings().environments {
        for (region, namespace) in regions {
            let binding =
                format!("{}_{}", environment.binding_name(), region.as_str().to_uppercase().replace('-', "_"));
            bindings.push(NamespaceBinding { binding, namespace: namespace.to_string() });
        }
        // A service that belongs to no tenant has no region: the first region's namespace serves it.
        if let Some(namespace) = regions.values().next() {
            bindings.push(NamespaceBinding {
                binding: environment.binding_name().into(),
                namespace: namespace.to_string(),
            });
        }
    }
    Ok(bindings)
}

fn workers() -> Result<PlatformWorkers, WireError> {
    // The platform runs the first module it is given.
    let modules = |worker: PlatformWorker| -> Result<Vec<Module>, WireError> {
        let mut sources = patchbay_templates::platform_worker(worker);
        sources.files.sort_by_key(|(path, _)| *path != sources.entry);
        Ok(patchbay_bundle::transpile(&sources.files)?)
    };
    Ok(PlatformWorkers {
        dispatcher: modules(PlatformWorker::Dispatcher)?,
        outbound: modules(PlatformWorker::Outbound)?,
        explain: Some(modules(PlatformWorker::Explain)?),
    })
}
