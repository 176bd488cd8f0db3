//! A load run: threads of senders, a clock, and somebody who listens.

use super::error::LoadError;
use super::plan::LoadPlan;
use super::report::LoadReport;
use super::sender::{Shared, send_all};
use super::supply::Supply;
use super::tally::Tally;
use super::target::LoadTarget;
use super::webhook::LoadWebhook;
use patchbay_core::redact::Redactor;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often a run says how far it is.
const PROGRESS: Duration = Duration::from_millis(200);
/// How long answers that are on their way are awaited when a run is cancelled.
const GRACE: Duration = Duration::from_secs(1);
/// Between setting up and the first delivery: threads start and connections are made.
const SET_UP: Duration = Duration::from_millis(20);

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoadProgress {
    /// Deliveries that are over.
    pub ended: u64,
    /// Those that failed.
    pub failed: u64,
    /// Deliveries of the whole run, where that is known.
    pub total: Option<u64>,
    /// Since the start.
    pub elapsed: Duration,
    /// Deliveries a second since the last report.
    pub per_second: f64,
    /// Until the end, as far as can be told.
    pub remaining: Option<Duration>,
}

/// Sends what the plan says and reports what became of it.
///
/// When `cancel` is cancelled, nothing more is sent, answers on their way are awaited for a second, and the report says
/// that it is partial. An error means that nothing was sent.
pub async fn run_load(
    target: &LoadTarget,
    plan: &LoadPlan,
    webhooks: Vec<LoadWebhook>,
    redactor: Redactor,
    cancel: &CancellationToken,
    report: &(dyn Fn(LoadProgress) + Send + Sync),
) -> Result<LoadReport, LoadError> {
    let (for_supply, where_to) = (plan.clone(), target.clone());
    let signing = tokio::task::spawn_blocking(move || Supply::new(webhooks, &for_supply, where_to));
    let supply = signing.await.map_err(|_| LoadError::Ended)??;
    // Nobody there is an error, not a report of nothing but failures.
    let unreachable = |source| LoadError::Unreachable { url: target.url().to_owned(), source };
    drop(target.connect().await.map_err(unreachable)?);
    let (stop, abandon) = (CancellationToken::new(), CancellationToken::new());
    let _ends_with_this_call: [DropGuard; 2] = [stop.clone().drop_guard(), abandon.clone().drop_guard()];
    let started = OffsetDateTime::now_utc();
    let shared = Arc::new(Shared {
        target: target.clone(),
        plan: plan.clone(),
        supply,
        redactor,
        start: Instant::now() + SET_UP,
        stop: stop.clone(),
        ended: AtomicU64::new(0),
        failed: AtomicU64::new(0),
    });
    let stopping = Stopping { shared: Arc::clone(&shared) };
    let mut threads = spawn(&shared, &abandon)?;
    let mut tally = Tally::new(shared.supply.webhooks().len())?;
    let mut pace = Pace::new(&shared);
    let mut tick = interval(PROGRESS);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut is_partial = false;
    let far = shared.start + Duration::from_hours(48);
    let end = plan.duration.map_or(far, |duration| shared.start + duration);
    let mut abandon_at = far;
    loop {
        tokio::select! {
            counted = threads.recv() => match counted {
                Some(Some(counted)) => tally.add(counted),
                Some(None) => return Err(LoadError::Ended),
                None => break,
            },
            _ = tick.tick() => report(pace.look(&shared)),
            () = cancel.cancelled(), if !is_partial => {
                is_partial = true;
                stopping.stop();
                abandon_at = Instant::now() + GRACE;
            }
            () = sleep_until(end.into()), if !stop.is_cancelled() => stopping.stop(),
            () = sleep_until(abandon_at.into()), if !abandon.is_cancelled() => abandon.cancel(),
        }
    }
    report(pace.look(&shared));
    Ok(LoadReport::of(&shared, &tally, started, is_partial))
}

/// Wakes whoever waits for something to send, also when the call that runs the load is dropped.
struct Stopping {
    shared: Arc<Shared>,
}

