//! One supervised runtime process: started, waited for, and started again on the same sockets when it ends.

use super::ending::{Ended, Ending};
use super::logs::{Beats, StartLog};
use super::spawn::{Launch, Spawner};
use crate::error::PlatformError;
use rustix::process::{Pid, Signal, kill_process};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A process that has not reported its sockets by then hangs. A busy machine takes seconds.
const START_PATIENCE: Duration = Duration::from_secs(30);
/// Wait before a process that keeps dying is started again: doubles from the first to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A process that lived this long died of something new.
const SETTLED: Duration = Duration::from_secs(10);
/// How long a process that is asked to end may finish what it has: open streams and sockets.
const DRAIN_PATIENCE: Duration = Duration::from_mins(15);

/// A config in Cap'n Proto text, with a constant named `config`.
pub(crate) enum ConfigSource {
    /// A file without secrets.
    File(PathBuf),
    /// The config of a script's own process.
    Script {
        /// Memory of this process that has no name in the file system: the config holds the script's secrets.
        memory: OwnedFd,
        /// Socket at which other processes reach each service of this one (the runtime's debug port). In the private
        /// folder, like every other.
        calls: PathBuf,
    },
}

impl From<PathBuf> for ConfigSource {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// What to run.
pub(crate) struct ProcessPlan {
    /// `dispatcher`, `validator`, `tenant` or `storage`.
    pub(crate) role: &'static str,
    /// Whose scripts it runs.
    pub(crate) tenant: Option<String>,
    /// The runtime.
    pub(crate) program: PathBuf,
    pub(crate) config: ConfigSource,
    /// Sockets by their names in the config. This process keeps them open, so that requests wait in the backlog while
    /// there is no child.
    pub(crate) sockets: Vec<(&'static str, OwnedFd)>,
    /// How the lines begin by which its own modules say that a turn of the event loop is over and how many requests
    /// have no answer yet. Nobody else may know it.
    pub(crate) beat: Option<String>,
}

/// What is to become of a process.
#[derive(Debug, Clone, Copy, Default)]
struct Sentence {
    /// The newest generation that is to be killed, and why.
    condemned: u64,
    why: Ending,
    /// It is to finish what it has and not to come back.
    retired: bool,
}

/// A process as people look at it.
#[derive(Debug, Clone)]
pub(crate) struct ProcessState {
    pub(crate) pid: Option<u32>,
    pub(crate) started: OffsetDateTime,
    pub(crate) restarts: u32,
}

/// A supervised process. Dropping it ends the process.
pub(crate) struct Process {
    pub(crate) role: &'static str,
    pub(crate) tenant: Option<String>,
    state: Arc<Mutex<ProcessState>>,
    first_start: Mutex<Option<oneshot::Receiver<Result<(), PlatformError>>>>,
    stop: CancellationToken,
    supervision: Mutex<Option<JoinHandle<()>>>,
    /// How many times it has come up.
    generation: watch::Receiver<u64>,
    sentence: watch::Sender<Sentence>,
    /// How it ended last.
    ends: watch::Receiver<Option<Ended>>,
    beats: Beats,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Process {
    /// Starts it in the background. `ended` is told each time a running process is gone.
    pub(crate) fn supervise(spawner: &Spawner, plan: ProcessPlan, ended: impl Fn() + Send + Sync + 'static) -> Self {
        let state = Arc::new(Mutex::new(ProcessState { pid: None, started: OffsetDateTime::now_utc(), restarts: 0 }));
        let (told, first_start) = oneshot::channel();
        let stop = CancellationToken::new();
        let (counted, generation) = watch::channel(0);
        let (sentence, verdict) = watch::channel(Sentence::default());
        let (noted, ends) = watch::channel(None);
        let beats = Beats::default();
        let supervised = Supervision {
            role: plan.role,
            plan,
            state: Arc::clone(&state),
            spawner: spawner.clone(),
            generation: counted,
            sentence: verdict,
            ends: noted,
            beats: beats.clone(),
        };
        let (role, tenant) = (supervised.role, supervised.plan.tenant.clone());
        let stopped = stop.clone();
        let supervision = tokio::spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = supervised.run(told, &ended) => {}
            }
        });
        Self {
            role,
            tenant,
            state,
            first_start: Mutex::new(Some(first_start)),
            stop,
            supervision: Mutex::new(Some(supervision)),
            generation,
            sentence,
            ends,
            beats,
        }
    }

