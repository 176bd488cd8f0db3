//! The processes that serve scripts: which run, on which slots, and how they make room for each other.
//!
//! A *slot* is a place at which the dispatcher's process can reach another: a Unix socket that this process listens on
//! and hands to the process that has the slot. Requests wait in the socket's backlog while that process starts. A
//! *member* is a process on a slot. It runs what its [`Key`] names, is started when the dispatcher asks where a script is,
//! and leaves its slot only when it is known that nothing is under way in it (see `retire.rs`).
//!
//! A kind of process is added by a variant of [`Occupant`], a `Key` made where scripts are placed (`parent.rs`), and a
//! [`MemberPlan`] made in [`Runtime::plan`]. Its config must serve the sockets `router` (requests of the dispatcher) and
//! `state` (`State` in `runtime_js/requests.js`).

use super::bindings::dedicated::DedicatedScript;
use super::placement::{Key, Occupant, ScriptName};
use super::tenants::listen;
use super::watch::Watched;
use super::{Runtime, parent, upstream};
use crate::error::PlatformError;
use crate::workerd::config::SLOTS;
use crate::workerd::process::{ConfigSource, Process, ProcessPlan};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a script waits for a slot when all are taken by processes that are busy.
const SLOT_PATIENCE: Duration = Duration::from_secs(30);
const SLOT_PAUSE: Duration = Duration::from_millis(50);

/// Where a process is put together.
pub(crate) struct Berth {
    /// Folder of its own, removed when it has ended.
    pub(crate) folder: PathBuf,
    /// Where it reaches this process; what it may ask depends on the key's owner.
    pub(crate) parent_socket: PathBuf,
    /// Where the calls of its scripts go.
    pub(crate) upstream_socket: PathBuf,
}

/// What is particular to a kind of process.
pub(crate) struct MemberPlan {
    pub(crate) config: ConfigSource,
    /// Sockets by their names in the config, beside `router` and `state`.
    pub(crate) sockets: Vec<(&'static str, OwnedFd)>,
    /// Dropped when the process has ended.
    pub(crate) kept: Box<dyn Send + Sync>,
}

/// A process that serves scripts.
pub(crate) struct Member {
    pub(crate) key: Key,
    pub(crate) serial: u64,
    pub(crate) slot: usize,
    pub(crate) process: Process,
    /// What is known about its use.
    pub(crate) watched: Watched,
    /// Where its router module says what is under way.
    pub(crate) state_socket: PathBuf,
    /// Recorded deliveries that have been sent here, or will be in a moment.
    awaited: AtomicUsize,
    folder: PathBuf,
    _kept: Box<dyn Send + Sync>,
    _served: DropGuard,
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the folder of a process that has ended cannot be removed");
        }
    }
}

/// Keeps a member from ending while a recorded delivery is on its way to it or in it.
pub(crate) struct Awaited(Arc<Member>);

impl Awaited {
    pub(crate) fn new(member: &Arc<Member>) -> Self {
        member.awaited.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(member))
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Member {
    pub(super) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::SeqCst) > 0
    }
}

/// All members.
#[derive(Default)]
pub(crate) struct Pool {
    members: Mutex<Members>,
    /// Told when a member has gone.
    changed: Notify,
}

#[derive(Default)]
struct Members {
    /// Those that get new requests.
    current: HashMap<Key, Arc<Member>>,
    /// Those that finish what they have.
    leaving: Vec<Arc<Member>>,
    /// Sockets of the slots that were ever used.
    sockets: Vec<OwnedFd>,
    free: Vec<usize>,
    newest: u64,
}

/// Where the process on a slot listens for requests.
pub(crate) fn slot_socket(folder: &Path, slot: usize) -> PathBuf {
    folder.join(format!("slot-{slot}"))
}

impl Pool {
    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every member, also those that are leaving, in the order of their starts.
    pub(crate) fn all(&self) -> Vec<Arc<Member>> {
        let members = self.members();
        let mut all: Vec<_> = members.current.values().chain(&members.leaving).cloned().collect();
        all.sort_by_key(|member| member.serial);
        all
    }

