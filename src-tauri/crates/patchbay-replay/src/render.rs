//! A trace as a tree that people read in a terminal. No colour: it must be understood without.

use crate::trace::{
    AdapterRun, Against, DeadlineVerdict, Origin, Trace, TracedBody, TracedCall, TracedException, TracedRequest,
    Visibility,
};

/// Width of the column with times.
const TIME_WIDTH: usize = 10;
/// Characters of a body or a log line that are shown.
const SHOWN: usize = 400;

/// Milliseconds below which a call did not wait for its turn in any way that matters.
const LEAST_PACING: f64 = 0.05;

/// A line of the tree: a time, and text with children below it.
struct Node {
    time_ms: Option<f64>,
    text: String,
    children: Vec<Node>,
}

impl Node {
    fn new(text: impl Into<String>) -> Self {
        Self { time_ms: None, text: text.into(), children: Vec::new() }
    }

    fn taking(time_ms: f64, text: impl Into<String>) -> Self {
        Self { time_ms: Some(time_ms), ..Self::new(text) }
    }

    fn with(mut self, children: impl IntoIterator<Item = Node>) -> Self {
        self.children.extend(children);
        self
    }
}

/// The trace as a tree. The left column says how long each step took; every line ends with a line break.
pub fn tree(trace: &Trace) -> String {
    let sample = trace.sample.as_ref().map(|sample| format!(" · {sample}")).unwrap_or_default();
    let origin = match &trace.origin {
        Origin::Sample => String::new(),
        origin => format!(" · from {origin}"),
    };
    let against = match &trace.against {
        Against::Live => String::new(),
        against => format!(" · against {against}"),
    };
    let root = format!(
        "{}/{}{sample}{origin}{against} · {} {} · delivery {}",
        trace.tenant, trace.adapter, trace.environment, trace.region, trace.id
    );
    let mut nodes = vec![request(trace), dispatcher(trace)];
    nodes.extend(trace.adapter_run.as_ref().map(|run| adapter(run, &trace.outbound)));
    if trace.adapter_run.is_none() {
        nodes.extend(trace.outbound.iter().map(outbound));
    }
    nodes.push(answer(trace));
    nodes.extend(remark(trace));
    nodes.extend(crate::oddities::oddities(trace).into_iter().map(Node::new));
    nodes.extend(trace.differences.as_ref().map(|differences| {
        let text = match differences.len() {
            0 => "as expected".to_owned(),
            1 => "1 difference from what was expected".to_owned(),
            count => format!("{count} differences from what was expected"),
        };
        Node::new(text).with(differences.iter().map(|difference| {
            Node::new(if difference.path.is_empty() { "answer" } else { &difference.path }).with([
                Node::new(format!("expected {}", shortened(&difference.expected.to_string()))),
                Node::new(format!("got      {}", shortened(&difference.actual.to_string()))),
            ])
        }))
    }));
    let mut out = String::new();
    line(&mut out, Some(trace.total_ms), "", &root);
    write(&mut out, "", &nodes);
    out
}

fn request(trace: &Trace) -> Node {
    let TracedRequest { method, url, body, .. } = &trace.request;
    let signing = trace.signing.as_ref().map(|signing| format!(", {signing}")).unwrap_or_default();
    let sender = trace.sender.as_ref().map(|sender| format!(", {sender}")).unwrap_or_default();
    Node::new(format!("{} sends {method} {url} ({}{signing}{sender})", trace.provider, size(body)))
}

fn dispatcher(trace: &Trace) -> Node {
    let rule = trace.rule.as_ref().map(|rule| format!(" by rule {rule}")).unwrap_or_default();
    match &trace.adapter_run {
        Some(run) => {
            let script = &run.served_by;
            let version: String = script.version.chars().take(8).collect();
            Node::taking(run.at_ms, format!("dispatcher{rule} → {}@{version} in {}", script.script, script.namespace))
        }
        None if trace.visibility == Visibility::Complete => {
            Node::new(format!("dispatcher{rule}: no adapter was reached"))
        }
        None => Node::new(format!("dispatcher{rule}")),
    }
}

