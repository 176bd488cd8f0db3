//! What each provider signs, answers to and does next.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpResponse, Secret};
use patchbay_webhooks::{
    Credentials, Failure, Handshake, Moment, Prepared, ProviderSettings, Reaction, Refusal, SenderKeys, Signing,
    Verdict, prepare_as, prepare_retry, providers,
};
use serde_json::{Value, json};
use time::macros::datetime;

const BASE: &str = "http://127.0.0.1:8787";

fn moment() -> Moment {
    Moment { now: datetime!(2026-11-21 08:30:00.250 UTC), uuid: "5f0e3c1a-0000-4000-8000-000000000001".into() }
}

fn sample(value: Value) -> Sample {
    serde_json::from_value(value).expect("a sample")
}

fn settings(provider: &str, value: &Value) -> ProviderSettings {
    ProviderSettings::new(provider, value).expect("settings")
}

fn prepared(sample: &Sample, credentials: &Credentials<'_>) -> Prepared {
    prepare_as(sample, BASE, credentials, &moment()).expect("a request")
}

fn verdict(provider: &str, prepared: &Prepared, credentials: &Credentials<'_>) -> Verdict {
    providers::find(provider).expect("a provider").verify(&prepared.request, credentials, moment().now)
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
    let headers: HttpMessageHeaders = headers.iter().copied().collect();
    HttpResponse { status, headers, body: body.to_owned().into() }
}

#[test]
fn teams_signs_with_the_decoded_key_and_refuses_the_key_taken_as_text() {
    let key = STANDARD.encode("example-teams-hmac-key-not-real!");
    let (secret, as_text) = (Secret::new(&key), Secret::new(STANDARD.encode(&key)));
    let (right, wrong) = (Credentials::of_secret(Some(&secret)), Credentials::of_secret(Some(&as_text)));
    let mention = sample(json!({
        "provider": "teams", "event": "message",
        "body": { "id": "1760000400123", "conversation": { "id": "19:a@thread.tacv2" }, "text": "<at>Log</at> “jam”" }
    }));
    let signed = prepared(&mention, &right);
    assert_eq!(signed.signing, Signing::Signed);
    let provider = providers::find("teams").expect("teams");
    assert_eq!(provider.event_id(&signed.request).as_deref(), Some("19:a@thread.tacv2/1760000400123"));
    assert_eq!(verdict("teams", &prepared(&mention, &wrong), &right), Verdict::Refused(Refusal::Mismatch));
    assert_eq!(provider.reaction(&signed.request, &answer(500, &[], "")), Reaction::Dropped);
    let plain = Secret::new("not base64 at all");
    let error = prepare_as(&mention, BASE, &Credentials::of_secret(Some(&plain)), &moment()).expect_err("a bad secret");
    assert!(error.to_string().starts_with("The signing secret cannot sign as `teams`: it is not base64"), "{error}");
}

#[test]
fn paypal_is_verified_with_the_certificates_key_the_webhook_id_and_an_unsigned_checksum() {
    let keys = SenderKeys::generate();
    let event = sample(json!({
        "provider": "paypal", "event": "PAYMENT.CAPTURE.COMPLETED",
        "headers": { "PAYPAL-TRANSMISSION-ID": "{{uuid}}", "PAYPAL-TRANSMISSION-SIG": "{{signature}}" },
        "body": { "id": "WH-EXAMPLE", "summary": "Zażółć 49.90" }
    }));
    let ours = settings("paypal", &json!({ "webhook_id": "EXAMPLEWEBHOOK" }));
    let credentials = Credentials::of_secret(None).with_settings(&ours).with_sender(&keys);
    let signed = prepared(&event, &credentials);
    assert_eq!(signed.signing, Signing::Signed);
    assert_eq!(signed.request.headers.get("PAYPAL-TRANSMISSION-TIME"), Some("2026-11-21T08:30:00Z"));
    let certificate = providers::paypal::certificate_pem(&keys).expect("a certificate");
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE-----"), "{certificate}");

    let other_id = settings("paypal", &json!({ "webhook_id": "OTHER" }));
    assert_eq!(
        verdict("paypal", &signed, &credentials.with_settings(&other_id)),
        Verdict::Refused(Refusal::Mismatch),
        "the webhook id is part of what is signed"
    );
    let stranger = SenderKeys::generate();
    assert_eq!(verdict("paypal", &signed, &credentials.with_sender(&stranger)), Verdict::Refused(Refusal::Mismatch));

    let mut foreign = event.clone();
    foreign.headers.insert("PAYPAL-CERT-URL".into(), "https://evil.example/cert.pem".into());
    assert_eq!(prepared(&foreign, &credentials).signing, Signing::SignedToBeRefused(Refusal::ForeignCertificate));

    // Half of all bodies have a checksum whose highest bit is set; taken as a signed number it must not verify.
    let high =
        (0..1000).map(|number| format!("{{\"n\":{number}}}")).find(|body| crc32fast::hash(body.as_bytes()) >> 31 == 1);
    let mut high_bit = event.clone();
    high_bit.body_text = high;
    let mut forged = prepared(&high_bit, &credentials);
    assert_eq!(forged.signing, Signing::Signed);
    let checksum = crc32fast::hash(&forged.request.body).cast_signed();
    let text = format!("{}|2026-11-21T08:30:00Z|EXAMPLEWEBHOOK|{checksum}", moment().uuid);
    forged.request.headers.set("PAYPAL-TRANSMISSION-SIG", STANDARD.encode(keys.sign(text.as_bytes())));
    assert_eq!(verdict("paypal", &forged, &credentials), Verdict::Refused(Refusal::Mismatch));

    let nothing = prepared(&event, &Credentials::of_secret(None));
    assert_eq!(nothing.signing, Signing::NoSetting("webhook_id"));
    assert_eq!(nothing.signing.to_string(), "sent unsigned: the setting `webhook_id` is not set");
    let id_as_secret = Secret::new("EXAMPLEWEBHOOK");
    let by_secret = Credentials::of_secret(Some(&id_as_secret)).with_sender(&keys);
    assert_eq!(verdict("paypal", &signed, &by_secret), Verdict::Accepted);
}

