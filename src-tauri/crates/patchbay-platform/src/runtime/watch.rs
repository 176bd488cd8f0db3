//! Looks at the processes again and again: ends the ones whose scripts go over their limits, and lets go the ones that
//! nobody uses or that have become too large.

use super::Runtime;
use super::lanes::CpuTime;
use super::limits::{Announcement, Exceeded, Sample, Usage};
use super::pool::Member;
use crate::workerd::ending::Ending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// Between two looks at a process that uses CPU time, and at one that does not.
const BUSY: Duration = Duration::from_millis(20);
const QUIET_LOOKS: u64 = 5;
/// Between two questions what is under way in a busy process.
const STATE_INTERVAL: Duration = Duration::from_millis(50);
/// Isolates of versions that are not live any more, or of other parameters: they are never given back, so a process
/// that has many of them is replaced.
const MOST_STALE_ISOLATES: u64 = 48;

/// What is known about the use of a member.
pub(crate) struct Watched {
    inner: Mutex<Inner>,
}

struct Inner {
    /// The start of the process that everything else is about.
    generation: u64,
    usage: Usage,
    announced: Announcement,
    active_at: Instant,
    asked_at: Option<Instant>,
    is_asked: bool,
    /// Requests that had begun when it was last looked at whether the member is idle.
    begun: u64,
}

impl Default for Watched {
    fn default() -> Self {
        Self {
            inner: Mutex::new(Inner {
                generation: 0,
                usage: Usage::default(),
                announced: Announcement::default(),
                active_at: Instant::now(),
                asked_at: None,
                is_asked: false,
                begun: 0,
            }),
        }
    }
}

impl Watched {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The router module says which CPU limits are in force from now on.
    pub(crate) fn announce(&self, announcement: Announcement) {
        self.inner().announced.follow(announcement);
    }

    /// When it was last seen to use CPU time.
    pub(crate) fn active_at(&self) -> Instant {
        self.inner().active_at
    }

    /// Resident memory in bytes when it was last looked at.
    pub(crate) fn memory(&self) -> u64 {
        self.inner().usage.memory()
    }

    /// Notes how many requests have begun. Answers whether it is another number than before.
    fn begun(&self, begun: u64) -> bool {
        std::mem::replace(&mut self.inner().begun, begun) != begun
    }

    /// Forgets what was known about a process that has ended.
    fn ended(&self, generation: u64) {
        let mut inner = self.inner();
        inner.usage = Usage::default();
        inner.generation = generation;
        inner.is_asked = false;
    }
}

