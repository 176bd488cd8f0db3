//! The steps of a delivery as bars over time.

use super::milliseconds;
use crate::trace::Trace;
use maud::{Markup, html};

/// Width of the part with names, and of the part with bars, in the drawing's own units.
const NAMES: f64 = 360.0;
const BARS: f64 = 560.0;
/// Room right of the bars, for the times beside them.
const TIMES: f64 = 90.0;
const ROW: f64 = 24.0;
/// Characters of a name that fit.
const SHOWN: usize = 46;
/// Rows that are drawn; a delivery of more calls than that is read as a list.
const MOST_ROWS: usize = 200;

struct Bar {
    name: String,
    kind: &'static str,
    depth: u8,
    at_ms: f64,
    duration_ms: f64,
    /// At the bar's beginning, in which the call waited for its turn.
    pacing_ms: f64,
}

/// The drawing. Its title says in words what it shows, for those who cannot see it.
pub(super) fn waterfall(index: usize, trace: &Trace) -> Markup {
    let mut bars = bars(trace);
    bars.truncate(MOST_ROWS);
    let end = bars.iter().map(|bar| bar.at_ms + bar.duration_ms).fold(trace.total_ms, f64::max).max(0.001);
    let scale = BARS / end;
    let height = rows(bars.len()) + 6.0;
    let width = NAMES + BARS + TIMES;
    let title = format!("waterfall-{index}");
    html! {
        svg.waterfall role="img" aria-labelledby=(title) viewBox=(format!("0 0 {width} {height}")) {
            title id=(title) { (in_words(&bars)) }
            @for (row, bar) in bars.iter().enumerate() {
                @let top = rows(row);
                @let left = NAMES + bar.at_ms * scale;
                @let length = (bar.duration_ms * scale).max(2.0);
                text.name x=(8.0 + f64::from(bar.depth) * 14.0) y=(top + 16.0) { (shortened(&bar.name)) }
                line.rule x1="0" x2=(width) y1=(top + ROW) y2=(top + ROW) {}
                rect class=(bar.kind) x=(rounded(left)) y=(top + 5.0) width=(rounded(length)) height="14" rx="2" {}
                @if bar.pacing_ms > 0.0 {
                    rect.pacing x=(rounded(left)) y=(top + 5.0) width=(rounded(bar.pacing_ms * scale)) height="14" rx="2" {}
                }
                text.time x=(rounded(left + length + 6.0)) y=(top + 16.0) { (milliseconds(bar.duration_ms)) }
            }
        }
    }
}

fn bars(trace: &Trace) -> Vec<Bar> {
    let bar =
        |name: String, kind, depth, at_ms, duration_ms| Bar { name, kind, depth, at_ms, duration_ms, pacing_ms: 0.0 };
    let mut bars = vec![bar("delivery".to_owned(), "of-delivery", 0, 0.0, trace.total_ms)];
    if let Some(run) = &trace.adapter_run {
        bars.push(bar("dispatcher".to_owned(), "of-dispatcher", 1, 0.0, run.at_ms));
        bars.push(bar(format!("adapter {}", run.outcome), "of-adapter", 1, run.at_ms, run.wall_ms));
    }
    bars.extend(trace.outbound.iter().map(|call| {
        let place = call.request.url.split_once("://").map_or(call.request.url.as_str(), |(_, place)| place);
        let name = format!("{} {} {place}", call.response.status, call.request.method);
        let pacing_ms = call.pacing_ms.unwrap_or(0.0).clamp(0.0, call.duration_ms.max(0.0));
        Bar { pacing_ms, ..bar(name, "of-call", 2, call.at_ms, call.duration_ms) }
    }));
    bars
}

fn in_words(bars: &[Bar]) -> String {
    let steps: Vec<String> = bars
        .iter()
        .map(|bar| format!("{} from {} for {}", bar.name, milliseconds(bar.at_ms), milliseconds(bar.duration_ms)))
        .collect();
    format!("Times of the delivery: {}", steps.join("; "))
}

#[expect(clippy::cast_precision_loss, reason = "rows are few")]
fn rows(count: usize) -> f64 {
    count as f64 * ROW
}

fn rounded(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