#[test]
fn graph_asks_to_be_answered_with_the_decoded_token_alone() {
    let validation = sample(json!({
        "provider": "graph", "event": "validation",
        "path": "/?validationToken=Validation%3A%20a%2Bb%20%3Cscript%3E%20%25%20%C3%A9"
    }));
    let request = prepared(&validation, &Credentials::of_secret(None));
    assert_eq!(request.signing, Signing::Unsigned);
    let provider = providers::find("graph").expect("graph");
    let token = "Validation: a+b <script> % é";
    assert_eq!(provider.handshake(&request.request), Some(Handshake::Challenge(token.into())));
    for (response, expected) in [
        (answer(200, &[("Content-Type", "text/plain; charset=utf-8")], token), Reaction::Delivered),
        (answer(200, &[("Content-Type", "text/html")], token), Reaction::HandshakeRefused),
        (
            answer(200, &[("Content-Type", "application/json")], &json!({ "challenge": token }).to_string()),
            Reaction::HandshakeRefused,
        ),
        (answer(202, &[("Content-Type", "text/plain")], token), Reaction::HandshakeRefused),
    ] {
        assert_eq!(provider.reaction(&request.request, &response), expected, "{response:?}");
    }
}

#[test]
fn graph_compares_the_client_state_of_every_item() {
    let secret = Secret::new("example-client-state");
    let credentials = Credentials::of_secret(Some(&secret));
    let mut batch = sample(json!({
        "provider": "graph", "event": "message.created",
        "body": { "value": [{ "id": "n1", "clientState": "{{client_state}}" }, { "id": "n2", "clientState": "{{client_state}}" }] }
    }));
    let good = prepared(&batch, &credentials);
    assert_eq!(good.signing, Signing::Unsigned, "a text that a stranger could have seen is no signature");
    assert_eq!(providers::find("graph").expect("graph").event_id(&good.request).as_deref(), Some("n1,n2"));
    batch.body.as_mut().expect("a body")["value"][1]["clientState"] = "guessed".into();
    assert_eq!(prepared(&batch, &credentials).signing, Signing::SignedToBeRefused(Refusal::Mismatch));
    assert_eq!(prepared(&batch, &Credentials::of_secret(None)).signing, Signing::NoSecret);
}

