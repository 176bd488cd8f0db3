//! Every provider's samples, sent to an adapter that verifies as the provider's documentation says: what Patchbay signs is
//! accepted, what somebody else made of it is not.

use crate::machine::{Machine, RunningPatchbay, http_answer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::Command;

const BYTES: &str = include_str!("providers/bytes.js");
const ADAPTER: &str = "customer-a/receiver";

/// An adapter that verifies the webhooks of one provider, on a running platform.
struct Receiver {
    machine: Machine,
    running: RunningPatchbay,
    provider: &'static str,
}

/// What the adapter's manifest says beside its provider.
#[derive(Default)]
struct Manifest<'a> {
    /// The binding with the signing secret.
    signing_secret: Option<&'a str>,
    /// Lines of `[provider_settings]`.
    settings: &'a str,
    secrets: &'a [(&'a str, &'a str)],
    plain: &'a [(&'a str, &'a str)],
    /// The `json` binding `SCHEME`, as TOML.
    scheme: Option<&'a str>,
    egress: &'a str,
}

impl Receiver {
    fn new(provider: &'static str, source: &str, manifest: &Manifest<'_>) -> Self {
        let machine = Machine::new();
        let running = machine.start();
        let egress = if manifest.egress.is_empty() { "api.example.com" } else { manifest.egress };
        machine.run(&["tenant", "add", "customer-a", "--region", "eu"]).success();
        machine.run(&["tenant", "set", "customer-a", "egress", egress]).success();
        let receiver = Self { machine, running, provider };
        receiver.write("src/bytes.js", BYTES);
        receiver.write("src/adapter.js", source);
        receiver.declare(manifest);
        for (name, value) in manifest.secrets {
            receiver.machine.set_secret(ADAPTER, name, value);
        }
        receiver
    }

    fn write(&self, path: &str, text: &str) {
        let file = self.machine.workspace().join("tenants/customer-a/adapters/receiver").join(path);
        std::fs::create_dir_all(file.parent().expect("in a folder")).expect("the workspace is writable");
        std::fs::write(file, text).expect("the workspace is writable");
    }

    fn declare(&self, manifest: &Manifest<'_>) {
        let mut text = format!("provider = \"{}\"\nentry = \"src/adapter.js\"\n", self.provider);
        text += "compatibility_date = \"2026-08-04\"\n";
        if let Some(name) = manifest.signing_secret {
            let _ = writeln!(text, "signing_secret = \"{name}\"");
        }
        if !manifest.settings.is_empty() {
            let _ = write!(text, "\n[provider_settings]\n{}\n", manifest.settings);
        }
        for (name, _) in manifest.secrets {
            let _ = write!(text, "\n[[bindings]]\nname = \"{name}\"\nkind = \"secret_text\"\n");
        }
        for (name, value) in manifest.plain {
            let _ = write!(text, "\n[[bindings]]\nname = \"{name}\"\nkind = \"plain_text\"\nvalue = \"{value}\"\n");
        }
        if let Some(scheme) = manifest.scheme {
            let _ = write!(text, "\n[[bindings]]\nname = \"SCHEME\"\nkind = \"json\"\nvalue = {scheme}\n");
        }
        self.write("adapter.toml", &text);
    }

    fn publish(&self) {
        self.machine.run(&["publish", ADAPTER]).success();
    }

    /// Ids of the provider's samples in the catalogue.
    fn catalogue(&self) -> Vec<String> {
        let found = self.machine.json(&["sample", "search", "--provider", self.provider]);
        found.as_array().expect("a list").iter().map(|entry| text(&entry["id"])).collect()
    }

    /// Takes samples over, and their names.
    fn add(&self, ids: &[String]) -> Vec<String> {
        ids.iter().map(|id| text(&self.machine.json(&["sample", "add", ADAPTER, "--from", id])["name"])).collect()
    }

    /// The answers to samples that are replayed, in their order.
    fn replayed(&self, names: &[String]) -> Vec<Value> {
        let mut arguments = vec!["replay", ADAPTER, "--sample"];
        arguments.extend(names.iter().map(String::as_str));
        self.machine.json(&arguments).as_array().expect("traces").clone()
    }

