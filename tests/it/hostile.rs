//! Every template against every hostile case that applies to it, over the real binary, dispatcher and runtime. Nothing here
//! names a template except `table.rs`, where a case is about one.
//!
//! Whatever comes: the runtime reports no exception, an error says what it is, no secret is in an answer or a log, nothing
//! is written twice, nothing refused reaches an upstream, and no answer makes the sender switch the adapter off.

mod cases;
mod sender;
mod table;

use crate::machine::{Machine, RunningPatchbay};
use crate::templates;
use cases::Expected;
use patchbay_core::HttpRequest;
use patchbay_core::sample::Sample;
use patchbay_testkit::patchbay_binary;
use patchbay_webhooks::{ProviderSettings, Reaction, providers};
use sender::{Answer, Sender};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use table::Template;

/// At which call of an upstream it breaks, and how, by the case that it plays.
const FAULTS: [(&str, &str); 4] =
    [("5xx-applied", "500:applied"), ("cut-json", "truncated"), ("cut-json", "malformed"), ("204-json", "empty")];
/// No sender waits longer.
const LONGEST: Duration = Duration::from_secs(35);
/// How often a good event is sent again while its upstream is busy, when the adapter has asked for it.
const OFTEN: u32 = 10;
const AT_ONCE: usize = 10;
/// No template calls an upstream more often for an event.
const MOST_CALLS: u64 = 3;
const BURST: usize = 60;

#[test]
#[expect(clippy::print_stdout, reason = "the table is what a person runs this for")]
fn every_template_holds_against_every_hostile_case() {
    let machine = Machine::new();
    let running = machine.start();
    let catalogue = machine.json(&["templates"]);
    let ids: Vec<String> = catalogue["templates"]
        .as_array()
        .expect("a list of templates")
        .iter()
        .map(|template| template["id"].as_str().expect("an id").to_owned())
        .collect();
    let subjects: Vec<Subject<'_>> = ids.iter().map(|id| Subject::new(&machine, &running, id)).collect();
    let wrong = Mutex::new(Vec::new());
    let run = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for subject in &subjects {
            scope.spawn(|| Trial { subject, wrong: &wrong, run: &run }.run());
        }
    });
    let run = run.into_inner().expect("no thread panicked");
    let mut wrong = wrong.into_inner().expect("no thread panicked");
    let templates: Vec<Template> = subjects.into_iter().map(|subject| subject.end(&mut wrong)).collect();
    let (text, missing) = table::table(&templates, &run);
    println!("{text}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(missing.is_empty(), "cases that apply and are not run:\n{}", missing.join("\n"));
}

/// One template, published, with its sender.
struct Subject<'a> {
    id: String,
    tenant: String,
    sender: Sender<'a>,
    /// Everything that must never be said.
    secrets: Vec<String>,
    /// The question with which the sender begins, if a sample has one.
    question: Option<HttpRequest>,
    tail: Child,
    tail_file: PathBuf,
    calls_upstreams: bool,
}

