//! From heads of deliveries to the wire.

use crate::wire::history as wire;
use patchbay_replay::trace::{Against, Origin};
use patchbay_replay::{Head, HistoryPage};
use time::format_description::well_known::Rfc3339;

impl From<HistoryPage> for wire::HistoryPage {
    fn from(page: HistoryPage) -> Self {
        Self { deliveries: page.deliveries.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<Head> for wire::HistoryDelivery {
    fn from(head: Head) -> Self {
        let bytes = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX);
        let summary = head.summary;
        Self {
            delivery: summary.id,
            tenant: summary.tenant,
            adapter: summary.adapter,
            run: head.run,
            sample: summary.sample,
            origin: origin(&head.origin),
            against: against(&head.against),
            provider: summary.provider,
            event: head.event_id,
            sender: head.sender,
            environment: summary.environment,
            region: head.region,
            started_at: summary.started.format(&Rfc3339).unwrap_or_default(),
            answered: head.answered,
            status: summary.status,
            outcome: head.outcome,
            duration_ms: summary.total_ms,
            as_expected: summary.as_expected,
            outbound_calls: summary.outbound_calls,
            request_bytes: bytes(head.request_bytes),
            answer_bytes: head.answer_bytes.map(bytes),
            has_contents: head.has_contents,
        }
    }
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Sample => "sample".into(),
        Origin::Delivery(id) => format!("delivery {id}"),
        Origin::File(name) => format!("file {name}"),
        Origin::Stdin => "stdin".into(),
        Origin::Inbox => "inbox".into(),
    }
}

fn against(against: &Against) -> String {
    match against {
        Against::Live => "live".into(),
        Against::Draft => "draft".into(),
        Against::Version(id) => format!("version {id}"),
    }
}