    /// Those that get new requests.
    pub(crate) fn current(&self) -> Vec<Arc<Member>> {
        self.members().current.values().cloned().collect()
    }

    /// Those that finish what they have.
    pub(super) fn leaving(&self) -> Vec<Arc<Member>> {
        self.members().leaving.clone()
    }

    /// Waits until a member has gone, at once when none is going.
    pub(super) async fn one_has_gone(&self) {
        self.changed_if(|pool| !pool.members().leaving.is_empty()).await;
    }

    /// Whether a member gets new requests.
    pub(crate) fn is_current(&self, member: &Member) -> bool {
        self.members().current.get(&member.key).is_some_and(|current| current.serial == member.serial)
    }

    /// The member with that number.
    pub(crate) fn with_serial(&self, serial: u64) -> Option<Arc<Member>> {
        self.all().into_iter().find(|member| member.serial == serial)
    }

    /// Takes a member out of those that get new requests. Answers whether it was one.
    pub(super) fn unlink(&self, member: &Arc<Member>) -> bool {
        let mut members = self.members();
        let is_current = members.current.get(&member.key).is_some_and(|current| current.serial == member.serial);
        if is_current {
            members.current.remove(&member.key);
            members.leaving.push(Arc::clone(member));
        }
        is_current
    }

    /// Gives the slot of a member that has ended to the next one.
    pub(super) fn release(&self, member: &Arc<Member>) {
        let mut members = self.members();
        members.leaving.retain(|leaving| leaving.serial != member.serial);
        members.free.push(member.slot);
        drop(members);
        self.changed.notify_waiters();
    }

    /// Waits until a member has gone, when `is_needed` still says so.
    async fn changed_if(&self, is_needed: impl FnOnce(&Self) -> bool) {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        // From here on a change counts, so that none is missed between the question and the wait.
        changed.as_mut().enable();
        if is_needed(self) {
            changed.await;
        }
    }
}

impl Runtime {
    /// The process for a key, started when there is none. Requests that are sent to its slot wait until it is up.
    ///
    /// A new version of a dedicated script starts beside the old one, which gets nothing new from now on and ends when
    /// it has finished; when the key is exclusive, the old one ends first, and whoever asked waits.
    pub(crate) async fn place(self: &Arc<Self>, key: &Key) -> Result<Arc<Member>, PlatformError> {
        let placed = async {
            loop {
                if let Some(member) = self.pool.members().current.get(key) {
                    return Ok(Arc::clone(member));
                }
                self.retire_where(|other| other.is_version_of(key));
                let is_taken = |pool: &Pool| {
                    let members = pool.members();
                    let has_slot = !members.free.is_empty() || members.sockets.len() < SLOTS;
                    let has_predecessor = members.leaving.iter().any(|member| member.key.is_version_of(key));
                    !has_slot || (key.is_exclusive() && has_predecessor)
                };
                if is_taken(&self.pool) {
                    self.make_room();
                    // Nobody may be idle at this moment, and a process becomes so without a word.
                    let _ = tokio::time::timeout(SLOT_PAUSE, self.pool.changed_if(is_taken)).await;
                    continue;
                }
                self.make_memory().await;
                if !is_taken(&self.pool) {
                    let script = self.dedicated_script(key).await?;
                    // Somebody else may have taken the slot in between.
                    if !is_taken(&self.pool) {
                        return self.start_member(key, script.as_ref());
                    }
                }
            }
        };
        let late = Err(PlatformError::TooManyTenants { slots: SLOTS });
        tokio::time::timeout(SLOT_PATIENCE, placed).await.unwrap_or(late)
    }

    /// Retires every process whose key is meant.
    pub(crate) fn retire_where(self: &Arc<Self>, is_meant: impl Fn(&Key) -> bool) {
        for member in self.pool.current() {
            if is_meant(&member.key) {
                self.retire(&member);
            }
        }
    }