fn adapter(run: &AdapterRun, calls: &[TracedCall]) -> Node {
    let cpu = run.cpu_ms.map(|cpu| format!(", {cpu:.1} ms CPU")).unwrap_or_default();
    let mut inside: Vec<(f64, Node)> = Vec::new();
    inside.extend(
        run.logs.iter().map(|log| (log.at_ms, Node::new(format!("{}: {}", log.level, shortened(&log.message))))),
    );
    inside.extend(calls.iter().map(|call| (call.at_ms, outbound(call))));
    inside.extend(run.exceptions.iter().map(|exception| (exception.at_ms, thrown(exception))));
    // Stable: what happened in the same millisecond keeps the order logs, calls, exceptions.
    inside.sort_by(|left, right| left.0.total_cmp(&right.0));
    Node::taking(run.wall_ms, format!("adapter {}{cpu}", run.outcome)).with(inside.into_iter().map(|(_, node)| node))
}

fn outbound(call: &TracedCall) -> Node {
    let TracedRequest { method, url, .. } = &call.request;
    let outcome = match call.interruption.as_deref() {
        None => call.response.status.to_string(),
        Some("reset") => "connection reset".to_owned(),
        Some(_) => format!("{}, cut off after {}", call.response.status, size(&call.response.body)),
    };
    let mut remarks = vec![call.answered_by.as_str().to_owned()];
    if call.attempt > 1 {
        remarks.push(format!("attempt {}", call.attempt));
    }
    if let Some(pacing_ms) = call.pacing_ms.filter(|pacing_ms| *pacing_ms >= LEAST_PACING) {
        remarks.push(format!("waited {pacing_ms:.1} ms for its turn"));
    }
    let text = format!("{method} {url} → {outcome} ({})", remarks.join(", "));
    let node = Node::taking(call.duration_ms, text);
    // Only a refusal needs its words here; the rest of a good answer is in the stored trace.
    if call.response.status < 400 { node } else { node.with([Node::new(shortened(&shown(&call.response.body)))]) }
}

fn thrown(exception: &TracedException) -> Node {
    let node = Node::new(format!("{}: {}", exception.name, shortened(&exception.message)));
    let places = exception.frames.iter().map(|frame| {
        let function = frame.function.as_ref().map(|function| format!("{function} ")).unwrap_or_default();
        Node::new(format!("at {function}{}:{}:{}", frame.file, frame.line, frame.column))
    });
    node.with(places)
}

fn answer(trace: &Trace) -> Node {
    let verdict = match trace.deadline {
        DeadlineVerdict::NoDeadline => String::new(),
        DeadlineVerdict::InTime { deadline_ms } => format!(", in time ({} s)", deadline_ms / 1000.0),
        DeadlineVerdict::Late { deadline_ms } => {
            format!(", too late: {} waits {} s", trace.provider, deadline_ms / 1000.0)
        }
    };
    let Some(response) = &trace.response else {
        let reason = trace.no_answer.as_deref().unwrap_or("the connection ended");
        return Node::taking(trace.total_ms, format!("no answer: {reason}{verdict}"));
    };
    let kind = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kind.map(|(_, kind)| format!("{kind}, ")).unwrap_or_default();
    let node =
        Node::taking(trace.total_ms, format!("answer {} ({kind}{}){verdict}", response.status, size(&response.body)));
    if response.body.bytes == 0 { node } else { node.with([Node::new(shortened(&shown(&response.body)))]) }
}

fn remark(trace: &Trace) -> Option<Node> {
    match trace.visibility {
        Visibility::Complete => None,
        Visibility::Partial => Some(Node::new("the platform did not report the end: logs and calls may be missing")),
        Visibility::AnswerOnly => Some(Node::new("this dispatcher does not show logs and outbound calls")),
    }
}

fn shown(body: &TracedBody) -> String {
    if body.base64 { "not text".to_owned() } else { body.text.clone() }
}

/// On one line, and not longer than a person reads.
fn shortened(text: &str) -> String {
    let mut line: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        line.push('…');
    }
    line
}

#[expect(clippy::cast_precision_loss, reason = "a size for people needs no more digits")]
fn size(body: &TracedBody) -> String {
    match body.bytes {
        bytes @ 0..1000 => format!("{bytes} B"),
        bytes @ 1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn write(out: &mut String, indent: &str, nodes: &[Node]) {
    for (index, node) in nodes.iter().enumerate() {
        let last = index + 1 == nodes.len();
        let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        line(out, node.time_ms, &format!("{indent}{branch}"), &node.text);
        write(out, &format!("{indent}{below}"), &node.children);
    }
}

fn line(out: &mut String, time_ms: Option<f64>, branch: &str, text: &str) {
    let time = time_ms.map(|time| format!("{time:.1} ms")).unwrap_or_default();
    out.extend([format!("{time:>TIME_WIDTH$}").as_str(), "  ", branch, text, "\n"]);
}
