//! Pasted requests become samples that can be sent at any time.

use patchbay_core::sample::{Sample, WireStyle};
use patchbay_core::{Hints, Secret};
use patchbay_webhooks::parse::{self, parse};
use patchbay_webhooks::{Credentials, Moment, Pasted, Signing, prepare, providers};
use serde_json::json;
use time::macros::datetime;

fn moment() -> Moment {
    Moment { now: datetime!(2026-11-21 08:30 UTC), uuid: "5f0e3c1a-0000-4000-8000-000000000001".into() }
}

fn pasted(text: &str) -> Pasted {
    parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn sent_body(sample: &Sample) -> String {
    let prepared = prepare(sample, "http://127.0.0.1:8787", None, &moment()).expect("a request");
    String::from_utf8(prepared.request.body.to_vec()).expect("text")
}

#[test]
fn a_copied_curl_command_becomes_a_slack_sample_that_is_signed_anew() {
    let body = r#"{"event":{"type":"message","text":"caf\u00e9 <https:\/\/example.com>"},"event_id":"Ev1"}"#;
    let command = format!(
        "$ curl 'https://hooks.example.com/slack?tenant=a' \\\n  -X POST -H 'Content-Type: application/json' \\\n  \
         -H 'X-Slack-Request-Timestamp: 1531420618' -H 'X-Slack-Signature: v0=00' -H 'Cookie: a=b' \\\n  \
         -H 'Host: hooks.example.com' -sSL --compressed -m 10 --data-raw '{body}'"
    );
    let Pasted { sample, left_out } = pasted(&command);
    assert_eq!((sample.provider.as_str(), sample.event.as_str()), ("slack", "message"));
    assert_eq!(sample.path.as_deref(), Some("/slack?tenant=a"));
    assert_eq!(sample.wire, WireStyle::SlackEscaped, "the escapes are the sender's");
    assert_eq!(sample.body_text, None);
    assert_eq!(sent_body(&sample), body);
    assert_eq!(
        json!(sample.headers),
        json!({ "Content-Type": "application/json", "X-Slack-Request-Timestamp": "{{unix_ts}}", "X-Slack-Signature": "{{signature}}" })
    );
    assert_eq!(left_out, ["Cookie"]);
    let secret = Secret::new("example-signing-secret");
    let prepared = prepare(&sample, "http://127.0.0.1:8787", Some(&secret), &moment()).expect("a request");
    assert_eq!(prepared.signing, Signing::Signed);
    let written = serde_json::to_string(&sample).expect("JSON");
    assert_eq!(serde_json::from_str::<Sample>(&written).expect("a sample"), sample, "the sample survives its file");
}

#[test]
fn curl_options_mean_what_they_mean_to_curl() {
    for (command, method, path, kind, body) in [
        ("curl example.com", "GET", None, None, ""),
        (
            "curl -d a=1 -d b=2 https://example.com/x",
            "POST",
            Some("/x"),
            Some("application/x-www-form-urlencoded"),
            "a=1&b=2",
        ),
        ("curl --json '{\"a\":1}' https://example.com/", "POST", None, Some("application/json"), "{\"a\":1}"),
        (
            "curl -G --data-urlencode 'q=a b&ü' https://example.com/s?x=1",
            "GET",
            Some("/s?x=1&q=a%20b%26%C3%BC"),
            None,
            "",
        ),
        (
            "curl -XPUT --url https://example.com/ -H 'Content-Type: text/plain' --data-binary $'a\\n@b'",
            "PUT",
            None,
            Some("text/plain"),
            "a\n@b",
        ),
        ("curl -I https://example.com/", "HEAD", None, None, ""),
        (
            "curl -H 'Content-Type:' -H 'X-Empty;' https://example.com/ --data-raw @x",
            "POST",
            None,
            Some("application/x-www-form-urlencoded"),
            "@x",
        ),
    ] {
        let sample = pasted(command).sample;
        assert_eq!((sample.method.as_str(), sample.path.as_deref()), (method, path), "{command}");
        assert_eq!(sample.headers.get("Content-Type").and_then(|kind| kind.as_str()), kind, "{command}");
        assert_eq!(sent_body(&sample), body, "{command}");
    }
}

#[test]
fn broken_curl_commands_are_refused_where_they_break() {
    for (command, expected) in [
        ("curl", "line 1, column 1: the command has no URL"),
        ("curl -H", "line 1, column 6: `-H` needs a value"),
        ("curl -H nocolon https://example.com", "line 1, column 6: `nocolon` is not a header such as `Name: value`"),
        ("curl --frobnicate x https://example.com", "line 1, column 6: the option `--frobnicate` is not known"),
        ("curl -sQ https://example.com", "line 1, column 6: the option `-Q` is not known"),
        (
            "curl https://a.example https://b.example",
            "line 1, column 24: `https://b.example` is a second URL; a sample is one request",
        ),
        (
            "curl -d @body.json https://example.com",
            "line 1, column 6: the data stands in the file `body.json`, which is not read",
        ),
        (
            "curl \\\n  -F a=b https://example.com",
            "line 2, column 3: multipart forms are not read; paste the raw HTTP request instead",
        ),
        ("curl https://example.com | jq .", "line 1, column 26: outside of quotes, `|` ends the command in a shell"),
    ] {
        let error = parse(command).expect_err(command);
        assert_eq!(error.to_string(), format!("The curl command cannot be read at {expected}"));
        assert!(!error.hints().is_empty());
    }
    assert_eq!(parse(" \n").expect_err("empty").to_string(), "The text is empty");
    let url = parse("curl 'https://exa mple.com'").expect_err("a bad URL");
    assert_eq!(url.to_string(), "The URL of the request cannot be read");
    assert!(std::error::Error::source(&url).is_some(), "the cause is kept");
}

#[test]
fn a_raw_request_keeps_its_bytes() {
    let pretty = "{\n  \"id\": \"evt_1\",\n  \"type\": \"invoice.paid\"\n}";
    let raw = format!(
        "POST /hook?x=1 HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Type: application/json\r\n\
         Stripe-Signature: t=1,v1=00\r\nContent-Length: {}\r\nX-Multi: a\r\nx-multi: b\r\n\r\n{pretty}\r\n",
        pretty.len()
    );
    let sample = pasted(&raw).sample;
    assert_eq!((sample.provider.as_str(), sample.event.as_str()), ("stripe", "invoice.paid"));
    assert_eq!((sample.wire, sent_body(&sample).as_str()), (WireStyle::Pretty2, pretty));
    assert_eq!(sample.headers["Stripe-Signature"], "t={{unix_ts}},v1={{signature}}");
    assert_eq!(sample.headers["X-Multi"], "a, b");

    let odd = "{ \"number\": 1.0, \"big\": 1e400 }";
    let sample = pasted(&format!("POST / HTTP/1.1\nContent-Type: application/json\n\n{odd}\n")).sample;
    assert_eq!((sample.wire, sample.body_text.as_deref()), (WireStyle::Raw, Some(odd)), "no style writes this");
    assert_eq!(pasted("GET https://example.com/a?validationToken=x").sample.event, "validation");
}

#[test]
fn broken_raw_requests_are_refused_by_line() {
    for (text, expected) in [
        ("hello", "line 1: `hello` is not a request line such as `POST /path HTTP/1.1`"),
        ("\npost / HTTP/1.1", "line 2: `post` is not an HTTP method"),
        ("POST hook HTTP/1.1", "line 1: `hook` is neither a path nor a URL"),
        ("POST / HTTP/1.1 x", "line 1: after method and path, only the version such as `HTTP/1.1` may follow"),
        (
            "POST / HTTP/1.1\nA: b\n{\"a\":1}",
            "line 3: `{\"a\":1}` is not a header such as `Name: value`; the body starts after an empty line",
        ),
        ("POST / HTTP/1.1\nA: b\n c", "line 3: a header is continued on a second line, which HTTP no longer allows"),
        ("POST / HTTP/1.1\nContent-Length: 9\n\nabc", "line 4: `Content-Length` says 9 bytes, but the body has 3"),
        ("POST / HTTP/1.1\nContent-Length: 1\n\nabc", "line 4: `Content-Length` says 1 bytes, but the body has 3"),
        (
            "POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\n",
            "line 4: the body is in chunks; paste it in one piece and remove `Transfer-Encoding`",
        ),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.to_string(), format!("The HTTP request cannot be read at {expected}"));
    }
}

