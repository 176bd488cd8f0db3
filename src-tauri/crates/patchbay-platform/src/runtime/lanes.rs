//! Lanes: isolates in a process that serve one recorded delivery at a time, so that what the runtime reports about them
//! belongs to that delivery.

use super::pool::Awaited;
use patchbay_core::observation::ServedBy;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Lanes a process has at most; each costs an isolate of the adapter and one of the outbound worker.
const LANES: usize = 16;
/// How long a delivery waits for a free one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Outcome of asking for a lane.
pub(crate) enum Reserved {
    /// The number, from 1.
    Lane(u32),
    /// All are in use for too long.
    Busy,
}

/// What happens in a lane at the moment.
pub(crate) struct LaneUse {
    pub(crate) delivery: String,
    pub(crate) served_by: ServedBy,
    /// When the adapter began and how long it took, once the router module has said so.
    pub(crate) answered: Option<(f64, f64)>,
    /// Whether the runtime's report has arrived.
    pub(crate) tailed: bool,
    /// CPU time of the process when the lane was taken.
    pub(crate) cpu_before: Option<CpuTime>,
    /// CPU time of the delivery, where the process did nothing else meanwhile.
    pub(crate) cpu: Option<Duration>,
    /// Turns that were taken for calls which have not come yet.
    turns: Vec<TakenTurn>,
    _kept: Kept,
}

/// What a process has used until a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuTime {
    pub(crate) pid: u32,
    pub(crate) used: Duration,
}

impl CpuTime {
    /// What the same process has used since an earlier moment.
    pub(crate) fn since(self, earlier: Self) -> Option<Duration> {
        (self.pid == earlier.pid).then(|| self.used.saturating_sub(earlier.used))
    }
}

/// A turn in the tenant's pace.
struct TakenTurn {
    /// When it was taken, and when the call may go out, in milliseconds since the Unix epoch.
    taken_ms: f64,
    due_ms: f64,
}

/// Timers of the runtime count whole milliseconds and may fire that much early.
const TIMER_SLACK_MS: f64 = 2.0;

impl LaneUse {
    /// A call has to wait so long from now on.
    pub(crate) fn paced(&mut self, now_ms: f64, wait_ms: f64) {
        self.turns.push(TakenTurn { taken_ms: now_ms, due_ms: now_ms + wait_ms });
    }

    /// How long a call has waited that left the adapter at `left_ms` and is here now: calls come when their turn is due, so
    /// its turn is the last one that is. Nothing where it took none.
    pub(crate) fn waited(&mut self, left_ms: f64, now_ms: f64) -> Option<f64> {
        let may_be = |turn: &TakenTurn| turn.taken_ms >= left_ms && turn.due_ms <= now_ms + TIMER_SLACK_MS;
        let due = self.turns.iter().enumerate().filter(|(_, turn)| may_be(turn));
        let (index, _) = due.max_by(|(_, left), (_, right)| left.due_ms.total_cmp(&right.due_ms))?;
        let turn = self.turns.swap_remove(index);
        Some(turn.due_ms - turn.taken_ms)
    }
}

/// What a lane in use holds: its place among the lanes, and the process.
type Kept = (OwnedSemaphorePermit, Awaited);

/// The lanes of one process.
pub(crate) struct Lanes {
    places: Arc<Semaphore>,
    busy: BTreeMap<u32, LaneUse>,
    free: Vec<u32>,
    newest: u32,
}

impl Default for Lanes {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(LANES)), busy: BTreeMap::new(), free: Vec::new(), newest: 0 }
    }
}

impl Lanes {
    /// The right to take a lane, to be awaited without holding a lock on the lanes.
    pub(crate) fn permit(&self) -> impl Future<Output = Option<OwnedSemaphorePermit>> + use<> {
        let places = Arc::clone(&self.places);
        async move { tokio::time::timeout(PATIENCE, places.acquire_owned()).await.ok()?.ok() }
    }

    pub(crate) fn take(&mut self, kept: Kept, delivery: String, served_by: ServedBy) -> u32 {
        let lane = self.free.pop().unwrap_or_else(|| {
            self.newest += 1;
            self.newest
        });
        self.busy.insert(
            lane,
            LaneUse {
                delivery,
                served_by,
                answered: None,
                tailed: false,
                cpu_before: None,
                cpu: None,
                turns: Vec::new(),
                _kept: kept,
            },
        );
        lane
    }

    pub(crate) fn get(&mut self, lane: u32) -> Option<&mut LaneUse> {
        self.busy.get_mut(&lane)
    }

    /// Gives a lane back for the next delivery.
    pub(crate) fn release(&mut self, lane: u32) {
        if self.busy.remove(&lane).is_some() {
            self.free.push(lane);
        }
    }

    /// Gives up a lane whose report did not come: a late one must not be taken for the next delivery's, so the number
    /// is not used again.
    pub(crate) fn abandon(&mut self, lane: u32) -> Option<LaneUse> {
        self.busy.remove(&lane)
    }

    /// The deliveries that are in a lane.
    pub(crate) fn deliveries(&self) -> Vec<String> {
        self.busy.values().map(|lane| lane.delivery.clone()).collect()
    }

    /// Gives up every lane in use.
    pub(crate) fn abandon_all(&mut self) -> Vec<LaneUse> {
        std::mem::take(&mut self.busy).into_values().collect()
    }
}
