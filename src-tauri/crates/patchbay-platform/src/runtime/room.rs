//! Which process goes when there is no room for another: no slot, or too much memory in all of them together.

use super::Runtime;
use super::pool::Member;
use super::watch::sample;
use std::sync::Arc;
use std::time::Duration;

/// A process that used CPU time a moment ago is not idle.
const IDLE: Duration = Duration::from_millis(150);
/// What a process takes that has just loaded its first script.
const NEW_PROCESS: u64 = 96 << 20;
/// How long a start waits for a process that goes. Then memory grows beyond its measure rather than a request fail.
const PATIENCE: Duration = Duration::from_millis(500);

impl Runtime {
    /// Resident memory of all children together, in bytes. Pages that they share count for each.
    pub(super) fn memory_of_all(&self) -> u64 {
        let mut total = 0;
        self.each_process(|process| {
            total += process.state().pid.and_then(sample).map_or(0, |sample| sample.memory);
        });
        total
    }

    /// Lets the process go that has been idle for longest. Answers whether there was one.
    pub(super) fn make_room(self: &Arc<Self>) -> bool {
        let idle = self.pool.current().into_iter().filter(|member| member.watched.active_at().elapsed() >= IDLE);
        // One with Durable Objects may have alarms to ring, and would have to come back for them: it goes last.
        let oldest = idle.min_by_key(|member| (member.key.is_exclusive(), member.watched.active_at()));
        if let Some(member) = &oldest {
            self.retire(member);
        }
        oldest.is_some()
    }

    /// Lets idle processes go until another one fits.
    pub(super) async fn make_memory(self: &Arc<Self>) {
        while self.memory_of_all() + NEW_PROCESS > self.limits.memory_of_all {
            let leaving: u64 = self.pool.leaving().iter().map(|member: &Arc<Member>| member.watched.memory()).sum();
            let remaining = self.memory_of_all().saturating_sub(leaving);
            if remaining + NEW_PROCESS > self.limits.memory_of_all && !self.make_room() {
                return;
            }
            if tokio::time::timeout(PATIENCE, self.pool.one_has_gone()).await.is_err() {
                return;
            }
        }
    }
}
