//! What senders do beyond sending an event once, for every sample of the catalogue.

mod support;

use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpResponse};
use patchbay_webhooks::catalogue::{self, CatalogueSample};
use patchbay_webhooks::sender::{Event, RetryPlan, SenderError, Sending, in_words, reaction, reordered};
use patchbay_webhooks::{
    Credentials, Failure, Provider, ProviderSettings, Reaction, Refusal, Signing, Verdict, providers,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use support::{BASE, Receivers, moment};

struct Sender<'a> {
    entry: &'a CatalogueSample,
    provider: &'static dyn Provider,
    event: Event<'a>,
}

impl Sender<'_> {
    fn id(&self, sending: &Sending) -> Option<String> {
        self.provider.event_id(&sending.prepared.request)
    }

    fn verdict(&self, sending: &Sending) -> Verdict {
        self.provider.verify(&sending.prepared.request, &self.event.credentials, moment().now)
    }

    /// Batches of `HubSpot` say which attempt they are; what its workflows send does not.
    fn counts_attempts(&self) -> bool {
        let body = self.entry.sample.body.as_ref();
        body.is_some_and(|body| body.as_array().is_some_and(|events| events[0].get("attemptNumber").is_some()))
    }

    fn is_handshake(&self) -> bool {
        let sent = self.event.sent(moment().now).expect("a request");
        self.provider.handshake(&sent.prepared.request).is_some()
    }
}

/// Every sample of the catalogue, as its sender has it.
fn each(check: impl Fn(&Sender<'_>)) {
    let receivers = Receivers::new();
    for entry in catalogue::all() {
        receivers.with_credentials(entry, |credentials| {
            let event = Event {
                sample: &entry.sample,
                base_url: BASE,
                credentials: *credentials,
                moment: moment(),
                skew_seconds: 0,
            };
            let provider = providers::find(&entry.sample.provider).expect("a provider");
            check(&Sender { entry, provider, event });
        });
    }
}

fn header<'a>(sending: &'a Sending, name: &str) -> Option<&'a str> {
    sending.prepared.request.headers.get(name)
}

#[test]
fn a_duplicate_is_the_same_event_signed_anew_and_accepted() {
    each(|sender| {
        let (first, second) = (sender.event.duplicate(1, moment().now), sender.event.duplicate(2, moment().now));
        let (first, second) = (first.expect("a request"), second.expect("a request"));
        let id = &sender.entry.id;
        assert_eq!((sender.verdict(&first), sender.verdict(&second)), (Verdict::Accepted, Verdict::Accepted), "{id}");
        assert_eq!(sender.id(&first), sender.id(&second), "{id}");
        assert_eq!(first.remark.as_deref(), Some("duplicate 1 of 2"));
        // What is encrypted anew looks different each time.
        let changes_body = sender.counts_attempts() || *id == "graph/message-created-rich";
        assert_eq!(first.prepared.request.body != second.prepared.request.body, changes_body, "{id}");
        if sender.entry.sample.provider == "slack" {
            assert_eq!(header(&second, "X-Slack-Retry-Num"), Some("1"), "{id}");
            assert_eq!(header(&second, "X-Slack-Retry-Reason"), Some("http_timeout"), "{id}");
        }
        for unchanged in ["X-GitHub-Delivery", "webhook-id", "X-Webhook-Id", "PAYPAL-TRANSMISSION-ID"] {
            assert_eq!(header(&first, unchanged), header(&second, unchanged), "{id}");
        }
    });
}