impl Runtime {
    /// Looks at the processes until the platform stops.
    pub(crate) fn watch(self: &Arc<Self>) {
        let runtime = Arc::downgrade(self);
        let stop = self.stop.clone();
        tokio::spawn(async move {
            let mut looks = tokio::time::interval(BUSY);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut number = 0_u64;
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    _ = looks.tick() => {}
                }
                let Some(runtime) = runtime.upgrade() else { return };
                number += 1;
                for member in runtime.pool.all() {
                    let is_busy = member.watched.active_at().elapsed() < BUSY * 10;
                    if is_busy || (number + member.serial).is_multiple_of(QUIET_LOOKS) {
                        runtime.look(&member);
                    }
                }
                if number.is_multiple_of(10) {
                    runtime.keep_house();
                }
            }
        });
    }

    /// Looks at one process.
    fn look(self: &Arc<Self>, member: &Arc<Member>) {
        let Some(sample) = sampled(member) else { return };
        let generation = member.process.generation();
        let limits = &self.limits;
        let mut inner = member.watched.inner();
        if inner.generation != generation {
            inner.generation = generation;
            inner.usage = Usage::default();
        }
        let is_active = sample.cpu != inner.usage.cpu();
        let cpu_limit = inner.announced.cpu_limit().unwrap_or(limits.cpu);
        let exceeded = inner.usage.note(sample, cpu_limit, limits.memory);
        if let Some(exceeded) = exceeded {
            drop(inner);
            end(member, generation, exceeded);
            return;
        }
        if !is_active || generation == 0 {
            return;
        }
        inner.active_at = Instant::now();
        let is_due = inner.asked_at.is_none_or(|asked| asked.elapsed() >= STATE_INTERVAL);
        if is_due && !inner.is_asked {
            inner.is_asked = true;
            inner.asked_at = Some(Instant::now());
            drop(inner);
            let (runtime, member) = (Arc::clone(self), Arc::clone(member));
            tokio::spawn(async move { runtime.ask_for_state(&member, generation, sample).await });
        }
    }

    async fn ask_for_state(self: &Arc<Self>, member: &Arc<Member>, generation: u64, asked: Sample) {
        let state = self.state_of(member).await;
        let sampled = sampled(member);
        let mut inner = member.watched.inner();
        inner.is_asked = false;
        // An answer of the process that came after the one that was asked says nothing about this one.
        let (Ok(state), Some(sample)) = (state, sampled) else { return };
        if inner.generation != generation || member.process.generation() != generation {
            return;
        }
        let cpu_limit = inner.announced.cpu_limit().unwrap_or(self.limits.cpu);
        let exceeded = inner.usage.hear(&state, asked, sample, cpu_limit);
        drop(inner);
        if let Some(exceeded) = exceeded {
            end(member, generation, exceeded);
        } else if state.isolates.saturating_sub(state.scripts * 2) >= MOST_STALE_ISOLATES {
            self.retire(member);
        }
    }

    /// Lets processes go that are idle, and the one that is idle for longest when all together are too large.
    fn keep_house(self: &Arc<Self>) {
        self.ring_alarms();
        if self.memory_of_all() > self.limits.memory_of_all {
            self.make_room();
        }
        for member in self.pool.current() {
            if member.watched.active_at().elapsed() < self.limits.idle {
                continue;
            }
            // Asked again only after another such time.
            member.watched.inner().active_at = Instant::now();
            let runtime = Arc::clone(self);
            tokio::spawn(async move {
                let Ok(state) = runtime.state_of(&member).await else { return };
                let was_used = member.watched.begun(state.begun);
                if state.under_way == 0 && !was_used && !runtime.rings_soon(&member.key).await {
                    runtime.retire(&member);
                }
            });
        }
    }
}

fn end(member: &Member, generation: u64, exceeded: Exceeded) {
    let usage = member.watched.memory() >> 20;
    tracing::warn!(owner = %member.key.owner, ?exceeded, mebibytes = usage, "a script went over its limit");
    let why = match exceeded {
        Exceeded::Cpu => Ending::Cpu,
        Exceeded::Memory => Ending::Memory,
    };
    member.process.replace(generation, why);
    member.watched.ended(generation);
}

/// What a process has used until now.
pub(crate) fn cpu_time(member: &Member) -> Option<CpuTime> {
    let pid = member.process.state().pid?;
    Some(CpuTime { pid, used: sample(pid)?.cpu })
}

/// What can be seen of a process from outside. Nothing when it is gone.
fn sampled(member: &Member) -> Option<Sample> {
    // Read first: a beat that comes meanwhile counts the next time.
    let beats = member.process.beats();
    let (turns, unanswered, loading) = (beats.turns(), beats.unanswered(), beats.loading());
    let seen = member.process.state().pid.and_then(sample)?;
    Some(Sample { turns: seen.turns + turns, unanswered, loading, ..seen })
}

/// What the kernel tells about a process, from `/proc`. Nothing when the process is gone.
pub(crate) fn sample(pid: u32) -> Option<Sample> {
    let read = |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
    // The first field is the time on a CPU in nanoseconds. Scripts run on the main thread, whose id is the process's.
    let cpu = read(&format!("task/{pid}/schedstat"))?.split_whitespace().next()?.parse().ok()?;
    let turns = read("io")?.lines().find_map(|line| line.strip_prefix("syscr: ")?.parse().ok())?;
    // The second field is resident memory in pages.
    let pages: u64 = read("statm")?.split_whitespace().nth(1)?.parse().ok()?;
    Some(Sample { cpu: Duration::from_nanos(cpu), turns, unanswered: 0, loading: false, memory: pages * PAGE })
}

/// Bytes of a page in `statm`.
const PAGE: u64 = 4096;
