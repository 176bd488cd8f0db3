//! Recorded deliveries and what was seen of them. Everything is redacted before it is kept.

use super::drafts::{Draft, Drafts};
use super::kept::{Deliveries, Delivery};
use super::lanes::{CpuTime, Lanes, Reserved};
use super::loads::Loads;
use super::pool::Awaited;
use super::redaction::{redacted_call, redacted_tail, redactor};
use super::tail::RawEvent;
use crate::local_api::{self, RegisteredDelivery, ServedBy};
use crate::store::Store;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use patchbay_core::observation::{self, AnsweredBy, OutboundCall, TailEvent};
use patchbay_core::redact::Redactor;
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use subtle::ConstantTimeEq;
use tokio::sync::broadcast;

/// Header that marks a request as a recorded delivery.
pub(crate) const DELIVERY_HEADER: &str = "x-patchbay-delivery";
/// A lane whose reports have not come by then is given up.
const LANE_PATIENCE: Duration = Duration::from_mins(2);
/// Redactors kept ready.
const KEPT_REDACTORS: usize = 512;

/// All that was observed since the platform started.
pub(crate) struct Observed {
    store: Arc<Store>,
    drafts: Arc<Drafts>,
    deliveries: Mutex<Deliveries>,
    loads: Loads,
    /// By the number of the process.
    lanes: Mutex<HashMap<u64, Lanes>>,
    redactors: Mutex<HashMap<String, Arc<Redactor>>>,
    tails: broadcast::Sender<Arc<TailEvent>>,
    watching: Mutex<Watching>,
}

/// What a request that carries [`DELIVERY_HEADER`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// One recorded delivery.
    Delivery,
    /// One of a load run, whose mark holds until then.
    Load(SystemTime),
}

/// Whether somebody watches requests as they happen. While nobody does, processes do not report those that are not
/// recorded.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Watching {
    is: bool,
    /// Counts the changes, from 1, so that a process can tell late news.
    change: u64,
}

/// The router module's report about a recorded request.
#[derive(Deserialize)]
pub(crate) struct Answered {
    lane: u32,
    started_ms: f64,
    wall_ms: f64,
    /// Whether the process did nothing else meanwhile.
    alone: bool,
}

/// The router module's report about a call that the outbound worker answered itself.
#[derive(Deserialize)]
pub(crate) struct Refused {
    lane: u32,
    started_ms: f64,
    duration_ms: f64,
    request: RawMessage,
    response: RawMessage,
}

#[derive(Deserialize)]
struct RawMessage {
    #[serde(default)]
    method: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Watching {
    fn follow(&mut self, is: bool) {
        if self.is != is {
            *self = Self { is, change: self.change + 1 };
        }
    }
}

impl RawMessage {
    fn bytes(&self) -> Bytes {
        STANDARD.decode(&self.body).unwrap_or_default().into()
    }
}

/// Milliseconds since the Unix epoch, with microseconds.
pub(crate) fn epoch_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observed {
    pub(crate) fn new(store: Arc<Store>, drafts: Arc<Drafts>) -> Self {
        Self {
            store,
            drafts,
            deliveries: Mutex::default(),
            loads: Loads::default(),
            lanes: Mutex::default(),
            redactors: Mutex::default(),
            tails: broadcast::Sender::new(1024),
            watching: Mutex::new(Watching { is: false, change: 1 }),
        }
    }

    /// Registers a delivery to be recorded, and the draft that is to serve it.
    pub(crate) fn register(&self, draft: Option<&Arc<Draft>>) -> RegisteredDelivery {
        let id = uuid::Uuid::now_v7().to_string();
        let proof = hex::encode(rand::random::<[u8; 16]>());
        let value = format!("{id}.{proof}");
        locked(&self.deliveries).insert(id.clone(), Delivery::new(proof, draft.map(Arc::downgrade)));
        RegisteredDelivery { delivery: id, header: DELIVERY_HEADER.into(), value }
    }

    /// Registers a load run: nothing that carries its mark is recorded or stored.
    pub(crate) fn register_load(&self) -> RegisteredDelivery {
        let (id, value) = self.loads.register();
        RegisteredDelivery { delivery: id, header: DELIVERY_HEADER.into(), value }
    }

    /// What a header value proves, if anything.
    pub(crate) fn proven(&self, value: &str) -> Option<Mark> {
        self.loads.until(value).map(Mark::Load).or_else(|| self.delivery_of(value).map(|_| Mark::Delivery))
    }

    /// The delivery that a header value proves, and the draft that it is for.
    pub(crate) fn delivery_of(&self, value: &str) -> Option<(String, Option<Weak<Draft>>)> {
        let (id, proof) = value.split_once('.')?;
        let deliveries = locked(&self.deliveries);
        let delivery = deliveries.get(id)?;
        bool::from(delivery.proof.as_bytes().ct_eq(proof.as_bytes())).then(|| (id.to_owned(), delivery.draft.clone()))
    }

    /// Reserves a lane of a process for a delivery. Whatever is `held` is kept until the lane is free again.
    pub(crate) async fn reserve(
        self: &Arc<Self>,
        process: u64,
        held: Awaited,
        delivery: &str,
        served_by: observation::ServedBy,
    ) -> Reserved {
        let permit = locked(&self.lanes).entry(process).or_default().permit();
        let Some(permit) = permit.await else { return Reserved::Busy };
        let lane = locked(&self.lanes).entry(process).or_default().take((permit, held), delivery.to_owned(), served_by);
        self.change(delivery, |delivery| delivery.reserved += 1);
        let (observed, delivery) = (Arc::downgrade(self), delivery.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(LANE_PATIENCE).await;
            if let Some(observed) = observed.upgrade() {
                observed.give_up(process, lane, &delivery);
            }
        });
        Reserved::Lane(lane)
    }

