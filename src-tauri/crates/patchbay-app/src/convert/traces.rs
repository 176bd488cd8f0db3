//! From replay's traces to the wire.

use crate::wire::replay as wire;
use patchbay_replay::expect::Difference;
use patchbay_replay::trace::{
    AdapterRun, DeadlineVerdict, TracedBody, TracedCall, TracedException, TracedRequest, TracedResponse, Visibility,
};
use patchbay_replay::{Head, Trace, render};
use time::format_description::well_known::Rfc3339;

impl From<Head> for wire::DeliverySummary {
    fn from(head: Head) -> Self {
        let Head { summary, run, origin, against, event_id, sender, .. } = head;
        Self {
            delivery: summary.id,
            tenant: summary.tenant,
            adapter: summary.adapter,
            run,
            sample: summary.sample,
            origin: origin.to_string(),
            against: against.to_string(),
            event: event_id,
            sender,
            started_at: summary.started.format(&Rfc3339).unwrap_or_default(),
            status: summary.status,
            duration_ms: summary.total_ms,
            as_expected: summary.as_expected,
            outbound_calls: summary.outbound_calls,
        }
    }
}

impl From<&Trace> for wire::DeliverySummary {
    fn from(trace: &Trace) -> Self {
        Head::of(trace, true).into()
    }
}

impl From<Trace> for wire::Trace {
    fn from(trace: Trace) -> Self {
        let text = render::tree(&trace);
        let remarks = remarks(&trace);
        let spans = spans(&trace);
        let summary = (&trace).into();
        let (served_by, logs, exceptions) = match trace.adapter_run {
            None => (None, Vec::new(), Vec::new()),
            Some(run) => (
                Some(wire::ServedBy {
                    namespace: run.served_by.namespace,
                    script: run.served_by.script,
                    version: run.served_by.version,
                }),
                run.logs
                    .into_iter()
                    .map(|log| wire::LogLine { level: log.level, message: log.message, at_ms: log.at_ms })
                    .collect(),
                run.exceptions.into_iter().map(Into::into).collect(),
            ),
        };
        Self {
            summary,
            provider: trace.provider,
            rule: trace.rule,
            environment: trace.environment,
            region: trace.region,
            served_by,
            request: trace.request.into(),
            response: trace.response.map(Into::into),
            spans,
            logs,
            exceptions,
            outbound: trace.outbound.into_iter().map(Into::into).collect(),
            differences: trace.differences.unwrap_or_default().into_iter().map(Into::into).collect(),
            remarks,
            text,
        }
    }
}

fn remarks(trace: &Trace) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(reason) = &trace.no_answer {
        remarks.push(format!("There was no answer: {reason}"));
    }
    if let DeadlineVerdict::Late { deadline_ms } = trace.deadline {
        remarks.push(format!("{} waits {:.0} s; the answer came later", trace.provider, deadline_ms / 1000.0));
    }
    match trace.visibility {
        Visibility::Complete => {}
        Visibility::Partial => {
            remarks
                .push("The platform did not report the end of the delivery in time; something may be missing".into());
        }
        Visibility::AnswerOnly => {
            remarks.push("This dispatcher reports nothing of the inside: only request and answer are known".into());
        }
    }
    remarks.extend(patchbay_replay::oddities::oddities(trace));
    if let Some(signing) = trace.signing.as_ref().filter(|signing| *signing != "signed") {
        remarks.push(format!("The sample was {signing}"));
    }
    remarks
}

fn spans(trace: &Trace) -> Vec<wire::Span> {
    let span = |kind: &str, label: String, depth, start_ms, duration_ms| wire::Span {
        kind: kind.into(),
        label,
        depth,
        start_ms,
        duration_ms,
    };
    let label = trace.sample.clone().unwrap_or_else(|| trace.request.url.clone());
    let mut spans = vec![span("delivery", label, 0, 0.0, trace.total_ms)];
    if let Some(run) = &trace.adapter_run {
        spans.push(span("dispatch", "dispatcher".into(), 1, 0.0, run.at_ms.max(0.0)));
        spans.push(span("adapter", adapter_label(run), 1, run.at_ms.max(0.0), run.wall_ms));
    }
    for call in &trace.outbound {
        let label = format!("{} {} → {}", call.request.method, call.request.url, call.response.status);
        spans.push(span("outbound", label, 2, call.at_ms.max(0.0), call.duration_ms));
    }
    spans
}

fn adapter_label(run: &AdapterRun) -> String {
    format!("{} ({})", run.served_by.script, run.outcome)
}

impl From<TracedBody> for wire::WireBody {
    fn from(body: TracedBody) -> Self {
        Self { text: body.text, base64: body.base64, bytes: u32::try_from(body.bytes).unwrap_or(u32::MAX) }
    }
}

impl From<TracedRequest> for wire::WireRequest {
    fn from(request: TracedRequest) -> Self {
        Self { method: request.method, url: request.url, headers: request.headers, body: request.body.into() }
    }
}

impl From<TracedResponse> for wire::WireResponse {
    fn from(response: TracedResponse) -> Self {
        Self { status: response.status, headers: response.headers, body: response.body.into() }
    }
}

impl From<TracedException> for wire::WireException {
    fn from(exception: TracedException) -> Self {
        let place = exception.frames.first();
        Self {
            name: exception.name,
            message: exception.message,
            file: place.map(|frame| frame.file.clone()),
            line: place.map(|frame| frame.line),
            column: place.map(|frame| frame.column),
            stack: exception.stack,
        }
    }
}

impl From<TracedCall> for wire::WireOutboundCall {
    fn from(call: TracedCall) -> Self {
        Self {
            request: call.request.into(),
            response: call.response.into(),
            answered_by: call.answered_by.as_str().into(),
            interruption: call.interruption,
            attempt: call.attempt,
            pacing_ms: call.pacing_ms,
            start_ms: call.at_ms,
            duration_ms: call.duration_ms,
        }
    }
}

impl From<Difference> for wire::Difference {
    fn from(difference: Difference) -> Self {
        Self { path: difference.path, expected: difference.expected, actual: difference.actual }
    }
}
