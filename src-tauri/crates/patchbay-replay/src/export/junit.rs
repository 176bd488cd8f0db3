//! `JUnit`'s XML, in the form that Jenkins, GitLab and GitHub's reporters agree on: one suite for a run, one case for a
//! delivery.

use super::moments::timestamp;
use crate::render;
use crate::trace::Trace;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};
use std::io;

/// What kept a delivery from being as it should.
enum Fault {
    /// It is not as expected.
    Differs,
    /// It has no answer, or an exception that nobody expected.
    Broken(String),
}

/// The traces of one run. A case fails where it differs from its expectation; it is an error where it has no answer or,
/// without an expectation, an exception left the adapter.
pub fn junit(run: &str, traces: &[Trace]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing into memory does not fail, and everything written is UTF-8.
    let written = write(&mut writer, run, traces);
    debug_assert!(written.is_ok(), "memory takes what is written");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

fn write(writer: &mut Writer<Vec<u8>>, run: &str, traces: &[Trace]) -> io::Result<()> {
    let faults: Vec<Option<Fault>> = traces.iter().map(fault).collect();
    let failures = faults.iter().filter(|fault| matches!(fault, Some(Fault::Differs))).count();
    let errors = faults.iter().filter(|fault| matches!(fault, Some(Fault::Broken(_)))).count();
    let total: f64 = traces.iter().map(|trace| trace.total_ms).sum();
    let counts = [
        ("tests", traces.len().to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("skipped", "0".to_owned()),
        ("time", seconds(total)),
    ];
    let counts = || counts.iter().map(|(name, value)| (*name, value.as_str()));
    let first = traces.first();
    let suite = first.map_or_else(|| run.to_owned(), |trace| format!("{}/{}", trace.tenant, trace.adapter));
    let began = first.map(|trace| timestamp(trace, 0.0)).unwrap_or_default();

    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let all = BytesStart::new("testsuites").with_attributes([("name", "patchbay replay")]).with_attributes(counts());
    writer.write_event(Event::Start(all.borrow()))?;
    let one = BytesStart::new("testsuite")
        .with_attributes([("name", suite.as_str()), ("id", run), ("timestamp", began.as_str())])
        .with_attributes(counts());
    writer.write_event(Event::Start(one.borrow()))?;
    for (trace, fault) in traces.iter().zip(&faults) {
        case(writer, trace, fault.as_ref())?;
    }
    writer.write_event(Event::End(one.to_end()))?;
    writer.write_event(Event::End(all.to_end()))
}

fn case(writer: &mut Writer<Vec<u8>>, trace: &Trace, fault: Option<&Fault>) -> io::Result<()> {
    let name = trace.sample.clone().unwrap_or_else(|| trace.origin.to_string());
    let name = trace.sender.as_ref().map_or_else(|| name.clone(), |sender| format!("{name} ({sender})"));
    let class = format!("{}.{}", trace.tenant, trace.adapter);
    let name = allowed(&name);
    let time = seconds(trace.total_ms);
    writer
        .create_element("testcase")
        .with_attributes([("name", name.as_str()), ("classname", class.as_str()), ("time", time.as_str())])
        .write_inner_content(|writer| {
            match fault {
                None => {}
                Some(Fault::Differs) => {
                    let differences = trace.differences.as_deref().unwrap_or_default();
                    let message = format!("{} not as expected", counted(differences.len()));
                    let lines: Vec<String> = differences
                        .iter()
                        .map(|one| {
                            let path = if one.path.is_empty() { "answer" } else { &one.path };
                            format!("{path}\n  expected {}\n  got      {}", one.expected, one.actual)
                        })
                        .collect();
                    problem(writer, "failure", &message, "difference", &lines.join("\n"))?;
                }
                Some(Fault::Broken(reason)) => problem(writer, "error", reason, "delivery", reason)?,
            }
            let tree = allowed(&render::tree(trace));
            writer.create_element("system-out").write_text_content(BytesText::new(&tree))?;
            Ok(())
        })?;
    Ok(())
}

fn problem(writer: &mut Writer<Vec<u8>>, element: &str, message: &str, kind: &str, text: &str) -> io::Result<()> {
    writer
        .create_element(element)
        .with_attributes([("message", allowed(message).as_str()), ("type", kind)])
        .write_text_content(BytesText::new(&allowed(text)))?;
    Ok(())
}

fn fault(trace: &Trace) -> Option<Fault> {
    if trace.differences.as_ref().is_some_and(|differences| !differences.is_empty()) {
        return Some(Fault::Differs);
    }
    if trace.differences.is_some() {
        return None;
    }
    if let Some(reason) = &trace.no_answer {
        return Some(Fault::Broken(format!("no answer: {reason}")));
    }
    let exception = trace.adapter_run.as_ref()?.exceptions.first()?;
    Some(Fault::Broken(format!("{}: {}", exception.name, exception.message)))
}

fn counted(differences: usize) -> String {
    if differences == 1 { "1 difference".to_owned() } else { format!("{differences} differences") }
}

fn seconds(milliseconds: f64) -> String {
    format!("{:.3}", milliseconds / 1000.0)
}

/// Without the characters that XML 1.0 cannot hold in any form.
fn allowed(text: &str) -> String {
    let fits = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|character| if fits(character) { character } else { '\u{fffd}' }).collect()
}
