//! Signed deliveries, ready before they are asked for.
//!
//! Every delivery is another event with a signature of its own, made at most a second before it is sent. Where the bytes
//! of a webhook depend on nothing finer than the second (found out by signing it twice), it is signed once a second and
//! the same bytes are sent until the next one, as a sender with that clock would. Otherwise threads of their own sign ahead.

use super::error::LoadError;
use super::plan::LoadPlan;
use super::target::LoadTarget;
use super::webhook::{LoadWebhook, cycle};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use tokio::sync::Notify;

/// A signature older than that is made anew.
const FRESH: Duration = Duration::from_secs(1);
/// Bytes that may wait to be sent, so that large bodies do not fill the memory.
const MOST_BYTES: usize = 4 * 1024 * 1024;
const MOST_AHEAD: usize = 1024;
/// Deliveries that a thread signs before it hands them over.
const BATCH: usize = 16;
/// A delivery to send.
pub(super) struct Delivery {
    /// Its place in the run, from 0.
    pub index: u64,
    /// Which webhook it is.
    pub webhook: usize,
    /// The request, or why it could not be signed.
    pub bytes: Result<Arc<[u8]>, String>,
    signed: Instant,
}

/// A request and the second, since 1970, that it is signed for.
type OfSecond = Mutex<(i64, Arc<[u8]>)>;

/// Hands out the deliveries of a run, each once.
pub(super) struct Supply {
    webhooks: Vec<LoadWebhook>,
    target: LoadTarget,
    /// Webhooks in the order in which they are sent, again and again.
    cycle: Vec<usize>,
    limit: Option<u64>,
    /// Requests of the present second, by webhook, where one serves for a whole second.
    of_second: Option<Vec<OfSecond>>,
    taken: AtomicU64,
    ahead: Mutex<Ahead>,
    capacity: usize,
    wanted: Condvar,
    arrived: Notify,
    stopped: AtomicBool,
    starved_ns: AtomicU64,
}

#[derive(Default)]
struct Ahead {
    ready: VecDeque<Delivery>,
    bytes: usize,
    /// Deliveries that a thread has taken on, signed or not.
    begun: u64,
}

impl Supply {
    /// Signs every webhook, so that one that cannot be sent is an error before the run.
    pub(super) fn new(webhooks: Vec<LoadWebhook>, plan: &LoadPlan, target: LoadTarget) -> Result<Self, LoadError> {
        if webhooks.is_empty() {
            return Err(LoadError::NoWebhooks);
        }
        let cycle = cycle(&webhooks)?;
        let now = OffsetDateTime::now_utc();
        let moment = |millisecond| now.replace_millisecond(millisecond).unwrap_or(now);
        let mut of_second = Vec::new();
        for webhook in &webhooks {
            let first = webhook.signed(&target, moment(100), 0)?;
            let other = webhook.signed(&target, moment(900), 1)?;
            if first == other {
                of_second.push(Mutex::new((now.unix_timestamp(), first.into())));
            }
        }
        let senders = usize::try_from(plan.concurrency).unwrap_or(MOST_AHEAD);
        // What waits longer than a second has to be signed again.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let within_half_a_second = plan.rate.map_or(usize::MAX, |rate| (rate / 2.0) as usize);
        Ok(Self {
            of_second: (of_second.len() == webhooks.len()).then_some(of_second),
            webhooks,
            target,
            cycle,
            limit: plan.count,
            taken: AtomicU64::new(0),
            ahead: Mutex::default(),
            capacity: (2 * senders).clamp(16, MOST_AHEAD).min(within_half_a_second.max(1)),
            wanted: Condvar::new(),
            arrived: Notify::new(),
            stopped: AtomicBool::new(false),
            starved_ns: AtomicU64::new(0),
        })
    }

    pub(super) fn webhooks(&self) -> &[LoadWebhook] {
        &self.webhooks
    }

    /// Whether one signature serves for all deliveries of a second.
    pub(super) fn signs_by_second(&self) -> bool {
        self.of_second.is_some()
    }

    /// How long senders waited for signatures, all together.
    pub(super) fn starved(&self) -> Duration {
        Duration::from_nanos(self.starved_ns.load(Ordering::Relaxed))
    }