impl<'a> Subject<'a> {
    fn new(machine: &'a Machine, running: &RunningPatchbay, id: &str) -> Self {
        let description =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/adapters").join(id).join("template.json");
        let description: Value =
            serde_json::from_slice(&std::fs::read(description).expect("it is in the repository")).expect("JSON");
        let tenant = format!("of-{id}");
        machine.run(&["tenant", "add", &tenant, "--region", "us"]).success();
        let hosts: Vec<&str> =
            description["upstreams"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        if !hosts.is_empty() {
            machine.run(&["tenant", "set", &tenant, "egress", &hosts.join(",")]).success();
        }
        machine.run(&["tenant", "set", &tenant, "limits.cpu_ms", "20000"]).success();
        let adapter = format!("{tenant}/{id}");
        machine.run(&["new", &adapter, "--template", id]).success();
        let folder = machine.workspace().join(format!("tenants/{tenant}/adapters/{id}"));
        templates::give_values(machine, &adapter, &folder).expect("the template takes its values");
        machine.run(&["publish", &adapter]).success();

        let manifest = std::fs::read_to_string(folder.join("adapter.toml")).expect("the manifest is there");
        let signing_secret = manifest.lines().find_map(|line| line.strip_prefix("signing_secret = "));
        let needs = description["needs"].as_array().expect("a list");
        let secrets = needs.iter().filter(|need| need["kind"] == "secret_text");
        let provider = description["provider"].as_str().expect("a provider");
        let mut settings = Map::new();
        for line in manifest.lines().skip_while(|line| *line != "[provider_settings]").skip(1) {
            let Some((name, value)) = line.split_once(" = ") else { break };
            settings.insert(name.to_owned(), value.trim_matches('"').into());
        }
        let settings = if provider == "custom" { Value::Object(settings) } else { Value::Null };
        let preview = description["preview"].as_str().expect("a sample");
        let sender = Sender {
            machine,
            adapter: adapter.clone(),
            dispatcher: running.dispatcher_url().trim_end_matches('/').to_owned(),
            provider: providers::find(provider).expect("the provider is known"),
            sample: sample(&folder.join(format!("samples/{preview}.json"))),
            secret: templates::secret(signing_secret.unwrap_or_default().trim_matches('"')),
            settings: ProviderSettings::new(provider, &settings).expect("the settings fit"),
        };
        let tail_file = machine.home().join(format!("{id}.tail"));
        let tail = Command::new(patchbay_binary())
            .args(["tail", &adapter, "--json", "--workspace"])
            .arg(machine.workspace())
            .envs(machine.environment())
            .stdout(std::fs::File::create(&tail_file).expect("the home is writable"))
            .stderr(Stdio::null())
            .spawn()
            .expect("patchbay starts");
        let samples = std::fs::read_dir(folder.join("samples")).expect("samples");
        let question = samples.flatten().find_map(|file| {
            let sender = Sender {
                sample: sample(&file.path()),
                adapter: adapter.clone(),
                dispatcher: sender.dispatcher.clone(),
                secret: sender.secret.clone(),
                settings: sender.settings.clone(),
                ..sender
            };
            let request = sender.event();
            sender.provider.handshake(&request).map(|_| request)
        });
        Self {
            id: id.to_owned(),
            tenant,
            secrets: secrets.map(|need| templates::secret(need["name"].as_str().expect("a name"))).collect(),
            calls_upstreams: !hosts.is_empty(),
            question,
            sender,
            tail,
            tail_file,
        }
    }

    /// Calls and kept things by upstream, without those of a sender that is asked for its certificate.
    fn upstreams(&self) -> BTreeMap<String, (u64, u64)> {
        let mut all = sender::upstreams(self.sender.machine, &self.tenant);
        if self.sender.signs_with_own_keys() {
            all.remove(self.sender.provider.id());
        }
        all
    }

    fn kept(&self) -> u64 {
        self.upstreams().values().map(|(_, kept)| kept).sum()
    }

    fn calls(&self) -> u64 {
        self.upstreams().values().map(|(calls, _)| calls).sum()
    }

    /// Judges what the adapter logged.
    fn end(mut self, wrong: &mut Vec<String>) -> Template {
        let _ = self.tail.kill();
        let _ = self.tail.wait();
        let log = std::fs::read_to_string(&self.tail_file).expect("the tail wrote UTF-8");
        if log.is_empty() {
            wrong.push(format!("{}: nothing was logged, so that says nothing", self.id));
        }
        for secret in self.secrets.iter().filter(|secret| log.contains(secret.as_str())) {
            wrong.push(format!("{}: the log has a secret of {} characters", self.id, secret.len()));
        }
        for line in log.lines() {
            let seen: Value = serde_json::from_str(line).expect("the tail writes JSON");
            // A sender that goes away ends the work for it.
            let is_over = ["ok", "canceled", "responseStreamDisconnected"].iter().any(|word| seen["outcome"] == *word);
            if !is_over || seen["exceptions"] != serde_json::json!([]) {
                wrong.push(format!("{}: {line:.600}", self.id));
            }
        }
        Template {
            provider: self.sender.provider.id().to_owned(),
            calls: self.calls_upstreams,
            has_time: cases::has_time(&self.sender),
            is_asked: self.question.is_some(),
            own_tests: table::own_tests(&self.id),
            id: self.id,
        }
    }
}

fn sample(file: &Path) -> Sample {
    serde_json::from_slice(&std::fs::read(file).expect("the sample is there")).expect("a sample")
}

/// All cases against one template.
struct Trial<'a> {
    subject: &'a Subject<'a>,
    wrong: &'a Mutex<Vec<String>>,
    run: &'a Mutex<BTreeMap<(String, &'static str), usize>>,
}