    /// The status with which the adapter answers a signed sample after `change` had it in its hands.
    fn forged(&self, name: &str, change: impl Fn(&mut Vec<u8>)) -> u16 {
        let signed = self.machine.json(&["sample", "sign", ADAPTER, name, "--url", self.running.dispatcher_url()]);
        let request = &signed["request"];
        let mut body = STANDARD.decode(text(&request["body_base64"])).expect("base64");
        change(&mut body);
        let mut headers: Vec<(String, String)> =
            serde_json::from_value(request["headers"].clone()).expect("names and values");
        headers.push(("x-customer-id".into(), "customer-a".into()));
        headers.push(("x-script-id".into(), "receiver".into()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        http_answer(&text(&request["method"]), &text(&request["url"]), &headers, &body).0
    }

    /// Every sample of the catalogue is accepted, and refused when one byte was added to its body.
    fn accepts_what_is_signed_and_nothing_else(&self) {
        let names = self.add(&self.catalogue());
        assert!(!names.is_empty(), "the catalogue has samples of {}", self.provider);
        self.publish();
        for (name, trace) in names.iter().zip(self.replayed(&names)) {
            assert_eq!(trace["summary"]["status"], 200, "{name}: {trace:#}");
        }
        for name in &names {
            assert_eq!(self.forged(name, |body| body.push(b' ')), 401, "{name} with a changed body");
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}

/// With a shared secret and nothing else.
fn with_secret(provider: &'static str, source: &str, secret: &str) {
    let manifest = Manifest {
        signing_secret: Some("SIGNING_SECRET"),
        secrets: &[("SIGNING_SECRET", secret)],
        ..Manifest::default()
    };
    Receiver::new(provider, source, &manifest).accepts_what_is_signed_and_nothing_else();
}

#[test]
fn slack_webhooks_are_accepted_and_forged_ones_are_not() {
    with_secret("slack", include_str!("providers/slack.js"), "example-signing-secret");
}

#[test]
fn stripe_webhooks_are_accepted_and_forged_ones_are_not() {
    with_secret("stripe", include_str!("providers/stripe.js"), "example-signing-secret");
}

#[test]
fn github_webhooks_are_accepted_and_forged_ones_are_not() {
    with_secret("github", include_str!("providers/github.js"), "example-signing-secret");
}

#[test]
fn pagerduty_webhooks_are_accepted_and_forged_ones_are_not() {
    with_secret("pagerduty", include_str!("providers/pagerduty.js"), "example-signing-secret");
}

#[test]
fn teams_messages_are_accepted_and_forged_ones_are_not() {
    let secret = STANDARD.encode("example-teams-hmac-key-not-real!");
    with_secret("teams", include_str!("providers/teams.js"), &secret);
}

#[test]
fn hubspot_webhooks_of_each_version_are_accepted_and_forged_ones_are_not() {
    with_secret("hubspot", include_str!("providers/hubspot.js"), "example-signing-secret");
}

#[test]
fn standard_webhooks_with_a_shared_secret_are_accepted_and_forged_ones_are_not() {
    let secret = format!("whsec_{}", STANDARD.encode("example-secret-not-real!"));
    let manifest = Manifest {
        signing_secret: Some("SIGNING_SECRET"),
        secrets: &[("SIGNING_SECRET", &secret)],
        ..Manifest::default()
    };
    let receiver = Receiver::new("standard-webhooks", include_str!("providers/standard-webhooks.js"), &manifest);
    receiver.accepts_what_is_signed_and_nothing_else();

    // The same adapter with the sender's public key: it can verify and cannot sign.
    let providers = receiver.machine.json(&["sample", "providers"]);
    let standard = providers["providers"].as_array().expect("a list").iter();
    let standard = standard.clone().find(|provider| provider["id"] == "standard-webhooks").expect("is there");
    let public_key = text(&standard["public_key"]);
    assert!(public_key.starts_with("whpk_"), "{public_key}");
    receiver.machine.set_secret(ADAPTER, "SIGNING_SECRET", &public_key);
    receiver.publish();
    let names = ["contact-created".to_owned(), "invoice-paid".to_owned()];
    for trace in receiver.replayed(&names) {
        assert_eq!(trace["summary"]["status"], 200, "{trace:#}");
        let headers = trace["request"]["headers"].as_array().expect("headers").iter();
        let signature = headers.clone().find(|header| header[0] == "webhook-signature").expect("is signed");
        assert!(text(&signature[1]).starts_with("v1a,"), "{signature}");
    }
    assert_eq!(receiver.forged("contact-created", |body| body.push(b' ')), 401);

    // Another sender's public key signs nothing, and says so.
    receiver.machine.set_secret(ADAPTER, "SIGNING_SECRET", &format!("whpk_{}", STANDARD.encode([3; 32])));
    let error = receiver.machine.error(&["replay", ADAPTER, "--sample", "contact-created"], 1);
    assert_eq!(error["code"], "secret.invalid", "{error}");
}

#[test]
fn paypal_webhooks_are_accepted_by_certificate_and_by_paypal_itself() {
    let manifest = Manifest {
        settings: "webhook_id = { binding = \"WEBHOOK_ID\" }",
        plain: &[("WEBHOOK_ID", "EXAMPLEWEBHOOK")],
        egress: "*.sandbox.paypal.com,api-m.sandbox.paypal.com,api.sandbox.paypal.com",
        ..Manifest::default()
    };
    let receiver = Receiver::new("paypal", include_str!("providers/paypal.js"), &manifest);
    receiver.accepts_what_is_signed_and_nothing_else();
    let sample = ["payment-capture-completed".to_owned()];
    let answer: Value =
        serde_json::from_str(&text(&receiver.replayed(&sample)[0]["response"]["body"]["text"])).expect("JSON");
    assert_eq!(answer, json!({ "verified": true, "own": true, "theirs": "SUCCESS" }));

    // Signed for another webhook id, it is not for this one.
    receiver.declare(&Manifest { settings: "webhook_id = \"ANOTHERWEBHOOK\"", ..manifest });
    let trace = receiver.replayed(&sample).remove(0);
    assert_eq!(trace["summary"]["status"], 401, "{trace:#}");
}

#[test]
fn salesforce_messages_are_accepted_for_the_own_organization_only() {
    let manifest = Manifest {
        settings: "organization_id = { binding = \"ORGANIZATION_ID\" }",
        plain: &[("ORGANIZATION_ID", "00D000000000EXAMPL")],
        ..Manifest::default()
    };
    let receiver = Receiver::new("salesforce", include_str!("providers/salesforce.js"), &manifest);
    let names = receiver.add(&receiver.catalogue());
    receiver.publish();
    for (name, trace) in names.iter().zip(receiver.replayed(&names)) {
        assert_eq!(trace["summary"]["status"], 200, "{name}: {trace:#}");
        let another = |body: &mut Vec<u8>| {
            *body = String::from_utf8_lossy(body).replace("00D000000000EXAMPL", "00D000000000OTHERX").into();
        };
        assert_eq!(receiver.forged(name, another), 401, "{name} of another organisation");
    }
}

#[test]
fn graph_notifications_are_accepted_with_their_state_tokens_and_content() {
    let private_key = rsa_private_key();
    let manifest = Manifest {
        signing_secret: Some("CLIENT_STATE"),
        settings: "application_id = { binding = \"APPLICATION_ID\" }\nencryption_certificate = { binding = \"PRIVATE_KEY\" }",
        secrets: &[("CLIENT_STATE", "example-client-state"), ("PRIVATE_KEY", &private_key)],
        plain: &[("APPLICATION_ID", "00000000-0000-4000-8000-0000000a9911")],
        egress: "login.microsoftonline.com",
        ..Manifest::default()
    };
    let receiver = Receiver::new("graph", include_str!("providers/graph.js"), &manifest);
    let names = receiver.add(&receiver.catalogue());
    receiver.publish();
    for (name, trace) in names.iter().zip(receiver.replayed(&names)) {
        assert_eq!(trace["summary"]["status"], 200, "{name}: {trace:#}");
        let answer = text(&trace["response"]["body"]["text"]);
        assert_eq!(name == "message-created-rich", answer.contains("Pump 3"), "{name}: {answer}");
        if name.starts_with("validation") {
            continue;
        }
        let guessed = |body: &mut Vec<u8>| {
            *body = String::from_utf8_lossy(body).replace("example-client-state", "a-guessed-client-state").into();
        };
        assert_eq!(receiver.forged(name, guessed), 401, "{name} with another clientState");
    }
    let resigned = |body: &mut Vec<u8>| {
        let mut value: Value = serde_json::from_slice(body).expect("JSON");
        let token = text(&value["validationTokens"][0]);
        let (signed, _) = token.rsplit_once('.').expect("three parts");
        value["validationTokens"][0] = format!("{signed}.{}", "A".repeat(342)).into();
        *body = value.to_string().into_bytes();
    };
    assert_eq!(receiver.forged("message-created-rich", resigned), 401, "a token that Entra did not sign");
}

#[test]
fn custom_senders_sign_as_their_settings_say() {
    let catalogue = Receiver::new("custom", include_str!("providers/custom.js"), &Manifest::default());
    let ids = catalogue.catalogue();
    assert!(ids.len() >= 5, "the catalogue has samples of several senders");
    for id in ids {
        let content = catalogue.machine.json(&["sample", "show", &id]);
        let settings = content["provider_settings"].as_object().expect("settings").clone();
        let secret = match settings.get("key_encoding").and_then(Value::as_str) {
            Some("base64") => STANDARD.encode("example-signing-secret"),
            Some("hex") => "00112233445566778899aabbccddeeff".into(),
            _ => "example-signing-secret".to_owned(),
        };
        let lines: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        catalogue.declare(&Manifest {
            signing_secret: Some("SIGNING_SECRET"),
            settings: &lines.join("\n"),
            secrets: &[("SIGNING_SECRET", &secret)],
            scheme: Some(&format!("{{ {} }}", lines.join(", "))),
            ..Manifest::default()
        });
        catalogue.machine.set_secret(ADAPTER, "SIGNING_SECRET", &secret);
        let names = catalogue.add(std::slice::from_ref(&id));
        catalogue.publish();
        let trace = catalogue.replayed(&names).remove(0);
        assert_eq!(trace["summary"]["status"], 200, "{id}: {trace:#}");
        let is_signed = settings.get("algorithm").is_none_or(|algorithm| algorithm != "token");
        if is_signed {
            assert_eq!(catalogue.forged(&names[0], |body| body.push(b' ')), 401, "{id} with a changed body");
        }
    }
}

#[test]
fn settings_that_do_not_fit_are_named_with_their_place() {
    let receiver = Receiver::new("custom", include_str!("providers/custom.js"), &Manifest::default());
    for (settings, message) in [
        ("header = \"X Signature\"", "6:10: The setting `header` of `custom` is not the name of an HTTP header"),
        ("heder = \"X-Signature\"", "6:9: `custom` has no setting `heder`"),
        ("header = { binding = \"ABSENT\" }", "6:10: the setting `header` names `ABSENT`"),
    ] {
        receiver.declare(&Manifest { settings, ..Manifest::default() });
        let error = receiver.machine.error(&["publish", ADAPTER], 1);
        assert_eq!(error["code"], "workspace.broken_file", "{error}");
        assert!(text(&error["message"]).contains(message), "{error}");
        assert!(!error["hints"].as_array().expect("hints").is_empty(), "{error}");
    }
    let manifest = Manifest {
        settings: "header = \"X-Signature\"",
        signing_secret: Some("SIGNING_SECRET"),
        secrets: &[("SIGNING_SECRET", "")],
        scheme: Some("{ header = \"X-Signature\" }"),
        ..Manifest::default()
    };
    receiver.declare(&manifest);
    receiver.add(&["custom/plain-text".to_owned()]);
    let error = receiver.machine.error(&["replay", ADAPTER], 1);
    assert_eq!(error["code"], "replay.no_signing_secret", "{error}");
}

#[test]
fn samples_are_found_shown_and_added_from_what_people_can_copy() {
    let receiver = Receiver::new("slack", include_str!("providers/slack.js"), &Manifest::default());
    let machine = &receiver.machine;
    let all = machine.json(&["sample", "search"]);
    assert!(all.as_array().expect("a list").len() >= 60, "the catalogue has {}", all.as_array().map_or(0, Vec::len));
    let merged = machine.json(&["sample", "search", "merged", "pull"]);
    assert_eq!(merged[0]["id"], "github/pull-request-merged", "{merged:#}");
    assert_eq!(machine.json(&["sample", "search", "no-such-word"]), json!([]));
    assert_eq!(machine.json(&["sample", "show", "slack/message"])["sample"]["provider"], "slack");

    let curl = "curl https://hooks.example.com/slack?team=T1 -H 'Content-Type: application/json' \\\n\
        -H 'X-Slack-Signature: v0=00' -H 'X-Slack-Request-Timestamp: 1' -H 'Cookie: session=1' -d '{\"type\":\"event_callback\"}'";
    let raw = "POST /github HTTP/1.1\r\nHost: hooks.example.com\r\nX-GitHub-Event: push\r\nX-Hub-Signature-256: sha256=00\r\n\
        Content-Length: 2\r\n\r\n{}";
    let har = json!({ "request": { "method": "POST", "url": "https://hooks.example.com/", "headers":
        [{ "name": "Stripe-Signature", "value": "t=1,v1=00" }], "postData": { "text": "{\"type\":\"invoice.paid\"}" } } });
    for (name, pasted, provider) in
        [("copied", curl, "slack"), ("captured", raw, "github"), ("recorded", &har.to_string(), "stripe")]
    {
        let result = machine.patchbay(&["--json", "sample", "add", ADAPTER, name]).stdin(pasted).run();
        result.success();
        let added: Value = serde_json::from_str(&result.stdout).unwrap_or_else(|error| panic!("{error}: {result}"));
        assert_eq!((&added["name"], &added["provider"]), (&json!(name), &json!(provider)), "{added:#}");
        let other = !added["remarks"].as_array().expect("a list").is_empty();
        assert_eq!(other, provider != "slack", "a sample of another sender is remarked on: {added:#}");
    }
    let copied = machine.json(&["sample", "show", ADAPTER, "copied"]);
    assert_eq!(copied["sample"]["path"], "/slack?team=T1", "{copied:#}");
    assert_eq!(copied["sample"]["headers"]["X-Slack-Signature"], "{{signature}}", "{copied:#}");
    assert!(!copied.to_string().contains("session=1"), "credentials stay out of the file");
    let list = machine.json(&["sample", "list", ADAPTER]);
    let names: Vec<&Value> = list["samples"].as_array().expect("a list").iter().map(|sample| &sample["name"]).collect();
    assert_eq!(names, ["captured", "copied", "recorded"]);

    let error = machine.error(&["sample", "add", ADAPTER, "copied", "--from", "slack/message"], 1);
    assert!(text(&error["hints"][0]).contains("--replace"), "{error}");
    machine.run(&["sample", "add", ADAPTER, "copied", "--from", "slack/message", "--replace"]).success();
    let unknown = machine.error(&["sample", "show", "slack/nothing"], 1);
    assert_eq!(unknown["code"], "replay.unknown_sample", "{unknown}");
    let file = machine.home().join("nonsense.txt");
    std::fs::write(&file, "hello").expect("the home is writable");
    let nonsense = machine.error(&["sample", "add", ADAPTER, "--file", &file.display().to_string()], 1);
    assert_eq!(nonsense["code"], "replay.invalid_sample", "{nonsense}");
}

/// A private key of a subscriber, made here so that no such text stands in a file.
fn rsa_private_key() -> String {
    let script = "process.stdout.write(require('node:crypto').generateKeyPairSync('rsa', { modulusLength: 2048, \
        publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }).privateKey)";
    let made = Command::new("node").args(["-e", script]).output().expect("node is installed, as CONTRIBUTING.md says");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).expect("PEM is text")
}
