//! The report as a person reads it.

use super::{Attempt, BrokenCall, Made, PlainRun, ResilienceReport, SampleResilience, Trial, Trouble, Verdict};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// Lines of the table are not wider for what is broken.
const WIDEST: usize = 46;

impl ResilienceReport {
    /// The whole report as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for sample in &self.samples {
            text.push_str(&sample.text());
            text.push('\n');
        }
        let broken =
            self.samples.iter().flat_map(|sample| &sample.trials).filter(|trial| !trial.verdict.holds()).count();
        let _ = write!(
            text,
            "{}/{}: {} trials of {} samples in {:.1} s, {broken} of them ended badly",
            self.tenant,
            self.adapter,
            self.trials(),
            self.samples.len(),
            self.took_ms / 1000.0
        );
        if self.cancelled {
            text.push_str("; cancelled before all were made");
        }
        text.push('\n');
        text
    }
}

impl SampleResilience {
    /// The sentence about this sample, from its trials.
    #[must_use]
    pub fn summarised(mut self) -> Self {
        self.summary = summary(&self);
        self
    }

    fn text(&self) -> String {
        let mut text = format!("{} · {}\n", self.sample, self.sender_line());
        if let Some(plain) = &self.plain {
            let _ =
                writeln!(text, "  {:<WIDEST$}  {:<44}  {}", "nothing", plain.attempt.to_string(), plain.made_line());
        }
        let mut last = String::new();
        for trial in &self.trials {
            let what = trial.what.to_string();
            if trial.what.heading() != last {
                last = trial.what.heading();
                let _ = writeln!(text, "  {last}");
            }
            let note = trial.note.as_ref().map_or_else(String::new, |note| format!(" ({note})"));
            let _ = writeln!(text, "    {:<44}  {:<44}  {}{note}", what, trial.seen(), trial.outcome());
        }
        if let Some(problem) = &self.problem {
            let _ = writeln!(text, "  {problem}");
        }
        let _ = writeln!(text, "  → {}", self.summary);
        text
    }

    /// Who sends it and what it does after a failure.
    pub fn sender_line(&self) -> String {
        let waits = self.deadline_ms.map_or_else(
            || "says not how long it waits".to_owned(),
            |deadline| format!("waits {} s", deadline / 1000.0),
        );
        format!("{} {waits}. {}", self.sender, self.retry_policy)
    }
}

impl PlainRun {
    /// What was made, for people.
    pub fn made_line(&self) -> String {
        made_line(&self.made)
    }
}

impl Trial {
    /// What the sender saw, attempt by attempt; of many the first and the last.
    pub fn seen(&self) -> String {
        match self.attempts.as_slice() {
            [] => "nothing was sent".into(),
            [first @ .., last] if first.len() > 2 => {
                format!("{}, … {} more, {last}", first[0], first.len() - 1)
            }
            few => few.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        }
    }

    /// The verdict, and what there is too much or too little of.
    pub fn outcome(&self) -> String {
        let wrong: Vec<Made> = self.made.iter().filter(|made| made.found != made.expected).cloned().collect();
        match self.verdict {
            verdict if verdict.holds() || wrong.is_empty() => verdict.as_str().into(),
            verdict => format!("{}: {}", verdict.as_str(), made_line(&wrong)),
        }
    }
}

fn made_line(made: &[Made]) -> String {
    if made.is_empty() {
        return "makes nothing".into();
    }
    let one = |made: &Made| {
        let found = if made.found == made.expected {
            made.found.to_string()
        } else {
            format!("{} instead of {}", made.found, made.expected)
        };
        format!("{} {} {found}", made.upstream, made.kind)
    };
    made.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Attempt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = if self.in_time { "" } else { " late" };
        match self.status {
            Some(status) => write!(formatter, "{status}{late} in {:.0} ms", self.ms),
            None => write!(formatter, "no answer in {:.0} ms", self.ms),
        }
    }
}

impl fmt::Display for BrokenCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{} {} {}", self.upstream, self.number, self.method, self.path)
    }
}

impl Trouble {
    /// What troubles of one kind stand under.
    pub fn heading(&self) -> String {
        match self {
            Self::Call { call, .. } => call.to_string(),
            Self::Outage { upstream, .. } => format!("{upstream}, every call of the first attempt"),
            Self::Sender { .. } => "the sender".into(),
        }
    }