impl Trial<'_> {
    fn run(&self) {
        self.judge("the usual event", &self.subject.sender.event(), Expected::Taken);
        // Some samples tell their events apart by the second.
        std::thread::sleep(Duration::from_millis(1100));
        let before = self.subject.kept();
        self.judge("the usual event", &self.subject.sender.event(), Expected::Taken);
        let of_one = self.subject.kept() - before;
        if self.subject.calls_upstreams && of_one == 0 {
            self.wrong("the usual event", "leaves nothing at an upstream, so nothing can be counted");
        }
        let (refused, others): (Vec<_>, Vec<_>) = cases::attempts(&self.subject.sender)
            .into_iter()
            .partition(|attempt| attempt.expected == Expected::Refused);
        let before = self.subject.calls();
        for attempt in refused {
            self.ran(attempt.case);
            self.judge(attempt.case, &attempt.request, attempt.expected);
        }
        if let Some(question) = &self.subject.question {
            self.ran("ping");
            self.judge("ping", question, Expected::Answered);
        }
        self.disconnect();
        if self.subject.calls() != before {
            self.wrong("refused requests, questions or broken connections", "reached an upstream");
        }
        for attempt in others {
            // Airtable takes five calls a second, and after more than that none for half a minute.
            std::thread::sleep(Duration::from_millis(400));
            self.ran(attempt.case);
            self.judge(attempt.case, &attempt.request, attempt.expected);
        }
        self.slowly();
        self.repeated(of_one);
        self.broken_upstreams(of_one);
        self.burst();
        self.judge("the usual event, after everything", &self.subject.sender.event(), Expected::Taken);
    }

    fn ran(&self, case: &'static str) {
        if let Ok(mut run) = self.run.lock() {
            *run.entry((self.subject.id.clone(), case)).or_default() += 1;
        }
    }

    fn wrong(&self, case: &str, what: &str) {
        let line = format!("{}: {case}: {what}", self.subject.id);
        if let Ok(mut wrong) = self.wrong.lock() {
            wrong.push(line);
        }
    }

    /// Sends it and holds the answer against what always holds, and against what is expected here.
    fn judge(&self, case: &str, request: &HttpRequest, expected: Expected) -> Option<Answer> {
        self.judge_with(case, request, expected, OFTEN)
    }

    /// Sends it so often again if the upstream is busy, as a sender does: Slack takes a message a second, Airtable nothing
    /// for half a minute after too many calls.
    fn judge_with(&self, case: &str, request: &HttpRequest, expected: Expected, patience: u32) -> Option<Answer> {
        let since = Instant::now();
        let answer = self.subject.sender.send(request);
        if since.elapsed() > LONGEST {
            self.wrong(case, &format!("took {:?}", since.elapsed()));
        }
        if let (Some(busy), Expected::Taken, true) = (&answer, expected, patience > 0)
            && busy.status == 503
        {
            self.always(case, request, busy);
            self.must_come_again(case, request, busy);
            std::thread::sleep(Duration::from_secs(busy.retry_after_seconds().unwrap_or(1).clamp(1, 31)));
            return self.judge_with(case, request, expected, patience - 1);
        }
        let Some(answer) = answer else {
            // Nobody has to read a request to its end to refuse it.
            if !["size-25mb", "sig-10k"].contains(&case) {
                self.wrong(case, "no answer");
            }
            return None;
        };
        self.always(case, request, &answer);
        let is_2xx = (200..300).contains(&answer.status);
        // What a sender would do with a signed 4xx, `always` has judged; PagerDuty's gets 5xx or 2xx with words.
        let is_wrong = match expected {
            Expected::Taken => !is_2xx,
            Expected::Refused => is_2xx && !answer.text().contains("ignored") && request.method == "POST",
            Expected::Answered => false,
        };
        if is_wrong {
            self.wrong(case, &format!("{expected:?} was expected, not {} {:.300}", answer.status, answer.text()));
        }
        Some(answer)
    }

    fn always(&self, case: &str, request: &HttpRequest, answer: &Answer) {
        let text = answer.text();
        if answer.status >= 500 && !answer.names_its_error() {
            self.wrong(case, &format!("{} without an error in words: {text:.300}", answer.status));
        }
        if self.subject.secrets.iter().any(|secret| text.contains(secret.as_str())) {
            self.wrong(case, "the answer has a secret");
        }
        if self.subject.sender.reaction(request, answer) == Reaction::Disabled {
            self.wrong(case, &format!("{} makes the sender switch the adapter off", answer.status));
        }
    }

    /// A good event that could not be handled now must come again, where the sender sends again at all.
    fn must_come_again(&self, case: &str, request: &HttpRequest, answer: &Answer) {
        let sends_again = self.subject.sender.provider.retry_schedule().retries();
        let reaction = self.subject.sender.reaction(request, answer);
        if sends_again && matches!(reaction, Reaction::Dropped | Reaction::Disabled) {
            self.wrong(case, &format!("{} loses a good event: {:.300}", answer.status, answer.text()));
        }
    }

    /// Bodies that come in pieces, without a length, with pauses.
    fn slowly(&self) {
        for (case, pause) in [("chunked", Duration::ZERO), ("slow-drip", Duration::from_secs(1))] {
            self.ran(case);
            let request = self.subject.sender.event();
            let answer = self.subject.sender.send_raw(&request, "Transfer-Encoding: chunked\r\n", |stream| {
                let (start, rest) = request.body.split_at(3);
                for byte in start {
                    stream.write_all(&[b'1', b'\r', b'\n', *byte, b'\r', b'\n'])?;
                    std::thread::sleep(pause);
                }
                for piece in rest.chunks(7) {
                    write!(stream, "{:x}\r\n", piece.len())?;
                    stream.write_all(piece)?;
                    stream.write_all(b"\r\n")?;
                }
                stream.write_all(b"0\r\n\r\n")
            });
            match answer {
                Some(answer) if (200..300).contains(&answer.status) => {}
                // A drip may use up the time in which this sender waits.
                Some(answer) if case == "slow-drip" && answer.status == 503 => {
                    self.always(case, &request, &answer);
                    self.must_come_again(case, &request, &answer);
                }
                other => self.wrong(case, &format!("was not taken: {other:?}")),
            }
        }
    }

    /// The sender goes away in the middle of the body.
    fn disconnect(&self) {
        self.ran("disconnect");
        let request = self.subject.sender.event();
        let length = format!("Content-Length: {}\r\n", request.body.len());
        let half = &request.body[..request.body.len() / 2];
        let answer = self.subject.sender.send_raw(&request, &length, |stream| {
            stream.write_all(half)?;
            stream.shutdown(std::net::Shutdown::Write)
        });
        if answer.is_some_and(|answer| (200..300).contains(&answer.status)) {
            self.wrong("disconnect", "half a body was taken");
        }
    }

    /// The same event again, one after the other and at once.
    fn repeated(&self, of_one: u64) {
        let before = self.subject.kept();
        let request = self.subject.sender.event();
        self.ran("dup-seq");
        for _ in 0..3 {
            self.judge("dup-seq", &request, Expected::Taken);
        }
        self.at_most("dup-seq", before, of_one);
        let before = self.subject.kept();
        let request = self.subject.sender.event();
        self.ran("dup-par");
        self.ran("retry-overlap");
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    if let Some(answer) = self.judge("dup-par", &request, Expected::Answered) {
                        self.must_come_again("dup-par", &request, &answer);
                    }
                });
            }
        });
        self.judge("retry-overlap", &request, Expected::Taken);
        self.at_most("dup-par", before, of_one);
    }

    fn at_most(&self, case: &str, before: u64, of_one: u64) {
        let kept = self.subject.kept() - before;
        if kept > of_one {
            self.wrong(case, &format!("{kept} were kept where one event makes {of_one}"));
        }
    }

    /// Each call of a delivery goes wrong in each way; the sender sends again when all is well.
    fn broken_upstreams(&self, of_one: u64) {
        let machine = self.subject.sender.machine;
        let fault = |specs: &[&str]| {
            machine.run(&[&["upstream", "fault", self.subject.tenant.as_str()], specs].concat()).success();
        };
        let before = self.subject.upstreams();
        self.judge("the usual event", &self.subject.sender.event(), Expected::Taken);
        for (upstream, (calls, _)) in &self.subject.upstreams() {
            let before = before.get(upstream).map_or(0, |(calls, _)| *calls);
            // A call that a busy upstream refuses is made again.
            for number in 1..=(calls - before).min(MOST_CALLS) {
                for (case, kind) in FAULTS {
                    let before = self.subject.kept();
                    let spec = format!("{upstream}#{number}:{kind}");
                    fault(&[&spec]);
                    self.ran(case);
                    let request = self.subject.sender.event();
                    if let Some(answer) = self.judge(&format!("{case} {spec}"), &request, Expected::Answered) {
                        self.must_come_again(&format!("{case} {spec}"), &request, &answer);
                    }
                    fault(&[]);
                    self.judge(&format!("{case} {spec}, sent again"), &request, Expected::Taken);
                    // A workflow of Teams knows no key and cannot be asked; the README says that a second card may come.
                    let twice = if upstream == "teams" { of_one } else { 0 };
                    self.at_most(&format!("{case} {spec}"), before, of_one + twice);
                }
            }
        }
    }

    /// Many events at once: each is taken, or comes again.
    fn burst(&self) {
        self.ran("burst");
        let events: Vec<HttpRequest> = (0..BURST).map(|_| self.subject.sender.event()).collect();
        std::thread::scope(|scope| {
            for some in events.chunks(BURST / AT_ONCE) {
                scope.spawn(move || {
                    for request in some {
                        if let Some(answer) = self.judge("burst", request, Expected::Answered) {
                            self.must_come_again("burst", request, &answer);
                        }
                    }
                });
            }
        });
    }
}