#[test]
fn a_har_entry_becomes_a_sample_and_a_whole_har_all_of_its_entries() {
    let request = json!({
        "method": "POST", "url": "https://hooks.example.com/github",
        "headers": [
            { "name": ":authority", "value": "hooks.example.com" }, { "name": "X-GitHub-Event", "value": "issues" },
            { "name": "X-GitHub-Delivery", "value": "d" }, { "name": "X-Hub-Signature-256", "value": "sha256=00" },
            { "name": "Authorization", "value": "Bearer example" }
        ],
        "postData": { "mimeType": "application/json", "text": "{\"action\":\"opened\"}" }
    });
    let form = json!({ "request": { "method": "POST", "url": "https://example.com/", "headers": [], "postData": {
        "mimeType": "application/x-www-form-urlencoded", "params": [{ "name": "a b", "value": "ü" }]
    } } });
    for text in [
        request.to_string(),
        json!({ "request": request }).to_string(),
        json!({ "log": { "entries": [{ "request": request }] } }).to_string(),
    ] {
        let Pasted { sample, left_out } = pasted(&text);
        assert_eq!((sample.provider.as_str(), sample.event.as_str()), ("github", "issues.opened"));
        assert_eq!(sample.headers["X-GitHub-Delivery"], "{{uuid}}");
        assert_eq!(sample.headers["Content-Type"], "application/json");
        assert_eq!(left_out, ["Authorization"]);
        assert!(!serde_json::to_string(&sample).expect("JSON").contains("Bearer"));
    }
    let har = json!({ "log": { "entries": [{ "request": request }, form, { "request": { "method": "POST" } }] } })
        .to_string();
    let all = parse::har::entries(&har).expect("a HAR");
    assert_eq!(all.len(), 3);
    assert_eq!(all[1].as_ref().map(|pasted| pasted.sample.body_text.as_deref()).expect("a form"), Some("a+b=%C3%BC"));
    assert_eq!(
        all[2].as_ref().expect_err("no URL").to_string(),
        "The HAR cannot be read at `log.entries[2].request.url`: it is missing or not a text"
    );
    assert_eq!(
        parse(&har).expect_err("three").to_string(),
        "The HAR cannot be read at `log.entries`: there are 3 entries; paste the one that is to be the sample"
    );
    assert_eq!(
        parse("{\"a\":1}").expect_err("no HAR").to_string(),
        "The HAR cannot be read at `log.entries`: neither this nor `request` is there, so it is not a HAR"
    );
    assert_eq!(parse("{").expect_err("no JSON").to_string(), "The HAR is not JSON");
}