    /// What it is called in a sentence, wherever it happens.
    fn word(&self) -> String {
        match self {
            Self::Call { how, .. } => how.clone(),
            Self::Outage { how, .. } => format!("an outage ({how})"),
            Self::Sender { behaviour, .. } => behaviour.clone(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { how, .. } | Self::Outage { how, .. } => formatter.write_str(how),
            Self::Sender { behaviour, how: None } => formatter.write_str(behaviour),
            Self::Sender { behaviour, how: Some(how) } => write!(formatter, "{behaviour}: {how}"),
        }
    }
}

fn summary(sample: &SampleResilience) -> String {
    if let Some(problem) = &sample.problem {
        return format!("not tried: {problem}");
    }
    if let (Some(plain), true) = (&sample.plain, sample.trials.is_empty()) {
        let status = plain.attempt.status.map_or_else(|| "nothing".into(), |status| status.to_string());
        return format!("is answered with {status}, as it should be; there is nothing to break");
    }
    // By word, the verdicts at the calls where it happened, each with its place.
    let mut words: Vec<String> = Vec::new();
    let mut verdicts: BTreeMap<String, Vec<(Verdict, &Trouble)>> = BTreeMap::new();
    for trial in &sample.trials {
        let word = trial.what.word();
        if !words.contains(&word) {
            words.push(word.clone());
        }
        verdicts.entry(word).or_default().push((trial.verdict, &trial.what));
    }
    let mut clauses: BTreeMap<Verdict, Vec<String>> = BTreeMap::new();
    for word in words {
        let seen = &verdicts[&word];
        if seen.iter().all(|(verdict, _)| matches!(verdict, Verdict::Once | Verdict::Nothing)) {
            clauses.entry(Verdict::Once).or_default().push(word);
            continue;
        }
        let mut by_verdict: BTreeMap<Verdict, Vec<&Trouble>> = BTreeMap::new();
        for (verdict, what) in seen.iter().filter(|(verdict, _)| !matches!(verdict, Verdict::Once | Verdict::Nothing)) {
            by_verdict.entry(*verdict).or_default().push(what);
        }
        for (verdict, places) in by_verdict {
            let everywhere = places.len() == seen.len();
            clauses.entry(verdict).or_default().push(if everywhere { word.clone() } else { placed(&word, &places) });
        }
    }
    let clause = |(verdict, words): (&Verdict, &Vec<String>)| format!("{} {}", verb(*verdict), words.join(", "));
    if clauses.is_empty() {
        return "nothing was tried".into();
    }
    clauses.iter().map(clause).collect::<Vec<_>>().join("; ")
}

fn placed(word: &str, places: &[&Trouble]) -> String {
    let place = |trouble: &&Trouble| match trouble {
        Trouble::Call { call, .. } => Some(format!("{}#{}", call.upstream, call.number)),
        Trouble::Sender { how: Some(how), .. } => Some(how.clone()),
        Trouble::Outage { upstream, .. } => Some(upstream.clone()),
        Trouble::Sender { how: None, .. } => None,
    };
    let named: Vec<String> = places.iter().filter_map(place).collect();
    if named.is_empty() { word.to_owned() } else { format!("{word} ({})", named.join(", ")) }
}

fn verb(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Once | Verdict::Nothing => "survives",
        Verdict::Refused => "refuses",
        Verdict::Twice => "makes it twice after",
        Verdict::Lost => "loses the event after",
        Verdict::Partial => "does a part of it after",
        Verdict::Different => "ends with something else after",
        Verdict::LetIn => "lets in",
    }
}

#[cfg(test)]
mod tests {
    use crate::resilience::{Attempt, BrokenCall, Made, SampleResilience, Trial, Trouble, Verdict};

    fn attempt(status: Option<u16>, in_time: bool) -> Attempt {
        let delivered = status == Some(200) && in_time;
        let reaction = if delivered { "delivered" } else { "the sender tries again" }.to_owned();
        Attempt { delivery: "d".into(), sender: None, status, ms: 41.2, in_time, reaction, delivered }
    }

    fn call(number: u32, how: &str, verdict: Verdict) -> Trial {
        let call = BrokenCall { upstream: "notion".into(), number, method: "POST".into(), path: "/v1/pages".into() };
        let made = vec![Made {
            upstream: "notion".into(),
            kind: "page".into(),
            expected: 1,
            found: if verdict == Verdict::Twice { 2 } else { u32::from(verdict == Verdict::Once) },
        }];
        let fault = format!("notion#{number}:{how}");
        let what = Trouble::Call { call, how: how.into(), fault };
        Trial { what, attempts: vec![attempt(Some(503), true), attempt(Some(200), true)], verdict, made, note: None }
    }

    fn sender(behaviour: &str, how: Option<&str>, verdict: Verdict) -> Trial {
        let what = Trouble::Sender { behaviour: behaviour.into(), how: how.map(Into::into) };
        Trial { what, attempts: Vec::new(), verdict, made: Vec::new(), note: None }
    }

    fn sample(trials: Vec<Trial>) -> SampleResilience {
        SampleResilience {
            sample: "message".into(),
            sender: "Slack".into(),
            deadline_ms: Some(3000.0),
            retry_policy: "Slack sends an event again three times".into(),
            plain: None,
            problem: None,
            trials,
            summary: String::new(),
        }
        .summarised()
    }

    #[test]
    fn a_sample_is_summed_up_in_a_sentence() {
        let tried = sample(vec![
            call(1, "503", Verdict::Once),
            call(1, "slow", Verdict::Once),
            call(1, "malformed", Verdict::Lost),
            call(2, "503", Verdict::Once),
            call(2, "slow", Verdict::Twice),
            call(2, "malformed", Verdict::Lost),
            sender("duplicate", None, Verdict::Twice),
            sender("stale", None, Verdict::Refused),
            sender("bad-signature", Some("changed body"), Verdict::Refused),
            sender("bad-signature", Some("no X"), Verdict::LetIn),
        ]);
        assert_eq!(
            tried.summary,
            "survives 503; refuses stale, bad-signature (changed body); makes it twice after slow (notion#2), duplicate; \
             loses the event after malformed; lets in bad-signature (no X)"
        );
        let broken = SampleResilience { problem: Some("its plain run is answered with 500".into()), ..tried };
        assert_eq!(broken.summarised().summary, "not tried: its plain run is answered with 500");
    }

    #[test]
    fn the_table_says_what_the_sender_saw_and_what_was_made() {
        let text = sample(vec![call(2, "slow", Verdict::Twice), sender("duplicate", None, Verdict::Once)]).text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "message · Slack waits 3 s. Slack sends an event again three times");
        assert_eq!(lines[1], "  notion#2 POST /v1/pages");
        assert!(lines[2].contains("503 in 41 ms, 200 in 41 ms"), "{text}");
        assert!(lines[2].ends_with("twice: notion page 2 instead of 1"), "{text}");
        assert_eq!(lines[3], "  the sender");
        assert!(lines[4].ends_with("nothing was sent                              once"), "{text}");
    }
}