#[test]
fn graph_encrypts_the_resource_and_vouches_for_the_notification() {
    let (entra, subscriber, secret) =
        (SenderKeys::generate(), SenderKeys::generate(), Secret::new("example-client-state"));
    let plain = json!({ "id": "1760000500001", "body": { "content": "<p>größe 🖨️</p>" } });
    let rich = sample(json!({
        "provider": "graph", "event": "message.created.rich",
        "body": {
            "value": [{
                "clientState": "{{client_state}}", "tenantId": "directory-1",
                "encryptedContent": { "plain": plain, "encryptionCertificateId": "example" }
            }],
            "validationTokens": ["{{validation_token}}"]
        }
    }));
    let ours = settings(
        "graph",
        &json!({
            "application_id": "example-application",
            "encryption_certificate": subscriber.certificate_pem("hooks.example.com").expect("a certificate")
        }),
    );
    let credentials = Credentials::of_secret(Some(&secret)).with_settings(&ours).with_sender(&entra);
    let sent = prepared(&rich, &credentials);
    assert_eq!(sent.signing, Signing::Signed);
    let body: Value = serde_json::from_slice(&sent.request.body).expect("JSON");
    let content = &body["value"][0]["encryptedContent"];
    let opened = providers::graph::encrypted_content::open(content, &subscriber.to_pem()).expect("opened");
    assert_eq!(serde_json::from_slice::<Value>(&opened).expect("JSON"), plain);
    assert!(!String::from_utf8_lossy(&sent.request.body).contains("🖨"), "the resource must not be sent in clear");

    let other = settings("graph", &json!({ "application_id": "somebody-else" }));
    assert_eq!(verdict("graph", &sent, &credentials.with_settings(&other)), Verdict::Refused(Refusal::Claim("aud")));
    assert_eq!(verdict("graph", &sent, &credentials.with_sender(&subscriber)), Verdict::Refused(Refusal::Mismatch));
    let mut stripped = sent.clone();
    let mut without: Value = body.clone();
    without.as_object_mut().expect("an object").remove("validationTokens");
    stripped.request.body = without.to_string().into();
    assert_eq!(
        verdict("graph", &stripped, &credentials),
        Verdict::Refused(Refusal::Mismatch),
        "a rich notification without tokens must not pass as a basic one"
    );
    assert_eq!(prepared(&rich, &Credentials::of_secret(Some(&secret))).signing, Signing::NoSetting("application_id"));
}

#[test]
fn pagerduty_accepts_any_entry_of_a_rotation_and_drops_what_4xx_answers() {
    let secret = Secret::new("example-signing-secret");
    let credentials = Credentials::of_secret(Some(&secret));
    let rotated = sample(json!({
        "provider": "pagerduty", "event": "incident.triggered",
        "headers": { "X-PagerDuty-Signature": "v1=00,v1={{signature}}", "X-Webhook-Id": "{{uuid}}" },
        "body": { "event": { "event_type": "incident.triggered" } }
    }));
    let signed = prepared(&rotated, &credentials);
    assert_eq!(signed.signing, Signing::Signed);
    let provider = providers::find("pagerduty").expect("pagerduty");
    assert_eq!(provider.event_id(&signed.request), Some(moment().uuid));
    for (status, expected) in [
        (202, Reaction::Delivered),
        (429, Reaction::Retried),
        (503, Reaction::Retried),
        (401, Reaction::Dropped),
        (301, Reaction::Dropped),
    ] {
        assert_eq!(provider.reaction(&signed.request, &answer(status, &[], "")), expected, "{status}");
    }
    let mut downgraded = rotated.clone();
    downgraded.headers.insert("X-PagerDuty-Signature".into(), "v0=00".into());
    assert!(matches!(
        prepared(&downgraded, &credentials).signing,
        Signing::SignedToBeRefused(Refusal::HeaderMalformed(_))
    ));
    let ping = sample(
        json!({ "provider": "pagerduty", "event": "pagey.ping", "body": { "event": { "event_type": "pagey.ping" } } }),
    );
    assert_eq!(provider.handshake(&prepared(&ping, &credentials).request), Some(Handshake::Ping));
}

