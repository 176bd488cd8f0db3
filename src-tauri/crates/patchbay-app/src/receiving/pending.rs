//! Webhooks that wait for their answers, so that they need not be read back for it.

use patchbay_replay::Trace;
use std::collections::{HashMap, VecDeque};

/// Bytes of bodies that are held at most. Whatever is not held stands in the history.
const MOST: u64 = 32 << 20;
/// Webhooks that are held at most.
const MANY: usize = 4096;

/// The newest webhooks without an answer.
#[derive(Default)]
pub(super) struct Pending {
    by_id: HashMap<String, Trace>,
    /// Also those that were taken out; they are skipped when their turn comes.
    oldest_first: VecDeque<String>,
    bytes: u64,
}

impl Pending {
    /// Holds a webhook; older ones give way to it.
    pub(super) fn hold(&mut self, trace: Trace) {
        if size(&trace) > MOST / 8 {
            return;
        }
        self.bytes += size(&trace);
        self.oldest_first.push_back(trace.id.clone());
        self.by_id.insert(trace.id.clone(), trace);
        while self.bytes > MOST || self.oldest_first.len() > MANY {
            let Some(oldest) = self.oldest_first.pop_front() else { return };
            self.take(&oldest);
        }
    }

    /// Gives a webhook out, if it is held.
    pub(super) fn take(&mut self, id: &str) -> Option<Trace> {
        let trace = self.by_id.remove(id)?;
        self.bytes -= size(&trace);
        Some(trace)
    }
}

/// About what it takes in memory.
fn size(trace: &Trace) -> u64 {
    2048 + trace.request.body.text.len() as u64
}

#[cfg(test)]
mod tests {
    use super::{MANY, MOST, Pending};
    use patchbay_replay::Trace;
    use serde_json::json;

    fn trace(id: &str, bytes: usize) -> Trace {
        serde_json::from_value(json!({ "id": id, "tenant": "", "adapter": "", "sample": null, "provider": "custom",
            "started": "2026-11-21T00:00:00Z", "environment": "production", "region": "", "signing": null, "rule": null,
            "request": { "method": "POST", "url": "http://x/", "headers": [],
                "body": { "text": "x".repeat(bytes), "base64": false, "bytes": bytes } },
            "response": null, "no_answer": null, "total_ms": 0.0, "first_byte_ms": null, "adapter_run": null,
            "outbound": [], "visibility": "answer_only", "deadline": "no_deadline", "differences": null }))
        .expect("a trace")
    }

    #[test]
    fn what_is_held_is_given_out_once() {
        let mut pending = Pending::default();
        pending.hold(trace("a", 10));
        assert_eq!(pending.take("a").map(|trace| trace.id), Some("a".into()));
        assert_eq!((pending.take("a"), pending.bytes), (None, 0));
    }

    #[test]
    fn the_oldest_give_way_and_what_is_too_large_is_not_held() {
        let mut pending = Pending::default();
        for number in 0..=MANY {
            pending.hold(trace(&number.to_string(), 0));
        }
        assert!(pending.take("0").is_none() && pending.take("1").is_some());
        let large = usize::try_from(MOST / 10).expect("fits");
        for number in 0..20 {
            pending.hold(trace(&format!("large {number}"), large));
        }
        assert!(pending.bytes <= MOST, "{}", pending.bytes);
        pending.hold(trace("too large", usize::try_from(MOST / 2).expect("fits")));
        assert!(pending.take("too large").is_none() && pending.take("large 19").is_some());
    }
}