    fn give_up(&self, process: u64, lane: u32, delivery: &str) {
        let mut lanes = locked(&self.lanes);
        let Some(lanes) = lanes.get_mut(&process) else { return };
        if lanes.get(lane).is_some_and(|lane| lane.delivery == delivery) {
            lanes.abandon(lane);
            self.change(delivery, |delivery| delivery.lost = true);
        }
    }

    /// Which delivery a lane serves at the moment.
    pub(crate) fn in_lane(&self, process: u64, lane: u32) -> Option<(String, observation::ServedBy)> {
        let mut lanes = locked(&self.lanes);
        let used = lanes.get_mut(&process)?.get(lane)?;
        Some((used.delivery.clone(), used.served_by.clone()))
    }

    /// A process is gone, and what was under way in it with it.
    pub(crate) fn process_ended(&self, process: u64) {
        let lost = locked(&self.lanes).get_mut(&process).map(Lanes::abandon_all).unwrap_or_default();
        for lane in lost {
            self.change(&lane.delivery, |delivery| delivery.lost = true);
        }
    }

    /// Something was not told of one of the deliveries in a process: none of them is known to be complete.
    pub(crate) fn overlooked(&self, process: u64) {
        let under_way = locked(&self.lanes).get(&process).map(Lanes::deliveries).unwrap_or_default();
        for delivery in under_way {
            self.change(&delivery, |delivery| delivery.lost = true);
        }
    }

    /// The runtime's report about a request.
    pub(crate) async fn tail(&self, process: u64, caller: ServedBy, lane: Option<u32>, events: Vec<RawEvent>) {
        let arrived = epoch_ms();
        let delivery = lane.and_then(|lane| self.in_lane(process, lane)).map(|(delivery, _)| delivery);
        if delivery.is_none() && self.tails.receiver_count() == 0 {
            // Nobody wants to know, and there may be thousands in a second.
            return self.progress(process, lane, |lane| lane.tailed = true);
        }
        let redactor = self.redactor(&caller.version).await;
        let is_draft = self.drafts.get(&caller.version).is_some();
        for event in events {
            let event = redacted_tail(redactor.as_deref(), event.into_event(&caller, delivery.as_deref(), arrived));
            // A draft is seen by nobody but its own deliveries. Whoever listened may be gone by now.
            if !is_draft {
                let _ = self.tails.send(Arc::new(event.clone()));
            }
            if let Some(delivery) = &delivery {
                self.change(delivery, |delivery| delivery.tail.push(event));
            }
        }
        self.progress(process, lane, |lane| lane.tailed = true);
    }

    /// A lane of a process that has used so much CPU time until now is about to serve.
    pub(crate) fn serving(&self, process: u64, lane: u32, before: Option<CpuTime>) {
        let mut lanes = locked(&self.lanes);
        if let Some(used) = lanes.get_mut(&process).and_then(|lanes| lanes.get(lane)) {
            used.cpu_before = before;
        }
    }

    /// The router module's report about a recorded request, and what the process has used until now. The runtime itself
    /// reports no CPU time, so it is known only of a request that was alone.
    pub(crate) fn answered(&self, process: u64, report: &Answered, now: Option<CpuTime>) {
        self.progress(process, Some(report.lane), |lane| {
            lane.answered = Some((report.started_ms, report.wall_ms));
            let used = now.zip(lane.cpu_before).and_then(|(now, before)| now.since(before));
            lane.cpu = used.filter(|_| report.alone);
        });
    }

    /// Notes a report, and releases the lane once both are there.
    fn progress(&self, process: u64, lane: Option<u32>, note: impl FnOnce(&mut super::lanes::LaneUse)) {
        let Some(number) = lane else { return };
        let mut lanes = locked(&self.lanes);
        let Some(lanes) = lanes.get_mut(&process) else { return };
        let Some(lane) = lanes.get(number) else { return };
        note(lane);
        let (Some((started_ms, wall_ms)), true) = (lane.answered, lane.tailed) else { return };
        let delivery = lane.delivery.clone();
        let cpu = lane.cpu;
        lanes.release(number);
        self.change(&delivery, |delivery| {
            delivery.finished += 1;
            if let Some(event) = delivery.tail.last_mut() {
                // Measured beside the adapter; the report itself only tells when the request began.
                event.started_ms = started_ms;
                event.wall_ms = wall_ms;
                event.cpu_ms = cpu.map(|cpu| cpu.as_secs_f64() * 1000.0);
            }
        });
    }