#[test]
fn hubspot_signs_what_the_sample_has_headers_for() {
    let secret = Secret::new("example-client-secret");
    let credentials = Credentials::of_secret(Some(&secret));
    let event = |headers: Value| {
        sample(json!({
            "provider": "hubspot", "event": "contact.creation", "path": "/hook?tenant=a%3Ab", "headers": headers,
            "body": [{ "eventId": 1, "subscriptionId": 2, "occurredAt": "{{unix_ms:number}}", "attemptNumber": 0 }]
        }))
    };
    let both = prepared(&event(json!({})), &credentials);
    assert_eq!(both.signing, Signing::Signed);
    assert!(both.request.headers.get("X-HubSpot-Signature-v3").is_some());
    assert_eq!(both.request.headers.get("X-HubSpot-Signature-Version"), Some("v1"));
    let v2 = event(json!({ "X-HubSpot-Signature-Version": "v2", "X-HubSpot-Signature": "{{signature_v2}}" }));
    let plain = prepared(&v2, &credentials);
    assert_eq!(plain.signing, Signing::Signed);
    assert_eq!(plain.request.headers.get("X-HubSpot-Signature-v3"), None);

    let stale =
        event(json!({ "X-HubSpot-Request-Timestamp": "1795249000000", "X-HubSpot-Signature-v3": "{{signature}}" }));
    assert_eq!(prepared(&stale, &credentials).signing, Signing::SignedToBeRefused(Refusal::Stale { age_seconds: 800 }));

    let public = settings("hubspot", &json!({ "public_url": "https://hooks.example.com/" }));
    let elsewhere = credentials.with_settings(&public);
    let behind_proxy = prepared(&event(json!({})), &elsewhere);
    assert_eq!(verdict("hubspot", &behind_proxy, &credentials), Verdict::Refused(Refusal::Mismatch));
    let mut at_public = behind_proxy.clone();
    at_public.request.url = "https://hooks.example.com/hook?tenant=a%3Ab".into();
    assert_eq!(verdict("hubspot", &at_public, &credentials), Verdict::Accepted);

    let provider = providers::find("hubspot").expect("hubspot");
    let again = prepare_retry(&event(json!({})), BASE, &credentials, &moment(), 3, Failure::Timeout).expect("a retry");
    assert_eq!(again.signing, Signing::Signed, "the raised number is signed too");
    let body: Value = serde_json::from_slice(&again.request.body).expect("JSON");
    assert_eq!(body[0]["attemptNumber"], 3);
    assert_eq!(provider.event_id(&again.request), provider.event_id(&both.request), "the id survives the retry");
    assert_eq!(provider.event_id(&both.request).as_deref(), Some("1-2-1795249800250"));
    assert_eq!(provider.retry_schedule().at_most, Some(10));
}

#[test]
fn salesforce_is_known_by_its_organisation_and_nothing_else() {
    let ours = settings("salesforce", &json!({ "organization_id": "00D000000000EXAMPL" }));
    let credentials = Credentials::of_secret(None).with_settings(&ours);
    let message = |organization: &str| {
        sample(json!({
            "provider": "salesforce", "event": "outbound_message.Lead",
            "headers": { "Content-Type": "text/xml; charset=utf-8" },
            "body_text": format!(
                "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
                 <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><OrganizationId>{organization}</OrganizationId>\
                 <Notification><Id>04l1</Id></Notification><Notification><Id>04l2</Id></Notification>\
                 </notifications></e:Body></e:Envelope>"
            )
        }))
    };
    let sent = prepared(&message("{{organization_id}}"), &credentials);
    assert_eq!(sent.signing, Signing::Unsigned);
    let provider = providers::find("salesforce").expect("salesforce");
    assert!(provider.event_id(&sent.request).is_some_and(|id| id.starts_with("batch-")));
    assert_eq!(
        prepared(&message("00D000000000OTHERX"), &credentials).signing,
        Signing::SignedToBeRefused(Refusal::Mismatch)
    );
    assert_eq!(prepared(&message("x"), &Credentials::of_secret(None)).signing, Signing::NoSetting("organization_id"));
    let acknowledged = answer(200, &[], providers::salesforce::ACKNOWLEDGEMENT);
    assert_eq!(provider.reaction(&sent.request, &acknowledged), Reaction::Delivered);
}

