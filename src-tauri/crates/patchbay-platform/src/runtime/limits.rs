//! Limits of scripts, which the runtime itself does not enforce: who goes over them, judged from what the kernel tells
//! about a process and what its router module says is under way in it.
//!
//! A process runs its scripts on one thread, one turn of the event loop after the other. Three things tell from outside
//! that a turn is over: a `read`, which wakes an idle process (a busy one takes what came by other calls); a *beat*, which
//! the router module writes when requests come and go; an answer to the question what is under way. While the thread uses
//! CPU time and none of them is seen, it is in a single turn of a single request: that is how a script that spins is
//! recognised, without asking a process that cannot answer. Requests that came together run one after the other without
//! any of these, so each that had no answer at the last beat has its share. CPU time in pieces is shared by the requests under way: once
//! they have used more than all of them together may, one of them went over its limit.

use super::retire::MemberState;
use serde::Deserialize;
use std::collections::HashMap;
use std::time::Duration;

/// CPU time that a turn may take beyond a limit: what the clock of the process and the sampling cannot tell apart.
const TOLERANCE: Duration = Duration::from_millis(10);
/// CPU time that the start of an isolate may take, which no request is charged with: Cloudflare's limit for it
/// (<https://developers.cloudflare.com/workers/platform/limits/#worker-startup-time>).
const START: Duration = Duration::from_secs(1);
/// Memory that a process may need besides what its scripts use: under load the runtime itself takes more than idle.
const BASE_MEMORY: u64 = 192 << 20;
/// Memory that the runtime takes for a request under way.
const REQUEST_MEMORY: u64 = 1 << 20;
/// Memory that a loaded isolate takes although its script is small; the outbound worker has one for each script.
const ISOLATE_MEMORY: u64 = 8 << 20;

/// What the kernel tells about a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// CPU time of the thread that runs scripts.
    pub(crate) cpu: Duration,
    /// Grows when a turn is over: calls of `read`, and beats.
    pub(crate) turns: u64,
    /// Requests that had no answer at the last beat.
    pub(crate) unanswered: u64,
    /// Whether an isolate was about to start at the last beat.
    pub(crate) loading: bool,
    /// Resident memory in bytes.
    pub(crate) memory: u64,
}

/// A limit that was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exceeded {
    Cpu,
    Memory,
}

/// What is known about the use of one process, from its start on.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    last: Sample,
    /// CPU time at which the present turn began, or earlier.
    turn_from: Duration,
    /// Requests that were seen under way more than once.
    watched: HashMap<u64, Watched>,
    isolates: u64,
    under_way: u64,
}

/// A request as it was first seen.
#[derive(Debug, Clone, Copy)]
struct Watched {
    cpu: Duration,
    /// Requests that had begun, less those that were over: begun minus this is how many shared the time since.
    others_begun: u64,
}

impl Usage {
    /// CPU time of the scripts' thread at the last sample.
    pub(crate) fn cpu(&self) -> Duration {
        self.last.cpu
    }

    /// Memory at the last sample.
    pub(crate) fn memory(&self) -> u64 {
        self.last.memory
    }

    /// Notes a sample. Answers what was exceeded.
    pub(crate) fn note(&mut self, sample: Sample, cpu_limit: Duration, memory_limit: u64) -> Option<Exceeded> {
        if sample.turns != self.last.turns {
            self.turn_from = sample.cpu;
        }
        self.last = sample;
        let grown = ISOLATE_MEMORY * self.isolates.max(1) + REQUEST_MEMORY * self.under_way;
        let allowance = BASE_MEMORY + memory_limit + grown;
        if sample.memory > allowance {
            return Some(Exceeded::Memory);
        }
        let turn = sample.cpu.saturating_sub(self.turn_from);
        let sharing = u32::try_from(sample.unanswered).unwrap_or(u32::MAX).max(1);
        let start = if sample.loading { START } else { Duration::ZERO };
        (turn > cpu_limit.saturating_mul(sharing) + start + TOLERANCE).then_some(Exceeded::Cpu)
    }