/// How many providers' samples can be stale, and by how much they are.
#[test]
fn a_stale_request_is_refused_for_its_age_alone() {
    let seen = std::cell::RefCell::new(BTreeMap::new());
    each(|sender| match sender.event.stale(None, moment().now) {
        Ok(stale) => {
            let id = &sender.entry.id;
            let Verdict::Refused(Refusal::Stale { age_seconds }) = sender.verdict(&stale) else {
                panic!("{id}: {:?}", sender.verdict(&stale));
            };
            assert_eq!(stale.prepared.signing, Signing::SignedToBeRefused(Refusal::Stale { age_seconds }), "{id}");
            let then = moment().now - Duration::from_secs(age_seconds.unsigned_abs() + 30);
            let at_its_time = sender.provider.verify(&stale.prepared.request, &sender.event.credentials, then);
            assert_eq!(at_its_time, Verdict::Accepted, "{id}: it is rightly signed for its time");
            seen.borrow_mut().insert(sender.entry.sample.provider.clone(), stale.remark.expect("a remark"));
        }
        Err(SenderError::NothingAges { provider, .. }) => {
            assert!(
                matches!(
                    sender.entry.sample.provider.as_str(),
                    "github" | "pagerduty" | "teams" | "paypal" | "salesforce" | "graph" | "custom" | "hubspot"
                ),
                "{provider}"
            );
        }
        Err(error) => panic!("{}: {error}", sender.entry.id),
    });
    let seen = seen.into_inner();
    let known: Vec<&str> = seen.keys().map(String::as_str).collect();
    assert_eq!(known, ["custom", "graph", "hubspot", "slack", "standard-webhooks", "stripe"]);
    assert_eq!(seen["slack"], "stale by 6 min (receivers take up to 5 min)");
    assert_eq!(seen["graph"], "stale by 1 h 1 min (receivers take up to 1 h)");
}

#[test]
fn a_chosen_age_within_the_window_is_sent_and_accepted() {
    each(|sender| {
        if sender.entry.sample.provider != "slack" {
            return;
        }
        let young = sender.event.stale(Some(Duration::from_mins(2)), moment().now).expect("a request");
        assert_eq!(sender.verdict(&young), Verdict::Accepted);
        assert_eq!(young.remark.as_deref(), Some("stale by 2 min (receivers take up to 5 min)"));
    });
}

#[test]
fn every_way_of_a_bad_signature_is_refused() {
    let ways = std::cell::RefCell::new(BTreeMap::new());
    each(|sender| match sender.event.forged(moment().now) {
        Ok(forged) => {
            let of = forged.len();
            for (number, sending) in forged.iter().enumerate() {
                let remark = sending.remark.as_deref().unwrap_or_default();
                assert!(matches!(sender.verdict(sending), Verdict::Refused(_)), "{}: {remark}", sender.entry.id);
                assert!(remark.starts_with(&format!("bad signature {} of {of}: ", number + 1)), "{remark}");
            }
            let what = forged.iter().filter_map(|sending| sending.remark.as_deref()?.split(": ").nth(1));
            let what: Vec<String> = what.map(str::to_owned).collect();
            ways.borrow_mut().insert(sender.entry.sample.provider.clone(), what.join("; "));
        }
        Err(SenderError::NothingProven { .. }) => assert!(sender.is_handshake(), "{}", sender.entry.id),
        Err(error) => panic!("{}: {error}", sender.entry.id),
    });
    let ways = ways.into_inner();
    let table: Vec<String> = ways.iter().map(|(provider, ways)| format!("{provider}: {ways}")).collect();
    assert_eq!(ways.len(), providers::ALL.len(), "{table:#?}");
    assert_eq!(
        ways["slack"],
        "changed body; signed with another key; no X-Slack-Signature; no X-Slack-Request-Timestamp"
    );
    assert_eq!(ways["stripe"], "changed body; signed with another key; no Stripe-Signature; only the scheme v0");
    assert_eq!(ways["github"], "changed body; signed with another key; no X-Hub-Signature-256");
    assert_eq!(ways["hubspot"], "changed body; signed with another key; no signature");
    assert_eq!(ways["graph"], "another clientState");
    assert_eq!(ways["salesforce"], "another organisation");
    assert!(ways["paypal"].ends_with("; a certificate of another host"), "{}", ways["paypal"]);
}