    /// Ends the process of a dedicated script and waits until it is gone. Nothing happens when there is none.
    pub(crate) async fn end_dedicated(self: &Arc<Self>, script: &ScriptName) {
        let is_meant =
            |key: &Key| matches!(&key.occupant, Occupant::Dedicated { script: found, .. } if found == script);
        self.retire_where(is_meant);
        let is_there = |pool: &Pool| pool.all().iter().any(|member| is_meant(&member.key));
        while is_there(&self.pool) {
            self.pool.changed_if(is_there).await;
        }
    }

    /// Starts a process for the key, unless somebody else just did.
    fn start_member(
        self: &Arc<Self>,
        key: &Key,
        script: Option<&DedicatedScript>,
    ) -> Result<Arc<Member>, PlatformError> {
        let mut members = self.pool.members();
        if let Some(member) = members.current.get(key) {
            return Ok(Arc::clone(member));
        }
        let slot = if let Some(slot) = members.free.pop() {
            slot
        } else {
            let slot = members.sockets.len();
            members.sockets.push(OwnedFd::from(listen(&slot_socket(self.folder(), slot))?));
            slot
        };
        members.newest += 1;
        let serial = members.newest;
        let socket = members.sockets[slot].try_clone();
        let socket = socket.map_err(|source| PlatformError::RuntimeSpawn { source });
        let started = socket.and_then(|socket| self.start_on(key, script, slot, serial, socket));
        match started {
            Ok(member) => {
                let member = Arc::new(member);
                members.current.insert(key.clone(), Arc::clone(&member));
                Ok(member)
            }
            Err(error) => {
                members.free.push(slot);
                Err(error)
            }
        }
    }

    fn start_on(
        self: &Arc<Self>,
        key: &Key,
        script: Option<&DedicatedScript>,
        slot: usize,
        serial: u64,
        router: OwnedFd,
    ) -> Result<Member, PlatformError> {
        let folder = self.folder().join(format!("process-{serial}"));
        std::fs::create_dir(&folder).map_err(|source| PlatformError::file("create", &folder, source))?;
        let berth = Berth {
            parent_socket: folder.join("parent"),
            upstream_socket: folder.join("upstream"),
            folder: folder.clone(),
        };
        let served = CancellationToken::new();
        // Sockets of its own for each process: what it may ask for does not depend on what it says it is.
        let listener = listen(&berth.parent_socket)?;
        parent::serve(&served, &berth.parent_socket, listener, parent::of_member(self, &key.owner, serial))?;
        let listener = listen(&berth.upstream_socket)?;
        parent::serve(&served, &berth.upstream_socket, listener, upstream::of_member(self, &key.owner, serial))?;
        let state_socket = folder.join("state");
        let state = OwnedFd::from(listen(&state_socket)?);
        let MemberPlan { config, sockets, kept } = self.plan(key, script, &berth)?;
        let plan = ProcessPlan {
            role: "tenant",
            tenant: Some(key.owner.to_string()),
            program: self.program().to_owned(),
            config,
            sockets: [("router", router), ("state", state)].into_iter().chain(sockets).collect(),
            beat: Some(format!("{}-turn ", self.mark)),
        };
        let observed = Arc::clone(&self.observed);
        let process = Process::supervise(self.spawner(), plan, move || observed.process_ended(serial));
        Ok(Member {
            key: key.clone(),
            serial,
            slot,
            process,
            watched: Watched::default(),
            state_socket,
            awaited: AtomicUsize::new(0),
            folder,
            _kept: kept,
            _served: served.drop_guard(),
        })
    }

    /// What to run for a key, given the script of a dedicated one.
    fn plan(
        self: &Arc<Self>,
        key: &Key,
        script: Option<&DedicatedScript>,
        berth: &Berth,
    ) -> Result<MemberPlan, PlatformError> {
        match (&key.occupant, script) {
            (Occupant::Shared | Occupant::Apart(_) | Occupant::Draft { native: false, .. }, _) => {
                self.loader_plan(&key.owner, berth)
            }
            (Occupant::Dedicated { script: name, .. } | Occupant::Draft { script: name, .. }, Some(script)) => {
                self.dedicated_plan(&key.owner, name, script, berth)
            }
            (Occupant::Dedicated { .. } | Occupant::Draft { .. }, None) => Err(PlatformError::TaskEnded),
        }
    }
}
