//! A resilience report as one HTML file, in the page of the replay reports.

use super::html::{fact, page};
use crate::resilience::{Attempt, ResilienceReport, SampleResilience, Trial};
use maud::{Markup, html};

/// The report as an HTML document.
pub fn resilience_html(report: &ResilienceReport) -> String {
    let title = format!("Resilience report: {}/{}", report.tenant, report.adapter);
    let trials = report.samples.iter().flat_map(|sample| &sample.trials);
    let bad = trials.filter(|trial| !trial.verdict.holds()).count();
    let about = html! {
        dl.facts {
            (fact("Run", &html! { code { (report.run) } }))
            (fact("Environment", &html! { (report.environment) }))
            (fact("Samples", &html! { (report.samples.len()) }))
            (fact("Trials", &html! { (report.trials()) }))
            @if bad > 0 { (fact("Ended badly", &html! { strong.bad { (bad) } })) }
            (fact("Took", &html! { (format!("{:.1} s", report.took_ms / 1000.0)) }))
        }
        @if report.cancelled { p.remark { "It was cancelled before all trials were made." } }
    };
    let main = html! { @for sample in &report.samples { (section(sample)) } };
    page(&title, &about, &main)
}

fn section(sample: &SampleResilience) -> Markup {
    html! {
        section {
            h2 { (sample.sample) }
            p { strong { (sample.summary) } }
            p.muted { (sample.sender_line()) }
            @if let Some(plain) = &sample.plain {
                p { "With nothing broken: " (plain.attempt) "; " (plain.made_line()) "." }
            }
            @if !sample.trials.is_empty() { (table(&sample.trials)) }
        }
    }
}

fn table(trials: &[Trial]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Where" }
                    th scope="col" { "What" }
                    th scope="col" { "The sender saw" }
                    th scope="col" { "Upstream" }
                }
            }
            tbody {
                @for trial in trials {
                    tr {
                        td { code { (trial.what.heading()) } }
                        th scope="row" { (trial.what) }
                        td { @for attempt in &trial.attempts { (attempted(attempt)) } }
                        td {
                            @if trial.verdict.holds() { span.good { (trial.outcome()) } } @else { strong.bad { (trial.outcome()) } }
                            @if let Some(note) = &trial.note { " " span.muted { "(" (note) ")" } }
                        }
                    }
                }
            }
        }
    }
}

fn attempted(attempt: &Attempt) -> Markup {
    html! {
        div {
            @if attempt.delivered { span.good { (attempt) } } @else { span.bad { (attempt) } }
            @if let Some(sender) = &attempt.sender { " " span.muted { (sender) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::resilience_html;
    use crate::resilience::{Attempt, Made, ResilienceReport, SampleResilience, Trial, Trouble, Verdict};
    use time::OffsetDateTime;

    #[test]
    fn the_file_needs_nothing_else_and_names_cannot_break_out_of_it() {
        let attempt = Attempt {
            delivery: "d".into(),
            sender: Some("duplicate 2 of 2".into()),
            status: Some(503),
            ms: 12.0,
            in_time: true,
            reaction: "the sender tries again".into(),
            delivered: false,
        };
        let made = vec![Made { upstream: "notion".into(), kind: "page".into(), expected: 1, found: 2 }];
        let what = Trouble::Sender { behaviour: "duplicate".into(), how: None };
        let trial = Trial { what, attempts: vec![attempt], verdict: Verdict::Twice, made, note: None };
        let sample = SampleResilience {
            sample: "<script>alert(1)</script>".into(),
            sender: "Slack".into(),
            deadline_ms: Some(3000.0),
            retry_policy: "Slack sends an event again".into(),
            plain: None,
            problem: None,
            trials: vec![trial],
            summary: String::new(),
        };
        let report = ResilienceReport {
            tenant: "acme".into(),
            adapter: "notes".into(),
            environment: "production".into(),
            run: "run-1".into(),
            started: OffsetDateTime::UNIX_EPOCH,
            took_ms: 1500.0,
            cancelled: false,
            samples: vec![sample.summarised()],
        };
        let page = resilience_html(&report);
        assert!(page.contains("twice: notion page 2 instead of 1"), "{page}");
        assert!(page.contains("makes it twice after duplicate"), "{page}");
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="), "{page}");
    }
}
