//! One delivery of a report.

use super::waterfall::waterfall;
use super::{body, cut, differs, milliseconds, status, verdict, webhook};
use crate::export::moments::timestamp;
use crate::trace::{AdapterRun, DeadlineVerdict, Trace, TracedCall, TracedException, TracedLog, Visibility};
use maud::{Markup, html};

/// A delivery. Those that need a look are open.
pub(super) fn delivery(index: usize, trace: &Trace, is_only: bool) -> Markup {
    let is_open = is_only || differs(trace) || trace.response.is_none();
    html! {
        section aria-labelledby=(format!("delivery-{index}")) {
            h2.delivery id=(format!("delivery-{index}")) {
                (webhook(trace)) " " (status(trace)) " " span.muted { (milliseconds(trace.total_ms)) }
            }
            details open[is_open] {
                summary { "The whole delivery" span.hidden { " of " (webhook(trace)) } }
                (way(trace))
                (waterfall(index, trace))
                (differences(trace))
                (message("Request", &request_line(trace), &trace.request.headers, &body(&trace.request.body)))
                @if let Some(run) = &trace.adapter_run { (inside(run)) }
                (calls(trace))
                (answer(trace))
            }
        }
    }
}

/// Where it went, and what a person should know about it.
fn way(trace: &Trace) -> Markup {
    let run = trace.adapter_run.as_ref();
    html! {
        dl.facts {
            (entry("Delivery", &html! { code { (trace.id) } }))
            (entry("Sent", &html! { (timestamp(trace, 0.0)) }))
            (entry("Sender", &html! {
                (trace.provider)
                @if let Some(signing) = &trace.signing { ", " (signing) }
                @if let Some(sender) = &trace.sender { ", " (sender) }
            }))
            @if let Some(event) = &trace.event_id { (entry("Event", &html! { code { (event) } })) }
            (entry("Webhook", &html! { (trace.origin) }))
            (entry("Against", &html! { (trace.against) }))
            @if let Some(rule) = &trace.rule { (entry("Rule", &html! { (rule) })) }
            @if let Some(run) = run {
                (entry("Script", &html! { code { (run.served_by.script) } }))
                (entry("Version", &html! { code { (run.served_by.version) } }))
                (entry("Namespace", &html! { code { (run.served_by.namespace) } }))
            }
            (entry("Region", &html! { (trace.region) }))
            (entry("Expectation", &verdict(trace)))
        }
        @for remark in remarks(trace) { p.remark { (remark) } }
    }
}

fn entry(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn remarks(trace: &Trace) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(reason) = &trace.no_answer {
        remarks.push(format!("There was no answer: {reason}."));
    }
    if let DeadlineVerdict::Late { deadline_ms } = trace.deadline {
        remarks.push(format!("Too late: {} waits {} s.", trace.provider, deadline_ms / 1000.0));
    }
    match trace.visibility {
        Visibility::Complete => {}
        Visibility::Partial => {
            remarks.push("The platform did not report the end: logs and calls may be missing.".to_owned());
        }
        Visibility::AnswerOnly => {
            remarks.push("This dispatcher does not show logs and outbound calls.".to_owned());
        }
    }
    remarks
}

fn differences(trace: &Trace) -> Markup {
    let Some(differences) = trace.differences.as_ref().filter(|differences| !differences.is_empty()) else {
        return html! {};
    };
    html! {
        h3 { "Differences from what was expected" }
        table.differences {
            thead { tr { th scope="col" { "Where" } th scope="col" { "Expected" } th scope="col" { "Got" } } }
            tbody {
                @for difference in differences {
                    tr {
                        th scope="row" {
                            code { (if difference.path.is_empty() { "answer" } else { &difference.path }) }
                        }
                        td { code { (cut(&difference.expected.to_string())) } }
                        td { code { (cut(&difference.actual.to_string())) } }
                    }
                }
            }
        }
    }
}

fn request_line(trace: &Trace) -> String {
    format!("{} {}", trace.request.method, trace.request.url)
}