    /// Notes what the router module says, with samples that were taken before the question and after the answer.
    pub(crate) fn hear(
        &mut self,
        state: &MemberState,
        asked: Sample,
        sample: Sample,
        limit: Duration,
    ) -> Option<Exceeded> {
        // What ran when it was asked was over before it answered.
        self.turn_from = self.turn_from.max(asked.cpu);
        let started = u32::try_from(state.isolates.saturating_sub(self.isolates)).unwrap_or(u32::MAX);
        for watched in self.watched.values_mut() {
            watched.cpu += START.saturating_mul(started);
        }
        self.isolates = state.isolates;
        self.under_way = state.under_way;
        self.watched.retain(|id, _| state.requests.iter().any(|request| request.id == *id));
        for request in &state.requests {
            let others_begun = state.begun.saturating_sub(state.under_way);
            self.watched.entry(request.id).or_insert(Watched { cpu: sample.cpu, others_begun });
        }
        let is_over = self.watched.values().any(|watched| {
            let used = sample.cpu.saturating_sub(watched.cpu);
            let sharing = u32::try_from(state.begun.saturating_sub(watched.others_begun)).unwrap_or(u32::MAX);
            used > limit.saturating_mul(sharing.max(1))
        });
        self.last = sample;
        is_over.then_some(Exceeded::Cpu)
    }
}

/// The CPU limits in force in a process, told by its router module before a request that changes them reaches its
/// script.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Announcement {
    /// Tells the process from the one before it.
    instance: String,
    /// Grows with each; they may arrive in another order.
    sequence: u64,
    /// In milliseconds.
    cpu_limits: Vec<u64>,
}

impl Announcement {
    /// Takes the place of an earlier one.
    pub(crate) fn follow(&mut self, other: Self) {
        if other.instance != self.instance || other.sequence > self.sequence {
            *self = other;
        }
    }

    /// The limit that decides. Requests with different limits may be under way in one process, and nobody can say which
    /// of them a turn belongs to: none is ended before its own limit.
    pub(crate) fn cpu_limit(&self) -> Option<Duration> {
        self.cpu_limits.iter().max().map(|limit| Duration::from_millis(*limit))
    }
}

#[cfg(test)]
mod tests {
    use super::{Announcement, Exceeded, Sample, Usage};
    use crate::runtime::retire::{MemberState, UnderWay};
    use std::time::Duration;

    const MEMORY: u64 = 128 << 20;
    const LIMIT: Duration = Duration::from_millis(50);

    fn sample(cpu_ms: u64, turns: u64) -> Sample {
        Sample { cpu: Duration::from_millis(cpu_ms), turns, unanswered: 1, loading: false, memory: 50 << 20 }
    }

    fn state(begun: u64, ids: &[u64]) -> MemberState {
        MemberState {
            under_way: ids.len() as u64,
            begun,
            requests: ids.iter().map(|id| UnderWay { id: *id }).collect(),
            isolates: 2,
            scripts: 1,
        }
    }

    #[test]
    fn a_turn_that_takes_longer_than_the_limit_is_found() {
        let mut usage = Usage::default();
        assert_eq!(usage.note(sample(100, 5), LIMIT, MEMORY), None);
        assert_eq!(usage.note(sample(140, 5), LIMIT, MEMORY), None);
        assert_eq!(usage.note(sample(165, 5), LIMIT, MEMORY), Some(Exceeded::Cpu));
    }

    #[test]
    fn many_short_turns_are_not_one_long_one() {
        let mut usage = Usage::default();
        for round in 0..100 {
            assert_eq!(usage.note(sample(round * 40, round), LIMIT, MEMORY), None);
        }
    }