    /// The outcome of the first start, once it is known; success for whoever asks again.
    pub(crate) fn first_start(&self) -> impl Future<Output = Result<(), PlatformError>> + use<> {
        let outcome = self.first_start.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            match outcome {
                Some(outcome) => outcome.await.unwrap_or(Err(PlatformError::TaskEnded)),
                None => Ok(()),
            }
        }
    }

    /// Waits until a stopped process has been sent its signal.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + use<> {
        let supervision = self.supervision.lock().unwrap_or_else(PoisonError::into_inner).take();
        async move {
            if let Some(supervision) = supervision {
                // An error means that it is over, too.
                let _ = supervision.await;
            }
        }
    }

    /// Which start of the process is the current one.
    pub(crate) fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// What it has said about the turns of its event loop.
    pub(crate) fn beats(&self) -> &Beats {
        &self.beats
    }

    /// Kills the process of that generation, if it still runs; a new one takes its place.
    pub(crate) fn replace(&self, generation: u64, why: Ending) {
        self.sentence.send_if_modified(|sentence| {
            let newer = generation > sentence.condemned;
            if newer {
                *sentence = Sentence { condemned: generation, why, ..*sentence };
            }
            newer
        });
    }

    /// Asks the process to end: it takes nothing new and finishes what it has. None takes its place.
    pub(crate) fn retire(&self) {
        self.sentence.send_modify(|sentence| sentence.retired = true);
    }

    /// How the process ended that was running at a time, in milliseconds since the Unix epoch. The end may become known
    /// here a moment after others felt it.
    pub(crate) async fn ending_since(&self, time_ms: f64, patience: Duration) -> Option<Ending> {
        let mut ends = self.ends.clone();
        let found = ends.wait_for(|ended| ended.is_some_and(|ended| ended.at_ms >= time_ms));
        let ended = tokio::time::timeout(patience, found).await.ok()?.ok()?;
        ended.map(|ended| ended.why)
    }

    /// Waits until a later generation has come up.
    pub(crate) async fn comes_after(&self, generation: u64) {
        // The channel closes only when the platform stops, and then there is nothing to wait for.
        let _ = self.generation.clone().wait_for(|current| *current > generation).await;
    }

    /// Process id, start time and number of restarts.
    pub(crate) fn state(&self) -> ProcessState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the process without waiting.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }
}

/// A process that listens.
struct Running {
    child: Child,
    log: StartLog,
    log_reader: JoinHandle<()>,
}

struct Supervision {
    role: &'static str,
    plan: ProcessPlan,
    state: Arc<Mutex<ProcessState>>,
    spawner: Spawner,
    generation: watch::Sender<u64>,
    sentence: watch::Receiver<Sentence>,
    ends: watch::Sender<Option<Ended>>,
    beats: Beats,
}

