//! One sender: a connection, and deliveries one after another.

use super::answer::{AnswerReader, Broken};
use super::plan::LoadPlan;
use super::supply::{Delivery, Supply};
use super::tally::{Outcome, Over, Tally};
use super::target::{Connection, LoadTarget};
use patchbay_core::redact::Redactor;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{sleep_until, timeout};
use tokio_util::sync::CancellationToken;

/// How late the runtime's timer, which counts milliseconds, may be by itself. A sender that was free when a delivery
/// was due and was woken so much later did not wait for the target.
const TIMER_GRAIN: Duration = Duration::from_millis(2);
/// Where nobody listens, a sender tries again after this time, and not as fast as it can.
const AFTER_NO_CONNECTION: Duration = Duration::from_millis(10);

/// What all senders of a run share.
pub(super) struct Shared {
    pub target: LoadTarget,
    pub plan: LoadPlan,
    pub supply: Supply,
    pub redactor: Redactor,
    pub start: Instant,
    /// Nothing more is sent.
    pub stop: CancellationToken,
    pub ended: AtomicU64,
    pub failed: AtomicU64,
}

/// Sends until there is nothing more to send.
pub(super) async fn send_all(shared: Arc<Shared>, tally: Arc<Mutex<Tally>>, sender: u32) {
    let mut line = Line { connection: None, reader: AnswerReader::new() };
    if !wait(&shared, shared.plan.joins(sender)).await {
        return;
    }
    // Senders keep their connections; how long the first one takes says nothing about a delivery. Where none can be made,
    // the first delivery finds out and counts it.
    drop(connect(&mut line.connection, &shared, &tally).await);
    let mut last_sent: Option<Instant> = None;
    while let Some(mut delivery) = shared.supply.next().await {
        let Some(from) = due(&shared, &delivery).await else { break };
        shared.supply.refresh(&mut delivery);
        lock(&tally).begun += 1;
        let sent = Instant::now();
        let sending = timeout(shared.plan.timeout, line.deliver(&shared, &tally, &delivery));
        let outcome = sending.await.unwrap_or_else(|_| Outcome::TooLate(shared.plan.timeout));
        let at = Instant::now();
        if !matches!(outcome, Outcome::Answered(ref answer) if answer.stays_open) {
            line.connection = None;
        }
        let over = Over {
            webhook: &shared.supply.webhooks()[delivery.webhook],
            place: delivery.webhook,
            outcome: &outcome,
            latency: at - from.unwrap_or(sent).min(sent),
            waited: at - sent,
            since_last: last_sent.replace(sent).map(|last| sent - last),
            at,
        };
        let failed = lock(&tally).end(&over, &shared.redactor);
        shared.ended.fetch_add(1, Ordering::Relaxed);
        if failed {
            shared.failed.fetch_add(1, Ordering::Relaxed);
        }
        if matches!(outcome, Outcome::NoConnection(_)) {
            tokio::time::sleep(AFTER_NO_CONNECTION).await;
        }
    }
}

/// Waits until a delivery is due. From when its latency counts, where there is a schedule; `None` when the run is over.
async fn due(shared: &Shared, delivery: &Delivery) -> Option<Option<Instant>> {
    let Some(after) = shared.plan.due(delivery.index) else { return Some(None) };
    if shared.plan.duration.is_some_and(|duration| after >= duration) {
        return None;
    }
    let due = shared.start + after;
    if due <= Instant::now() {
        return Some(Some(due));
    }
    if !wait(shared, after).await {
        return None;
    }
    let own_lateness = due.elapsed().min(TIMER_GRAIN);
    Some(Some(due + own_lateness))
}

/// Waits until so long after the start; whether the run goes on then.
async fn wait(shared: &Shared, after: Duration) -> bool {
    tokio::select! {
        biased;
        () = shared.stop.cancelled() => false,
        () = sleep_until((shared.start + after).into()) => true,
    }
}

struct Line {
    connection: Option<Connection>,
    reader: AnswerReader,
}

impl Line {
    async fn deliver(&mut self, shared: &Shared, tally: &Mutex<Tally>, delivery: &Delivery) -> Outcome {
        let bytes = match &delivery.bytes {
            Ok(bytes) => bytes,
            Err(why) => return Outcome::Unsigned(why.clone()),
        };
        // A server may end a quiet connection at any time; that is no failure of a delivery.
        if let Some(connection) = &mut self.connection
            && connection.is_over().await
        {
            self.connection = None;
        }
        let connection = match connect(&mut self.connection, shared, tally).await {
            Ok(connection) => connection,
            Err(source) => return Outcome::NoConnection(source),
        };
        let written = async {
            connection.write_all(bytes).await?;
            connection.flush().await
        };
        let written = written.await;
        let without_body = bytes.starts_with(b"HEAD ");
        // A server that refuses a large body answers and hangs up before it has all of it.
        let outcome = match (self.reader.read(connection, without_body).await, written) {
            (Ok(answer), Ok(())) => Outcome::Answered(answer),
            (Ok(answer), Err(_)) => Outcome::Answered(super::answer::Answer { stays_open: false, ..answer }),
            (Err(Broken::Ended { in_the_middle, source: None }), Err(source)) => {
                Outcome::Broken(Broken::Ended { in_the_middle, source: Some(source) })
            }
            (Err(broken), _) => Outcome::Broken(broken),
        };
        lock(tally).bytes_sent += bytes.len() as u64;
        outcome
    }
}

/// The connection that is there, or a new one.
async fn connect<'a>(
    place: &'a mut Option<Connection>,
    shared: &Shared,
    tally: &Mutex<Tally>,
) -> std::io::Result<&'a mut Connection> {
    let connection = if let Some(connection) = place.take() {
        connection
    } else {
        let connection = shared.target.connect().await?;
        lock(tally).connections += 1;
        connection
    };
    Ok(place.insert(connection))
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
