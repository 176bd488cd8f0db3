//! A run as one HTML file that needs nothing else: no network, no script, light and dark. Everything that comes from a
//! trace goes through the template's escaping, and the page's policy forbids it to load or run anything.

mod delivery;
mod waterfall;

use super::moments::timestamp;
use crate::trace::{Trace, TracedBody};
use delivery::delivery;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What the page may do: be styled by its own style sheet.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const STYLE: &str = include_str!("html/report.css");
/// Characters of a body, a log line or a stack that are shown.
const SHOWN: usize = 64 * 1024;

/// What a report is about.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The run's id.
    pub run: &'a str,
    /// The deliveries that are shown, in the order in which they were sent.
    pub traces: &'a [Trace],
    /// How many more the run has.
    pub left_out: usize,
}

/// The report as an HTML document.
pub fn html(report: &Report<'_>) -> String {
    let title = title(report);
    let main = html! {
        section aria-labelledby="deliveries" {
            h2 id="deliveries" { "Deliveries" }
            (overview(report))
        }
        @for (index, trace) in report.traces.iter().enumerate() {
            (delivery(index, trace, report.traces.len() == 1))
        }
    };
    page(&title, &facts(report), &main)
}

/// A document of one page: what it is about, then what it shows.
pub(super) fn page(title: &str, about: &Markup, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    (about)
                }
                main { (main) }
                footer {
                    "Made by Patchbay " (env!("CARGO_PKG_VERSION"))
                    ". The values of the adapter's secrets are replaced by " code { "<redacted:NAME>" } "."
                }
            }
        }
    };
    page.into_string()
}

fn title(report: &Report<'_>) -> String {
    let Some(first) = report.traces.first() else { return "Replay report".to_owned() };
    let is_one = report.traces.iter().all(|trace| trace.tenant == first.tenant && trace.adapter == first.adapter);
    if is_one { format!("Replay report: {}/{}", first.tenant, first.adapter) } else { "Replay report".to_owned() }
}

fn facts(report: &Report<'_>) -> Markup {
    let traces = report.traces;
    let expected = traces.iter().filter(|trace| trace.differences.as_ref().is_some_and(Vec::is_empty)).count();
    let differing = traces.iter().filter(|trace| differs(trace)).count();
    let unanswered = traces.iter().filter(|trace| trace.response.is_none()).count();
    html! {
        dl.facts {
            (fact("Run", &html! { code { (report.run) } }))
            @if let Some(first) = traces.first() {
                (fact("Sent", &html! { (timestamp(first, 0.0)) }))
                (fact("Environment", &html! { (first.environment) }))
                (fact("Region", &html! { (first.region) }))
                (fact("Against", &html! { (first.against) }))
            }
            (fact("Deliveries", &html! { (traces.len() + report.left_out) }))
            @if expected > 0 { (fact("As expected", &html! { (expected) })) }
            @if differing > 0 { (fact("Not as expected", &html! { strong.bad { (differing) } })) }
            @if unanswered > 0 { (fact("Without an answer", &html! { strong.bad { (unanswered) } })) }
        }
        @if report.left_out > 0 {
            p.remark { "Only the first " (traces.len()) " deliveries are shown; " (report.left_out) " more were made." }
        }
    }
}

pub(super) fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn overview(report: &Report<'_>) -> Markup {
    html! {
        @if report.traces.is_empty() {
            p { "This run made no deliveries." }
        } @else {
            table {
                thead {
                    tr {
                        th scope="col" { "Webhook" }
                        th scope="col" { "Answer" }
                        th scope="col" { "Expectation" }
                        th.number scope="col" { "Calls" }
                        th.number scope="col" { "Time" }
                    }
                }
                tbody {
                    @for (index, trace) in report.traces.iter().enumerate() {
                        tr {
                            th scope="row" { a href=(format!("#delivery-{index}")) { (webhook(trace)) } }
                            td { (status(trace)) }
                            td { (verdict(trace)) }
                            td.number { (trace.outbound.len()) }
                            td.number { (milliseconds(trace.total_ms)) }
                        }
                    }
                }
            }
        }
    }
}

/// What was sent, for people.
fn webhook(trace: &Trace) -> String {
    let name = trace.sample.clone().unwrap_or_else(|| format!("{} from {}", trace.provider, trace.origin));
    trace.sender.as_ref().map_or_else(|| name.clone(), |sender| format!("{name} ({sender})"))
}

fn status(trace: &Trace) -> Markup {
    match &trace.response {
        Some(response) if response.status < 400 => html! { span.good { (response.status) } },
        Some(response) => html! { span.bad { (response.status) } },
        None => html! { span.bad { "no answer" } },
    }
}

fn verdict(trace: &Trace) -> Markup {
    match trace.differences.as_deref() {
        None => html! { span.muted { "none" } },
        Some([]) => html! { span.good { "met" } },
        Some([_]) => html! { span.bad { "1 difference" } },
        Some(several) => html! { span.bad { (several.len()) " differences" } },
    }
}

fn differs(trace: &Trace) -> bool {
    trace.differences.as_ref().is_some_and(|differences| !differences.is_empty())
}

fn milliseconds(time: f64) -> String {
    format!("{time:.1} ms")
}

/// JSON on lines of its own, other text as it is; never more than a page can hold.
fn body(body: &TracedBody) -> Markup {
    if body.bytes == 0 {
        return html! { p.muted { "No body." } };
    }
    if body.base64 {
        return html! { p.muted { (body.bytes) " bytes that are not text." } };
    }
    let pretty = body.json().and_then(|value| serde_json::to_string_pretty(&value).ok());
    let text = pretty.as_deref().unwrap_or(&body.text);
    html! {
        pre { (cut(text)) }
        @if text.chars().nth(SHOWN).is_some() || (body.bytes > body.text.len() as u64 && !body.text.contains("<redacted:")) {
            p.muted { "Cut off here; the whole body has " (body.bytes) " bytes." }
        }
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(SHOWN).map_or(text, |(end, _)| &text[..end])
}