    /// No delivery is handed out any more.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(self.lock());
        self.wanted.notify_all();
        self.arrived.notify_waiters();
    }

    /// The next delivery; `None` when there is none.
    pub(super) async fn next(&self) -> Option<Delivery> {
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let Some(of_second) = &self.of_second else { return self.next_signed_ahead().await };
        let index = self.taken.fetch_add(1, Ordering::Relaxed);
        if self.limit.is_some_and(|limit| index >= limit) {
            return None;
        }
        let webhook = self.webhook_of(index);
        Some(Delivery { index, webhook, bytes: self.present(of_second, webhook, index), signed: Instant::now() })
    }

    /// Signs again what has waited too long.
    pub(super) fn refresh(&self, delivery: &mut Delivery) {
        if delivery.signed.elapsed() < FRESH {
            return;
        }
        delivery.bytes = match &self.of_second {
            Some(of_second) => self.present(of_second, delivery.webhook, delivery.index),
            None => self.sign(delivery.webhook, delivery.index),
        };
    }

    /// Whether threads are to run [`Supply::sign_ahead`].
    pub(super) fn needs_signers(&self) -> bool {
        self.of_second.is_none()
    }

    /// Signs ahead until there is nothing more to sign.
    pub(super) fn sign_ahead(&self) {
        let batch_size = BATCH.min(self.capacity.div_ceil(2));
        loop {
            let mut ahead = self.lock();
            let indices = loop {
                let left = self.limit.map_or(u64::MAX, |limit| limit - ahead.begun);
                if left == 0 || self.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let room = self.capacity.saturating_sub(ahead.ready.len()).min(batch_size);
                if room > 0 && ahead.bytes < MOST_BYTES {
                    let from = ahead.begun;
                    ahead.begun += left.min(room as u64);
                    break from..ahead.begun;
                }
                ahead = self.wanted.wait(ahead).unwrap_or_else(PoisonError::into_inner);
            };
            drop(ahead);
            let signed = indices.map(|index| {
                let webhook = self.webhook_of(index);
                Delivery { index, webhook, bytes: self.sign(webhook, index), signed: Instant::now() }
            });
            let signed: Vec<Delivery> = signed.collect();
            let mut ahead = self.lock();
            ahead.bytes += signed.iter().map(Delivery::size).sum::<usize>();
            ahead.ready.extend(signed);
            drop(ahead);
            self.arrived.notify_waiters();
        }
    }

    async fn next_signed_ahead(&self) -> Option<Delivery> {
        let mut waiting_since = None;
        loop {
            // Before the look into the queue, so that nothing arrives unseen in between.
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            {
                let mut ahead = self.lock();
                if let Some(delivery) = ahead.ready.pop_front() {
                    ahead.bytes -= delivery.size();
                    // Not for every single one: waking a thread costs more than signing.
                    if ahead.ready.len() <= self.capacity / 2 {
                        self.wanted.notify_one();
                    }
                    self.taken.fetch_add(1, Ordering::Relaxed);
                    self.note_wait(waiting_since);
                    return Some(delivery);
                }
                let none_to_come = self.limit.is_some_and(|limit| self.taken.load(Ordering::Relaxed) >= limit);
                if none_to_come || self.stopped.load(Ordering::SeqCst) {
                    drop(ahead);
                    // Others may wait for what will not come.
                    self.arrived.notify_waiters();
                    return None;
                }
                self.wanted.notify_one();
            }
            waiting_since.get_or_insert_with(Instant::now);
            arrived.await;
        }
    }

    fn note_wait(&self, since: Option<Instant>) {
        if let Some(since) = since {
            let nanoseconds = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.starved_ns.fetch_add(nanoseconds, Ordering::Relaxed);
        }
    }

    fn webhook_of(&self, index: u64) -> usize {
        let length = self.cycle.len() as u64;
        self.cycle[usize::try_from(index % length).unwrap_or_default()]
    }

    fn present(&self, of_second: &[OfSecond], webhook: usize, index: u64) -> Result<Arc<[u8]>, String> {
        let second = OffsetDateTime::now_utc().unix_timestamp();
        let mut kept = of_second[webhook].lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0 != second {
            *kept = (second, self.sign(webhook, index)?);
        }
        Ok(Arc::clone(&kept.1))
    }

    fn sign(&self, webhook: usize, index: u64) -> Result<Arc<[u8]>, String> {
        let bytes = self.webhooks[webhook].signed(&self.target, OffsetDateTime::now_utc(), index);
        bytes.map(Into::into).map_err(|error| match error {
            LoadError::Sign { source, .. } => source.to_string(),
            other => other.to_string(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery {
    fn size(&self) -> usize {
        self.bytes.as_ref().map_or(0, |bytes| bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use patchbay_core::HttpRequest;

    fn request(body: &str) -> HttpRequest {
        HttpRequest {
            method: "POST".into(),
            url: "http://127.0.0.1:1/".into(),
            headers: patchbay_core::HttpMessageHeaders::default(),
            body: body.to_owned().into(),
        }
    }

    async fn supply(webhooks: Vec<LoadWebhook>, count: Option<u64>) -> Supply {
        let target = LoadTarget::resolve("http://127.0.0.1:1").await.expect("an address");
        let plan = LoadPlan::new(count, None, Some(4), None, None).expect("a plan");
        Supply::new(webhooks, &plan, target).unwrap_or_else(|error| panic!("{error}"))
    }

    #[tokio::test]
    async fn a_signature_by_the_second_is_made_once_and_one_of_an_event_each_time() {
        let by_second = LoadWebhook::new("s", |now, _| Ok(request(&now.unix_timestamp().to_string())));
        assert!(supply(vec![by_second], None).await.signs_by_second());
        let by_millisecond = LoadWebhook::new("ms", |now, _| Ok(request(&now.unix_timestamp_nanos().to_string())));
        assert!(!supply(vec![by_millisecond.clone()], None).await.signs_by_second());
        let by_event = LoadWebhook::new("event", |_, index| Ok(request(&index.to_string())));
        assert!(!supply(vec![by_event], None).await.signs_by_second());
    }

    #[tokio::test]
    async fn every_delivery_is_handed_out_once_and_as_another_event() {
        let supply =
            supply(vec![LoadWebhook::new("event", |_, index| Ok(request(&index.to_string())))], Some(500)).await;
        let supply = Arc::new(supply);
        let signers: Vec<_> = (0..2)
            .map(|_| {
                let supply = Arc::clone(&supply);
                std::thread::spawn(move || supply.sign_ahead())
            })
            .collect();
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let supply = Arc::clone(&supply);
                tokio::spawn(async move {
                    let mut seen = Vec::new();
                    while let Some(delivery) = supply.next().await {
                        let bytes = delivery.bytes.expect("it is signed");
                        assert!(bytes.ends_with(format!("\r\n\r\n{}", delivery.index).as_bytes()));
                        seen.push(delivery.index);
                    }
                    seen
                })
            })
            .collect();
        let mut seen = Vec::new();
        for taker in takers {
            seen.extend(taker.await.expect("no panic"));
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..500).collect::<Vec<u64>>());
        for signer in signers {
            signer.join().expect("no panic");
        }
    }

    #[tokio::test]
    async fn a_delivery_that_waited_is_signed_again_as_the_same_event() {
        let webhook =
            LoadWebhook::new("event", |now, index| Ok(request(&format!("{} {index}", now.unix_timestamp_nanos()))));
        let supply = supply(vec![webhook], None).await;
        let stale = Instant::now().checked_sub(FRESH).expect("the clock runs for longer than a second");
        let mut delivery = Delivery { index: 7, webhook: 0, bytes: Err("old".into()), signed: stale };
        supply.refresh(&mut delivery);
        assert!(delivery.bytes.expect("it is signed").ends_with(b" 7"));
    }

    #[tokio::test]
    async fn a_webhook_that_cannot_be_signed_or_sent_is_an_error_before_the_run() {
        let target = LoadTarget::resolve("http://127.0.0.1:1").await.expect("an address");
        let plan = LoadPlan::new(Some(1), None, None, None, None).expect("a plan");
        let new = |webhooks| Supply::new(webhooks, &plan, target.clone()).map(|_| ()).expect_err("it is refused");
        assert!(matches!(new(vec![]), LoadError::NoWebhooks));
        let unsigned = LoadWebhook::new("x", |_, _| Err("no key".into()));
        assert!(matches!(new(vec![unsigned]), LoadError::Sign { .. }));
        let elsewhere =
            LoadWebhook::new("x", |_, _| Ok(HttpRequest { url: "http://127.0.0.1:2/".into(), ..request("") }));
        assert!(matches!(new(vec![elsewhere]), LoadError::Unsendable { .. }));
    }
}