#[test]
fn standard_webhooks_sign_one_entry_for_each_key() {
    let seed = STANDARD.encode([7; 32]);
    let public = STANDARD.encode(ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes());
    let symmetric = format!("whsec_{}", STANDARD.encode("example-secret-not-real!"));
    let both = Secret::new(format!("{symmetric} whsk_{seed}"));
    let event = sample(
        json!({ "provider": "standard-webhooks", "event": "contact.created", "body": { "type": "contact.created" } }),
    );
    let signed = prepared(&event, &Credentials::of_secret(Some(&both)));
    assert_eq!(signed.signing, Signing::Signed);
    let header = signed.request.headers.get("webhook-signature").expect("a signature").to_owned();
    assert!(header.starts_with("v1,") && header.contains(" v1a,"), "{header}");
    for key in [symmetric.clone(), format!("whsk_{seed}")] {
        let one = Secret::new(key);
        assert_eq!(verdict("standard-webhooks", &signed, &Credentials::of_secret(Some(&one))), Verdict::Accepted);
    }
    let receiver = Secret::new(format!("whpk_{public}"));
    let credentials = Credentials::of_secret(Some(&receiver));
    assert_eq!(verdict("standard-webhooks", &signed, &credentials), Verdict::Accepted);
    let mut tampered = signed.clone();
    tampered.request.body = "{}".into();
    assert_eq!(verdict("standard-webhooks", &tampered, &credentials), Verdict::Refused(Refusal::Mismatch));
    let mut thousands = signed.clone();
    let entry = header.rsplit(' ').next().expect("an entry").replace("v1a,", "v1a,AAAA");
    thousands.request.headers.set("webhook-signature", vec![entry; 10_000].join(" "));
    assert_eq!(verdict("standard-webhooks", &thousands, &credentials), Verdict::Refused(Refusal::Mismatch));

    for (secret, reason) in [
        (
            format!("whpk_{public}"),
            "it is another sender's public key; use that of the simulated sender (`patchbay sample providers` shows it)",
        ),
        ("whsk_AAAA".into(), "it is not an Ed25519 key of 32 or 64 bytes in base64 after the prefix `whsk_`"),
        (format!("whsk_{}", STANDARD.encode([7; 64])), "its public half does not belong to its private half"),
    ] {
        let secret = Secret::new(secret);
        let error = prepare_as(&event, BASE, &Credentials::of_secret(Some(&secret)), &moment()).expect_err(reason);
        assert!(error.to_string().ends_with(reason), "{error}");
    }
    let sender = SenderKeys::from_seed([9; 32]);
    let receiver = Secret::new(sender.standard_webhooks_public_key());
    let credentials = Credentials::of_secret(Some(&receiver)).with_sender(&sender);
    let by_the_sender = prepare_as(&event, BASE, &credentials, &moment()).expect("signed with the sender's own key");
    assert_eq!(by_the_sender.signing, Signing::Signed);
    let header = by_the_sender.request.headers.get("webhook-signature").expect("a signature");
    assert!(header.starts_with("v1a,"), "{header}");
    let provider = providers::find("standard-webhooks").expect("standard-webhooks");
    assert_eq!(provider.reaction(&signed.request, &answer(410, &[], "")), Reaction::Disabled);
}

#[test]
fn custom_senders_sign_as_their_settings_say() {
    let event = sample(
        json!({ "provider": "custom", "event": "e", "headers": { "X-Event-Id": "{{uuid}}" }, "body_text": "Hello, World!" }),
    );
    let secret = Secret::new("It's a Secret to Everybody");
    for (given, header, value) in [
        (
            json!({ "header": "X-Hub-Signature-256", "prefix": "sha256=" }),
            "X-Hub-Signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        ),
        (json!({ "header": "X-Gitlab-Token", "algorithm": "token" }), "X-Gitlab-Token", "It's a Secret to Everybody"),
        (json!({ "header": "X-Sig", "encoding": "base64" }), "X-Sig", "dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc="),
    ] {
        let ours = settings("custom", &given);
        let credentials = Credentials::of_secret(Some(&secret)).with_settings(&ours);
        let signed = prepared(&event, &credentials);
        assert_eq!(signed.signing, Signing::Signed);
        assert_eq!(signed.request.headers.get(header), Some(value));
        let other = Secret::new("another");
        let stranger = Credentials::of_secret(Some(&other)).with_settings(&ours);
        assert_eq!(verdict("custom", &signed, &stranger), Verdict::Refused(Refusal::Mismatch));
        assert_eq!(providers::find("custom").expect("custom").event_id(&signed.request), Some(moment().uuid));
    }
    for algorithm in ["hmac-sha1", "hmac-sha512"] {
        let ours = settings(
            "custom",
            &json!({
                "header": "X-Sig", "algorithm": algorithm, "timestamp_header": "X-Time", "separator": ":", "tolerance_seconds": 60
            }),
        );
        let credentials = Credentials::of_secret(Some(&secret)).with_settings(&ours);
        let signed = prepared(&event, &credentials);
        assert_eq!(signed.signing, Signing::Signed, "{algorithm}");
        let late = moment().now + time::Duration::seconds(61);
        assert_eq!(
            providers::find("custom").expect("custom").verify(&signed.request, &credentials, late),
            Verdict::Refused(Refusal::Stale { age_seconds: 61 })
        );
    }
    let ours = settings("custom", &json!({ "header": "X-Sig", "key_encoding": "hex" }));
    let error = prepare_as(&event, BASE, &Credentials::of_secret(Some(&secret)).with_settings(&ours), &moment());
    assert!(error.expect_err("not hexadecimal").to_string().contains("`key_encoding`"));
    assert_eq!(prepared(&event, &Credentials::of_secret(Some(&secret))).signing, Signing::NoSetting("header"));
    assert_eq!(prepared(&event, &Credentials::of_secret(None).with_settings(&ours)).signing, Signing::NoSecret);
}