/// A request or an answer: its line, its headers, its body.
fn message(title: &str, line: &str, headers: &[(String, String)], content: &Markup) -> Markup {
    html! {
        h3 { (title) }
        p.line { code { (line) } }
        (parts(title, headers, content))
    }
}

fn parts(whose: &str, headers: &[(String, String)], content: &Markup) -> Markup {
    html! {
        @if !headers.is_empty() {
            details {
                summary { (headers.len()) " headers" span.hidden { " of: " (whose) } }
                table.headers {
                    tbody {
                        @for (name, value) in headers {
                            tr { th scope="row" { code { (name) } } td { code { (value) } } }
                        }
                    }
                }
            }
        }
        (content)
    }
}

fn inside(run: &AdapterRun) -> Markup {
    html! {
        h3 { "Adapter" }
        p {
            "Outcome " strong { (run.outcome) } ", " (milliseconds(run.wall_ms))
            @if let Some(cpu_ms) = run.cpu_ms { ", " (milliseconds(cpu_ms)) " of CPU time" }
            "."
        }
        @for exception in &run.exceptions { (thrown(exception)) }
        @if run.logs.is_empty() {
            p.muted { "It wrote nothing to its console." }
        } @else {
            ol.logs { @for log in &run.logs { (line(log)) } }
        }
    }
}

fn thrown(exception: &TracedException) -> Markup {
    html! {
        div.thrown {
            p { strong.bad { (exception.name) } ": " (cut(&exception.message)) }
            @if exception.frames.is_empty() {
                pre { (cut(&exception.stack)) }
            } @else {
                ul {
                    @for frame in &exception.frames {
                        li {
                            @if let Some(function) = &frame.function { (function) " " }
                            code { (frame.file) ":" (frame.line) ":" (frame.column) }
                        }
                    }
                }
            }
        }
    }
}

fn line(log: &TracedLog) -> Markup {
    let level = match log.level.as_str() {
        "error" => "bad",
        "warn" => "warning",
        _ => "muted",
    };
    html! {
        li {
            span.muted { (milliseconds(log.at_ms)) } " "
            span class=(level) { (log.level) } " "
            span.said { (cut(&log.message)) }
        }
    }
}

fn calls(trace: &Trace) -> Markup {
    html! {
        h3 { "Outbound calls" }
        @if trace.outbound.is_empty() {
            @if trace.visibility == Visibility::AnswerOnly {
                p.muted { "They cannot be seen behind this dispatcher." }
            } @else {
                p.muted { "The adapter made none." }
            }
        }
        @for call in &trace.outbound { (outbound(call)) }
    }
}

fn outbound(call: &TracedCall) -> Markup {
    let title = format!("{} {}", call.request.method, call.request.url);
    let is_good = call.response.status < 400 && call.interruption.is_none();
    let outcome = match call.interruption.as_deref() {
        None => call.response.status.to_string(),
        Some("reset") => "connection reset".to_owned(),
        Some(_) => format!("{}, cut off", call.response.status),
    };
    html! {
        details.call {
            summary {
                code { (title) } " "
                span class=(if is_good { "good" } else { "bad" }) { (outcome) } " "
                span.muted {
                    (call.answered_by.as_str()) ", " (milliseconds(call.duration_ms))
                    @if call.attempt > 1 { ", attempt " (call.attempt) }
                    @if let Some(pacing) = call.pacing_ms.filter(|pacing| *pacing > 0.0) {
                        ", waited " (milliseconds(pacing)) " for its turn"
                    }
                }
            }
            h4 { "Sent" }
            (parts(&format!("the call {title}"), &call.request.headers, &body(&call.request.body)))
            h4 { "Got" }
            (parts(&format!("the answer to {title}"), &call.response.headers, &body(&call.response.body)))
        }
    }
}

fn answer(trace: &Trace) -> Markup {
    let Some(response) = &trace.response else { return html! {} };
    let line = format!("{} after {}", response.status, milliseconds(trace.total_ms));
    message("Answer", &line, &response.headers, &body(&response.body))
}
