//! The deliveries that are remembered, within bounded memory.

use super::drafts::Draft;
use patchbay_core::observation::{OutboundCall, TailEvent};
use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};
use std::collections::{HashMap, VecDeque};
use std::sync::Weak;
use tokio::sync::watch;

/// Deliveries that are remembered.
const MOST_DELIVERIES: usize = 2000;
/// Bytes of calls that are remembered of one delivery, and of all. An adapter decides how much it sends.
const MOST_OF_ONE: usize = 256 << 20;
const MOST_OF_ALL: usize = 512 << 20;

/// What was seen of a delivery.
pub(super) struct Delivery {
    /// What the request must bring to be taken for this delivery.
    pub(super) proof: String,
    /// The draft that is to serve it. Remembering a delivery keeps none.
    pub(super) draft: Option<Weak<Draft>>,
    pub(super) tail: Vec<TailEvent>,
    pub(super) calls: Vec<OutboundCall>,
    pub(super) reserved: usize,
    pub(super) finished: usize,
    /// Calls that went out and have not come back.
    pub(super) under_way: usize,
    /// A process ended, a report never came, or a call was too large to be remembered.
    pub(super) lost: bool,
    pub(super) changed: watch::Sender<()>,
    bytes: usize,
}

impl Delivery {
    pub(super) fn new(proof: String, draft: Option<Weak<Draft>>) -> Self {
        Self {
            proof,
            draft,
            tail: Vec::new(),
            calls: Vec::new(),
            reserved: 0,
            finished: 0,
            under_way: 0,
            lost: false,
            changed: watch::Sender::new(()),
            bytes: 0,
        }
    }

    /// Whether nothing more will come.
    fn is_settled(&self) -> bool {
        self.under_way == 0 && (self.lost || (self.reserved > 0 && self.finished == self.reserved))
    }

    /// The same, where the sender has its answer already: a delivery that the dispatcher answered itself ends there.
    pub(super) fn is_over(&self, answered: bool) -> bool {
        self.is_settled() || (answered && self.reserved == 0 && self.under_way == 0)
    }
}

/// The newest deliveries by their ids.
#[derive(Default)]
pub(super) struct Deliveries {
    by_id: HashMap<String, Delivery>,
    oldest_first: VecDeque<String>,
    bytes: usize,
}

impl Deliveries {
    pub(super) fn get(&self, id: &str) -> Option<&Delivery> {
        self.by_id.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Delivery> {
        self.by_id.get_mut(id)
    }

    /// Adds a delivery, and forgets the oldest when there are too many.
    pub(super) fn insert(&mut self, id: String, delivery: Delivery) {
        self.by_id.insert(id.clone(), delivery);
        self.oldest_first.push_back(id);
        if self.oldest_first.len() > MOST_DELIVERIES {
            self.forget_oldest();
        }
    }

    /// Remembers a call of a delivery; older deliveries give way to it. What one delivery may hold is bounded, too:
    /// beyond that the delivery counts as incomplete.
    pub(super) fn keep(&mut self, id: &str, call: OutboundCall) {
        self.keep_within(id, call, MOST_OF_ONE, MOST_OF_ALL);
    }

    fn keep_within(&mut self, id: &str, call: OutboundCall, most_of_one: usize, most_of_all: usize) {
        let Some(delivery) = self.by_id.get_mut(id) else { return };
        let size = size(&call);
        if delivery.bytes + size > most_of_one {
            delivery.lost = true;
            return;
        }
        delivery.bytes += size;
        delivery.calls.push(call);
        self.bytes += size;
        while self.bytes > most_of_all && self.oldest_first.front().is_some_and(|oldest| oldest != id) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let oldest = self.oldest_first.pop_front().and_then(|oldest| self.by_id.remove(&oldest));
        self.bytes -= oldest.map_or(0, |delivery| delivery.bytes);
    }
}

/// About what a call holds in memory.
fn size(call: &OutboundCall) -> usize {
    let headers = |headers: &HttpMessageHeaders| -> usize {
        headers.iter().map(|(name, value)| name.len() + value.len() + 2 * size_of::<String>()).sum()
    };
    let OutboundCall { request, response, .. } = call;
    let HttpRequest { method, url, headers: sent, body: sent_body } = request;
    let HttpResponse { headers: received, body: received_body, .. } = response;
    let text = method.len() + url.len() + headers(sent) + headers(received);
    size_of::<OutboundCall>() + text + sent_body.len() + received_body.len()
}

#[cfg(test)]
mod tests {
    use super::{Deliveries, Delivery, MOST_DELIVERIES};
    use patchbay_core::observation::{AnsweredBy, OutboundCall, ServedBy};
    use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse};

    fn call(bytes: usize) -> OutboundCall {
        let headers = HttpMessageHeaders(Vec::new());
        OutboundCall {
            served_by: ServedBy { namespace: String::new(), script: String::new(), version: String::new() },
            delivery: None,
            request: HttpRequest {
                method: "POST".into(),
                url: String::new(),
                headers: headers.clone(),
                body: vec![0; bytes].into(),
            },
            response: HttpResponse { status: 200, headers, body: Vec::new().into() },
            answered_by: AnsweredBy::Simulated,
            interruption: None,
            started_ms: 0.0,
            duration_ms: 0.0,
            pacing_ms: None,
        }
    }

    fn kept(names: &[&str]) -> Deliveries {
        let mut deliveries = Deliveries::default();
        for name in names {
            deliveries.insert((*name).into(), Delivery::new(String::new(), None));
        }
        deliveries
    }

    #[test]
    fn a_delivery_that_sends_too_much_is_incomplete_and_the_others_stay() {
        let mut deliveries = kept(&["first", "second"]);
        for _ in 0..5 {
            deliveries.keep_within("second", call(10_000), 25_000, 100_000);
        }
        let second = deliveries.get("second").expect("is there");
        assert_eq!((second.calls.len(), second.lost), (2, true));
        assert!(deliveries.get("first").is_some_and(|first| !first.lost));
    }

    #[test]
    fn the_oldest_give_way_and_what_they_held_is_given_back() {
        let mut deliveries = kept(&["first", "second", "third"]);
        for name in ["first", "second", "third"] {
            deliveries.keep_within(name, call(10_000), 25_000, 25_000);
        }
        assert!(deliveries.get("first").is_none());
        assert_eq!(deliveries.get("third").map(|third| third.calls.len()), Some(1));
        assert!(deliveries.bytes < 25_000, "{}", deliveries.bytes);
        deliveries.keep_within("first", call(10_000), 25_000, 25_000);
        assert!(deliveries.get("first").is_none(), "a call that comes too late brings nothing back");
        for number in 0..MOST_DELIVERIES {
            deliveries.insert(number.to_string(), Delivery::new(String::new(), None));
        }
        assert_eq!((deliveries.by_id.len(), deliveries.bytes), (MOST_DELIVERIES, 0));
    }
}