#[test]
fn every_retry_is_the_same_event_and_accepted_by_a_receiver_whose_clock_stands() {
    each(|sender| {
        let plan = RetryPlan::of(sender.provider);
        let first = sender.event.sent(moment().now).expect("a request");
        let mut last_time = None;
        for planned in &plan.retries {
            let retry = sender.event.retry(planned, Failure::Status, moment().now).expect("a request");
            let id = &sender.entry.id;
            assert_eq!(sender.verdict(&retry), Verdict::Accepted, "{id}: {planned}");
            assert_eq!(sender.id(&retry), sender.id(&first), "{id}: {planned}");
            match sender.entry.sample.provider.as_str() {
                "slack" => {
                    assert_eq!(header(&retry, "X-Slack-Retry-Num"), Some(planned.number.to_string().as_str()));
                    assert_eq!(header(&retry, "X-Slack-Retry-Reason"), Some("http_error"));
                    let time: i64 =
                        header(&retry, "X-Slack-Request-Timestamp").expect("a time").parse().expect("seconds");
                    assert!(last_time.is_none_or(|last| time > last || planned.number == 1), "{id}: the time moves on");
                    last_time = Some(time);
                }
                "stripe" => {
                    let time =
                        moment().now.unix_timestamp() + i64::try_from(planned.elapsed.as_secs()).expect("seconds");
                    let signature = header(&retry, "Stripe-Signature").expect("a signature");
                    assert!(signature.contains(&format!("t={time},")), "{id}: {signature}");
                }
                "hubspot" if sender.counts_attempts() => {
                    let body: serde_json::Value = serde_json::from_slice(&retry.prepared.request.body).expect("JSON");
                    assert_eq!(body[0]["attemptNumber"], json!(planned.number), "{id}");
                }
                _ => {}
            }
        }
        let slack = "retry 3 of 3, after 5 min, signed for 4 min 30 s ahead";
        if sender.entry.sample.provider == "slack" {
            let last = sender.event.retry(&plan.retries[2], Failure::Status, moment().now).expect("a request");
            assert_eq!(last.remark.as_deref(), Some(slack));
        }
    });
}

fn message() -> Sample {
    serde_json::from_value(json!({
        "provider": "slack", "event": "message",
        "headers": { "X-Slack-Request-Timestamp": "{{unix_ts}}", "X-Slack-Signature": "{{signature}}" },
        "body": { "event_id": "Ev{{uuid}}", "event": { "type": "message", "ts": "{{unix_ts}}.000100" } }
    }))
    .expect("a sample")
}

#[test]
fn events_out_of_order_come_newest_first_and_one_sample_is_two_events() {
    let secret = patchbay_core::Secret::new("example-signing-secret");
    let (sample, credentials) = (message(), Credentials::of_secret(Some(&secret)));
    let event = |uuid: &str| Event {
        sample: &sample,
        base_url: BASE,
        credentials,
        moment: patchbay_webhooks::Moment { now: moment().now, uuid: uuid.into() },
        skew_seconds: 0,
    };
    let provider = providers::find("slack").expect("slack");
    for (events, expected) in [
        (vec![event("a")], ["Evsecond", "Eva"].as_slice()),
        (vec![event("a"), event("b"), event("c")], ["Evc", "Evb", "Eva"].as_slice()),
    ] {
        let sent = reordered(&events, "second", moment().now).expect("requests");
        let ids: Vec<String> = sent.iter().filter_map(|sending| provider.event_id(&sending.prepared.request)).collect();
        assert_eq!(ids, expected);
        let times: Vec<i64> = sent
            .iter()
            .map(|sending| header(sending, "X-Slack-Request-Timestamp").expect("a time").parse().expect("seconds"))
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] == pair[1] + 10), "{times:?}");
        assert!(sent.iter().all(|sending| sending.prepared.signing == Signing::Signed));
        let of = sent.len();
        assert_eq!(
            sent[0].remark.as_deref(),
            Some(format!("reordered 1 of {of}: event {of} of {of} by its time").as_str())
        );
    }
}