impl Stopping {
    fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.supply.stop();
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts the threads. Each sends what it counted when it is done, or nothing when it broke.
fn spawn(
    shared: &Arc<Shared>,
    abandon: &CancellationToken,
) -> Result<mpsc::UnboundedReceiver<Option<Tally>>, LoadError> {
    let cores = u32::try_from(std::thread::available_parallelism().map_or(1, NonZero::get)).unwrap_or(u32::MAX);
    let half = (cores / 2).max(1);
    // A target on this machine needs the other half of it.
    let threads = if shared.target.is_local() { half } else { cores }.min(shared.plan.concurrency);
    let (counted, threads_done) = mpsc::unbounded_channel();
    let start = |name: String, work: Box<dyn FnOnce() + Send>| {
        let started = std::thread::Builder::new().name(name).spawn(work);
        started.map(drop).map_err(|source| LoadError::Start { source })
    };
    if shared.supply.needs_signers() {
        for thread in 0..half {
            let shared = Arc::clone(shared);
            start(format!("load-sign-{thread}"), Box::new(move || shared.supply.sign_ahead()))?;
        }
    }
    for thread in 0..threads {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| LoadError::Start { source })?;
        let (shared, abandon, counted) = (Arc::clone(shared), abandon.clone(), counted.clone());
        let tally = Arc::new(Mutex::new(Tally::new(shared.supply.webhooks().len())?));
        let work = move || {
            runtime.block_on(send_from(&shared, &tally, thread, threads, &abandon));
            // What is left of tasks that were given up goes with the runtime.
            drop(runtime);
            let tally = Arc::into_inner(tally).and_then(|tally| tally.into_inner().ok());
            drop(counted.send(tally));
        };
        start(format!("load-{thread}"), Box::new(work))?;
    }
    Ok(threads_done)
}

/// The senders of one thread.
async fn send_from(
    shared: &Arc<Shared>,
    tally: &Arc<Mutex<Tally>>,
    thread: u32,
    threads: u32,
    abandon: &CancellationToken,
) {
    let mut senders = JoinSet::new();
    for sender in (thread..shared.plan.concurrency).step_by(usize::try_from(threads).unwrap_or(1)) {
        senders.spawn(send_all(Arc::clone(shared), Arc::clone(tally), sender));
    }
    let all = async { while senders.join_next().await.is_some() {} };
    tokio::select! {
        () = all => {}
        () = abandon.cancelled() => {}
    }
    senders.shutdown().await;
}

/// How much of the pace is that since the last look, and not what it was before, so that the remaining time stays calm.
const NEWEST: f64 = 0.2;

/// Measures the pace between two looks.
struct Pace {
    at: Instant,
    ended: u64,
    /// Deliveries a second, smoothed.
    calm: Option<f64>,
}

impl Pace {
    fn new(shared: &Shared) -> Self {
        Self { at: shared.start, ended: 0, calm: None }
    }

    #[expect(clippy::cast_precision_loss, reason = "2^53 deliveries are never made")]
    fn look(&mut self, shared: &Shared) -> LoadProgress {
        let now = Instant::now();
        let ended = shared.ended.load(Ordering::Relaxed);
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        let per_second = if since > 0.0 { (ended - self.ended) as f64 / since } else { 0.0 };
        (self.at, self.ended) = (now.max(shared.start), ended);
        if since > 0.0 {
            self.calm = Some(self.calm.map_or(per_second, |calm| calm + (per_second - calm) * NEWEST));
        }
        let calm = self.calm.unwrap_or_default();
        let elapsed = now.saturating_duration_since(shared.start);
        let (plan, total) = (&shared.plan, shared.plan.count);
        let by_count = total.and_then(|total| {
            let by_pace = (calm > 0.0).then(|| (total - ended.min(total)) as f64 / calm);
            // On schedule the rest takes what the schedule says, also while the rate still grows.
            let by_schedule = plan.due(total - 1).map(|due| due.saturating_sub(elapsed).as_secs_f64());
            let is_behind = plan.due_before(elapsed).is_some_and(|due| due > ended + u64::from(plan.concurrency));
            match by_schedule {
                Some(seconds) if !is_behind => Some(seconds),
                _ => by_pace,
            }
        });
        let by_count = by_count.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let by_time = plan.duration.map(|duration| duration.saturating_sub(elapsed));
        let remaining = match (by_count, by_time) {
            (Some(count), Some(time)) => Some(count.min(time)),
            (count, time) => count.or(time),
        };
        let failed = shared.failed.load(Ordering::Relaxed);
        LoadProgress { ended, failed, total, elapsed, per_second, remaining }
    }
}