    /// A call from a lane took a turn in its tenant's pace, and waits so long for it.
    pub(crate) fn paced(&self, process: u64, lane: u32, wait_ms: f64) {
        let mut lanes = locked(&self.lanes);
        if let Some(used) = lanes.get_mut(&process).and_then(|lanes| lanes.get(lane)) {
            used.paced(epoch_ms(), wait_ms);
        }
    }

    /// How long a call from a lane has waited for its turn that left the adapter at `left_ms` and goes out now.
    pub(crate) fn waited(&self, process: u64, lane: u32, left_ms: f64) -> Option<f64> {
        locked(&self.lanes).get_mut(&process)?.get(lane)?.waited(left_ms, epoch_ms())
    }

    /// A call goes out: whoever asks for the delivery waits for it.
    pub(crate) fn calling(&self, delivery: &str) {
        self.change(delivery, |delivery| delivery.under_way += 1);
    }

    /// A call came back.
    pub(crate) async fn called(&self, call: OutboundCall) {
        let redactor = self.redactor(&call.served_by.version).await;
        let Some(delivery) = call.delivery.clone() else { return };
        let call = redacted_call(redactor.as_deref(), call);
        locked(&self.deliveries).keep(&delivery, call);
        self.change(&delivery, |delivery| delivery.under_way -= 1);
    }

    /// A call that the outbound worker answered itself.
    pub(crate) async fn refused(&self, process: u64, refused: Refused) {
        let Some((delivery, served_by)) = self.in_lane(process, refused.lane) else { return };
        let Refused { started_ms, duration_ms, request, response, .. } = refused;
        self.calling(&delivery);
        let call = OutboundCall {
            served_by,
            delivery: Some(delivery),
            request: HttpRequest {
                body: request.bytes(),
                method: request.method,
                url: request.url,
                headers: HttpMessageHeaders(request.headers),
            },
            response: HttpResponse {
                body: response.bytes(),
                status: response.status,
                headers: HttpMessageHeaders(response.headers),
            },
            answered_by: AnsweredBy::Refused,
            interruption: None,
            started_ms,
            duration_ms,
            pacing_ms: None,
        };
        self.called(call).await;
    }

    /// What was seen of a delivery, once all of it has arrived or the time is over. Nothing for an unknown one.
    /// `answered`: the sender has its answer.
    pub(crate) async fn observations(
        &self,
        id: &str,
        patience: Duration,
        answered: bool,
    ) -> Option<local_api::Observations> {
        let mut changed = locked(&self.deliveries).get(id)?.changed.subscribe();
        let settled = async {
            loop {
                let seen = locked(&self.deliveries).get(id).map(|delivery| delivery.is_over(answered));
                if seen != Some(false) || changed.changed().await.is_err() {
                    return;
                }
            }
        };
        // The time being over is an answer, too: `complete` tells.
        let _ = tokio::time::timeout(patience, settled).await;
        let deliveries = locked(&self.deliveries);
        let delivery = deliveries.get(id)?;
        let mut outbound = delivery.calls.clone();
        outbound.sort_by(|a, b| a.started_ms.total_cmp(&b.started_ms));
        Some(local_api::Observations {
            complete: !delivery.lost && delivery.is_over(answered),
            tail: delivery.tail.iter().cloned().map(Into::into).collect(),
            outbound: outbound.into_iter().map(Into::into).collect(),
        })
    }

    /// Every tail event that processes report from now on (see `Runtime::watch_requests`).
    pub(super) fn tails(&self) -> broadcast::Receiver<Arc<TailEvent>> {
        let mut watching = locked(&self.watching);
        let tails = self.tails.subscribe();
        watching.follow(true);
        tails
    }

    /// Whether somebody watches.
    pub(super) fn watching(&self) -> Watching {
        let mut watching = locked(&self.watching);
        watching.follow(self.tails.receiver_count() > 0);
        *watching
    }

    fn change(&self, delivery: &str, change: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) = locked(&self.deliveries).get_mut(delivery) {
            change(delivery);
            delivery.changed.send_replace(());
        }
    }

    /// Knows the secrets of a version. When they cannot be read, what was observed cannot be shown.
    pub(crate) async fn redactor(&self, version: &str) -> Option<Arc<Redactor>> {
        if let Some(known) = locked(&self.redactors).get(version) {
            return Some(Arc::clone(known));
        }
        if let Some(known) = self.drafts.redactor(version) {
            return Some(known);
        }
        let id = version.to_owned();
        let found = self.store.change(move |change| change.version(&id)).await;
        let bindings = match found {
            Ok(Some(version)) => version.bindings,
            Ok(None) => return None,
            Err(error) => {
                tracing::error!(%error, "the secrets of a version cannot be read");
                return None;
            }
        };
        let redactor = Arc::new(redactor(&bindings));
        let mut redactors = locked(&self.redactors);
        if redactors.len() >= KEPT_REDACTORS {
            redactors.clear();
        }
        redactors.insert(version.to_owned(), Arc::clone(&redactor));
        Some(redactor)
    }
}