#[test]
fn a_clock_that_is_off_signs_for_its_own_time() {
    let secret = patchbay_core::Secret::new("example-signing-secret");
    let sample = message();
    for (skew_seconds, signing, remark) in [
        (-200, Signing::Signed, "its clock is 3 min 20 s behind"),
        (301, Signing::SignedToBeRefused(Refusal::Stale { age_seconds: -301 }), "its clock is 5 min 1 s ahead"),
    ] {
        let event = Event {
            sample: &sample,
            base_url: BASE,
            credentials: Credentials::of_secret(Some(&secret)),
            moment: moment(),
            skew_seconds,
        };
        let sent = event.sent(moment().now).expect("a request");
        assert_eq!((sent.prepared.signing, sent.remark.as_deref()), (signing, Some(remark)));
    }
}

#[test]
fn senders_react_to_answers_as_they_document() {
    let answer = |status| HttpResponse { status, headers: HttpMessageHeaders::default(), body: Vec::new().into() };
    let request = |entry: &str| {
        let entry = catalogue::find(entry).expect("a sample");
        Receivers::new().with_credentials(entry, |credentials| {
            patchbay_webhooks::prepare_as(&entry.sample, BASE, credentials, &moment()).expect("a request").request
        })
    };
    let slack = request(catalogue::search("slack message").first().expect("a sample").id.as_str());
    let of = |id: &str| providers::find(id).expect(id);
    for (provider, response, expected) in [
        ("slack", None, (Reaction::Retried, Failure::Timeout)),
        ("slack", Some(503), (Reaction::Retried, Failure::Status)),
        ("slack", Some(200), (Reaction::Delivered, Failure::Status)),
        ("github", None, (Reaction::Dropped, Failure::Timeout)),
        ("github", Some(503), (Reaction::Dropped, Failure::Status)),
        ("pagerduty", None, (Reaction::Retried, Failure::Timeout)),
        ("pagerduty", Some(400), (Reaction::Dropped, Failure::Status)),
        ("standard-webhooks", Some(410), (Reaction::Disabled, Failure::Status)),
    ] {
        let response = response.map(answer);
        assert_eq!(reaction(of(provider), &slack, response.as_ref()), expected, "{provider} {response:?}");
    }
}

#[test]
fn what_a_sender_cannot_do_is_an_error_that_helps() {
    use patchbay_core::Hints;
    let secret = patchbay_core::Secret::new("example-signing-secret");
    let sample = |value| serde_json::from_value::<Sample>(value).expect("a sample");
    let github = sample(json!({ "provider": "github", "event": "push", "body": {} }));
    let mut fixed = message();
    fixed.headers.insert("X-Slack-Request-Timestamp".into(), "1795249800".into());
    let mut forged = message();
    forged.headers.insert("X-Slack-Signature".into(), "v0=00".into());
    let unknown = sample(json!({ "provider": "in-house", "event": "e", "body": {} }));
    let settings = ProviderSettings::default();
    let event = |sample| Event {
        sample,
        base_url: BASE,
        credentials: Credentials { secret: &secret, settings: &settings, sender: None },
        moment: moment(),
        skew_seconds: 0,
    };
    for (outcome, expected) in [
        (
            event(&github).stale(None, moment().now).err(),
            "Nothing of `push` can be stale: GitHub signs no time with it",
        ),
        (
            event(&fixed).stale(None, moment().now).err(),
            "`message` cannot be made stale: its time or its signature stands in the sample itself",
        ),
        (
            event(&forged).forged(moment().now).err(),
            "`message` cannot have a bad signature: Slack proves nothing with it, or what it proves stands in the sample itself",
        ),
        (
            event(&unknown).stale(None, moment().now).err(),
            "`stale` cannot be sent as `in-house`: how this provider signs is not known",
        ),
    ] {
        let error = outcome.expect(expected);
        assert_eq!(error.to_string(), expected);
        assert!(!error.hints().is_empty(), "{expected}");
    }
    assert!(
        RetryPlan::of(providers::find("github").expect("github"))
            .policy
            .contains("does not send a failed delivery again")
    );
    assert_eq!(in_words(Duration::from_secs(361)), "6 min 1 s");
}