#[test]
fn every_sender_is_recognised_by_what_only_it_sends() {
    let soap = "<e:Envelope><notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><SessionId>live-session-value</SessionId><sObject xsi:type=\"sf:Lead\"/></notifications></e:Envelope>";
    for (header, body, provider, event) in [
        ("X-Slack-Signature: v0=0", "payload=%7B%22type%22%3A%22block_actions%22%7D", "slack", "block_actions"),
        ("X-Slack-Signature: v0=0", "command=%2Fincident&text=", "slack", "slash_command"),
        ("Authorization: HMAC AAAA", r#"{"type":"message"}"#, "teams", "message"),
        ("A: b", r#"{"value":[{"subscriptionId":"s","changeType":"created"}]}"#, "graph", "created"),
        (
            "PAYPAL-TRANSMISSION-SIG: x",
            r#"{"event_type":"PAYMENT.SALE.COMPLETED"}"#,
            "paypal",
            "PAYMENT.SALE.COMPLETED",
        ),
        ("X-GitHub-Event: push", "{}", "github", "push"),
        (
            "X-PagerDuty-Signature: v1=0",
            r#"{"event":{"event_type":"incident.triggered"}}"#,
            "pagerduty",
            "incident.triggered",
        ),
        ("X-HubSpot-Signature: 0", r#"[{"subscriptionType":"contact.creation"}]"#, "hubspot", "contact.creation"),
        ("webhook-signature: v1,0", r#"{"type":"contact.created"}"#, "standard-webhooks", "contact.created"),
        ("SOAPAction: \"\"", soap, "salesforce", "outbound_message.Lead"),
        ("X-My-Signature: abc", "text", "custom", "webhook"),
    ] {
        let Pasted { sample, left_out } = pasted(&format!("POST / HTTP/1.1\n{header}\n\n{body}"));
        assert_eq!((sample.provider.as_str(), sample.event.as_str()), (provider, event), "{header}");
        assert!(providers::find(provider).is_some());
        let file = serde_json::to_string(&sample).expect("JSON");
        assert!(!file.contains("live-session-value"), "a session id is a credential: {file}");
        assert_eq!(left_out.is_empty(), provider != "salesforce", "{left_out:?}");
    }
    let binary = parse::curl::parse("curl -d $'\\u0000' https://example.com").expect("text may hold NUL");
    assert_eq!(sent_body(&binary.sample), "\0");
    let har =
        json!({ "method": "POST", "url": "https://example.com", "postData": { "text": "//8=", "encoding": "base64" } });
    assert_eq!(
        parse(&har.to_string()).expect_err("binary").to_string(),
        "The body is not UTF-8 text: byte 0 does not belong there"
    );
    assert!(Credentials::of_secret(None).secret.is_empty());
}