impl Supervision {
    async fn run(&self, told: oneshot::Sender<Result<(), PlatformError>>, ended: &(dyn Fn() + Send + Sync)) {
        let (role, tenant) = (self.role, self.plan.tenant.as_deref());
        let mut told = Some(told);
        let mut pause = FIRST_PAUSE;
        loop {
            let since = tokio::time::Instant::now();
            let mut why = Ending::Crashed;
            match (self.start().await, told.take()) {
                (Ok(running), told) => {
                    let mut generation = 0;
                    self.generation.send_modify(|count| {
                        *count += 1;
                        generation = *count;
                    });
                    if let Some(told) = told {
                        // Nobody waits for a tenant's process.
                        let _ = told.send(Ok(()));
                    }
                    why = self.watch(running, generation).await;
                    self.change(|state| {
                        state.pid = None;
                        state.restarts += 1;
                    });
                    ended();
                    self.ends.send_replace(Some(Ended::now(why)));
                }
                (Err(error), Some(told)) if tenant.is_none() => {
                    // Whoever started it hears why and decides.
                    let _ = told.send(Err(error));
                    return;
                }
                (Err(error), _) => tracing::warn!(role, tenant, %error, "runtime process did not start"),
            }
            if self.sentence.borrow().retired {
                return;
            }
            // A script that went over its limits says nothing about the next start.
            let is_new = since.elapsed() > SETTLED || why != Ending::Crashed;
            pause = if is_new { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits for the end of a running process, and brings it about when it is sentenced.
    async fn watch(&self, running: Running, generation: u64) -> Ending {
        let (role, tenant) = (self.role, self.plan.tenant.as_deref());
        let Running { mut child, log, log_reader } = running;
        let mut verdict = self.sentence.clone();
        let sentence = async {
            let sentenced = verdict.wait_for(|now| now.retired || now.condemned >= generation).await;
            // The channel closes only when the platform stops, and then this future is dropped, too.
            sentenced.map_or_else(|_| Sentence::default(), |now| *now)
        };
        let sentence = tokio::select! {
            status = child.wait() => {
                // The pipe may still hold the last words.
                let _ = tokio::time::timeout(Duration::from_secs(1), log_reader).await;
                let why = if log.tells_of_full_heap() { Ending::Memory } else { Ending::Crashed };
                tracing::warn!(role, tenant, ?status, ?why, "runtime process ended");
                return why;
            }
            sentence = sentence => sentence,
        };
        if sentence.condemned < generation {
            let asked = child.id().and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
            if let Some(Err(error)) = asked.map(|pid| kill_process(pid, Signal::TERM)) {
                tracing::warn!(role, tenant, %error, "runtime process could not be asked to end");
            }
            if tokio::time::timeout(DRAIN_PATIENCE, child.wait()).await.is_ok() {
                return Ending::Retired;
            }
        }
        if let Err(error) = child.kill().await {
            tracing::warn!(role, tenant, %error, "runtime process could not be killed");
        }
        sentence.why
    }

    fn change(&self, change: impl FnOnce(&mut ProcessState)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Spawns the process and waits until it listens, raced against its end.
    async fn start(&self) -> Result<Running, PlatformError> {
        let failed = |source| PlatformError::RuntimeSpawn { source };
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        let mut arguments: Vec<std::ffi::OsString> =
            ["serve", "--experimental", "--control-fd=3"].map(Into::into).to_vec();
        let mut descriptors = vec![OwnedFd::from(writer)];
        for (number, (name, socket)) in (4..).zip(&self.plan.sockets) {
            arguments.push(format!("--socket-fd={name}={number}").into());
            descriptors.push(socket.try_clone().map_err(failed)?);
        }
        let mut reports = self.plan.sockets.len();
        let config = match &self.plan.config {
            ConfigSource::File(path) => path.clone(),
            ConfigSource::Script { memory, calls } => {
                // The runtime binds it itself, and a process that was killed left it behind.
                if let Err(error) = std::fs::remove_file(calls)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    return Err(failed(error));
                }
                arguments.push(format!("--debug-port=unix:{}", calls.display()).into());
                reports += 1;
                // Opened by this path, it is read from its begin at each start.
                let path = format!("/proc/self/fd/{}", descriptors.len() + 3);
                descriptors.push(memory.try_clone().map_err(failed)?);
                path.into()
            }
        };
        arguments.extend([config.into(), "config".into()]);
        let launch = Launch { program: self.plan.program.clone(), arguments, descriptors };
        let mut child = self.spawner.spawn(launch).await?;
        self.change(|state| {
            state.pid = child.id();
            state.started = OffsetDateTime::now_utc();
        });

        let stderr = child.stderr.take().ok_or(PlatformError::TaskEnded)?;
        let (log, mut log_reader) = StartLog::follow(self.role, self.plan.beat.clone(), self.beats.clone(), stderr);
        let control = pipe::Receiver::from_owned_fd(OwnedFd::from(reader)).map_err(failed)?;
        let listening = async {
            let mut lines = BufReader::new(control).lines();
            for _ in 0..reports {
                if !matches!(lines.next_line().await, Ok(Some(_))) {
                    // The pipe closed: the process is ending, and its exit status says more.
                    std::future::pending::<()>().await;
                }
            }
        };
        let role = self.role;
        tokio::select! {
            () = listening => {
                log.stop_keeping();
                Ok(Running { child, log, log_reader })
            }
            status = child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                // The pipe may still hold the last words.
                let _ = tokio::time::timeout(Duration::from_secs(1), &mut log_reader).await;
                Err(PlatformError::RuntimeDied { role, status, stderr: log.text() })
            }
            () = tokio::time::sleep(START_PATIENCE) => {
                Err(PlatformError::RuntimeSilent { role, seconds: START_PATIENCE.as_secs() })
            }
        }
    }
}