    #[test]
    fn requests_that_came_together_may_use_what_all_of_them_may() {
        let mut usage = Usage::default();
        let of = |cpu_ms| Sample { unanswered: 4, ..sample(cpu_ms, 5) };
        assert_eq!(usage.note(of(100), LIMIT, MEMORY), None);
        assert_eq!(usage.note(of(300), LIMIT, MEMORY), None);
        assert_eq!(usage.note(of(315), LIMIT, MEMORY), Some(Exceeded::Cpu));
    }

    #[test]
    fn the_start_of_an_isolate_is_charged_to_no_request() {
        let mut usage = Usage::default();
        let of = |cpu_ms| Sample { loading: true, ..sample(cpu_ms, 5) };
        assert_eq!(usage.note(of(100), LIMIT, MEMORY), None);
        assert_eq!(usage.note(of(1150), LIMIT, MEMORY), None);
        assert_eq!(usage.note(of(1165), LIMIT, MEMORY), Some(Exceeded::Cpu));
        let mut usage = Usage::default();
        let isolates = |isolates| MemberState { isolates, ..state(7, &[7]) };
        assert_eq!(usage.hear(&isolates(0), sample(0, 0), sample(100, 1), LIMIT), None);
        assert_eq!(usage.hear(&isolates(1), sample(0, 0), sample(1145, 2), LIMIT), None);
        assert_eq!(usage.hear(&isolates(1), sample(0, 0), sample(1155, 3), LIMIT), Some(Exceeded::Cpu));
    }

    #[test]
    fn an_answer_ends_the_turn_that_ran_when_it_was_asked_for() {
        let mut usage = Usage::default();
        assert_eq!(usage.note(sample(100, 5), LIMIT, MEMORY), None);
        assert_eq!(usage.hear(&state(9, &[]), sample(140, 5), sample(150, 5), LIMIT), None);
        assert_eq!(usage.note(sample(195, 5), LIMIT, MEMORY), None);
        assert_eq!(usage.note(sample(205, 5), LIMIT, MEMORY), Some(Exceeded::Cpu));
    }

    #[test]
    fn time_in_pieces_counts_for_the_request_that_was_alone() {
        let mut usage = Usage::default();
        assert_eq!(usage.hear(&state(7, &[7]), sample(0, 0), sample(100, 1), LIMIT), None);
        assert_eq!(usage.hear(&state(7, &[7]), sample(0, 0), sample(145, 2), LIMIT), None);
        assert_eq!(usage.hear(&state(7, &[7]), sample(0, 0), sample(155, 3), LIMIT), Some(Exceeded::Cpu));
    }

    #[test]
    fn a_request_that_waits_beside_busy_ones_is_not_blamed_for_them() {
        let mut usage = Usage::default();
        for round in 0..1000 {
            // Twenty short requests between two questions, five milliseconds each.
            let state = state(1 + round * 20, &[1]);
            assert_eq!(usage.hear(&state, sample(0, 0), sample(round * 100, round), LIMIT), None, "round {round}");
        }
    }

    #[test]
    fn the_largest_limit_in_force_decides_and_late_news_do_not() {
        let of = |instance: &str, sequence, limits: &[u64]| Announcement {
            instance: instance.into(),
            sequence,
            cpu_limits: limits.to_vec(),
        };
        let mut known = Announcement::default();
        assert_eq!(known.cpu_limit(), None);
        known.follow(of("first", 2, &[50, 200]));
        known.follow(of("first", 1, &[30_000]));
        assert_eq!(known.cpu_limit(), Some(Duration::from_millis(200)));
        known.follow(of("second", 1, &[50]));
        assert_eq!(known.cpu_limit(), Some(LIMIT));
    }

    #[test]
    fn memory_grows_with_the_isolates_and_no_further() {
        let mut usage = Usage::default();
        let of = |mebibytes: u64| Sample { memory: mebibytes << 20, ..sample(1, 1) };
        assert_eq!(usage.note(of(320), LIMIT, MEMORY), None);
        assert_eq!(usage.note(of(330), LIMIT, MEMORY), Some(Exceeded::Memory));
    }
}
