//! Starts child processes that cannot outlive this one, not even when it is killed with `kill -9`.
#![expect(unsafe_code, reason = "`pre_exec` is unsafe; what runs in it is limited to two system calls")]

use crate::error::PlatformError;
use command_fds::{CommandFdExt, FdMapping};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getpid, getppid, getrlimit, set_parent_process_death_signal, setrlimit,
};
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// Files and sockets that a child may have open, where the system allows so many.
const DESCRIPTORS: u64 = 65_536;

/// One child to start. The descriptors get the numbers 3, 4, … in the child, in this order.
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) descriptors: Vec<OwnedFd>,
}

type Job = (Launch, oneshot::Sender<std::io::Result<Child>>);

/// The thread that starts every child. The kernel sends the death signal when the *thread* that forked ends, so the
/// children live exactly as long as this value.
#[derive(Clone)]
pub(crate) struct Spawner {
    jobs: mpsc::UnboundedSender<Job>,
}

impl Spawner {
    /// Starts the thread. It ends, and every child with it, when the last clone is dropped.
    pub(crate) fn start() -> Result<Self, PlatformError> {
        raise_descriptor_limit();
        let (jobs, mut received) = mpsc::unbounded_channel::<Job>();
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("patchbay-spawner".into())
            .spawn(move || {
                while let Some((launch, answer)) = received.blocking_recv() {
                    let _entered = runtime.enter();
                    // A caller that went away drops the child, which kills it.
                    drop(answer.send(spawn(launch)));
                }
            })
            .map_err(|source| PlatformError::RuntimeSpawn { source })?;
        Ok(Self { jobs })
    }

    /// Starts a child with its standard error piped and everything else closed.
    pub(crate) async fn spawn(&self, launch: Launch) -> Result<Child, PlatformError> {
        let (answer, started) = oneshot::channel();
        self.jobs.send((launch, answer)).map_err(|_| PlatformError::TaskEnded)?;
        started.await.map_err(|_| PlatformError::TaskEnded)?.map_err(|source| PlatformError::RuntimeSpawn { source })
    }
}

/// The runtime ends when it cannot accept a connection for want of descriptors, and shells give 1024 by default: so many
/// idle connections would end the dispatcher for everybody. Children have the limit of this process.
fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(DESCRIPTORS, |maximum| maximum.min(DESCRIPTORS));
    if limit.current.is_none_or(|current| current >= most) {
        return;
    }
    let raised = Rlimit { current: Some(most), maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, most, "the limit of open files could not be raised");
    }
}

fn spawn(launch: Launch) -> std::io::Result<Child> {
    let mut command = std::process::Command::new(&launch.program);
    command.args(&launch.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    // The environment may hold credentials, and the runtime needs nothing of it.
    command.env_clear();
    let mappings =
        (3..).zip(launch.descriptors).map(|(child_fd, parent_fd)| FdMapping { parent_fd, child_fd }).collect();
    command.fd_mappings(mappings).map_err(std::io::Error::other)?;
    let parent: Pid = getpid();
    // SAFETY: `prctl` and `getppid` are plain system calls, which are allowed between fork and exec.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have died before the line above took effect; then nobody will send the signal any more.
            if getppid() == Some(parent) { Ok(()) } else { Err(std::io::ErrorKind::Interrupted.into()) }
        });
    }
    Command::from(command).kill_on_drop(true).spawn()
}
