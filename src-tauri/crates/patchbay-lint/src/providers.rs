//! What the rules know of the senders of webhooks.

/// A sender that signs, and the header (lower case) that carries the signature.
pub(crate) struct Provider {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) signature_header: &'static str,
    /// What to verify, for the help text.
    pub(crate) scheme: &'static str,
    /// Where the time of signing stands, and how old it may be; nothing where the provider signs no time.
    pub(crate) signed_time: Option<&'static str>,
    /// Seconds after which the provider gives up waiting and sends again; nothing where it publishes none.
    pub(crate) deadline_seconds: Option<u32>,
}

/// Signature schemes and deadlines as the providers document them; Teams signs in `authorization`, which says nothing by itself.
pub(crate) const PROVIDERS: &[Provider] = &[
    Provider {
        id: "slack",
        name: "Slack",
        signature_header: "x-slack-signature",
        scheme: "HMAC-SHA256 over `v0:{timestamp}:{body bytes}` against `x-slack-signature`",
        signed_time: Some(
            "refuse what `x-slack-request-timestamp` says is more than 300 seconds away from `Date.now() / 1000`",
        ),
        deadline_seconds: Some(3),
    },
    Provider {
        id: "stripe",
        name: "Stripe",
        signature_header: "stripe-signature",
        scheme: "HMAC-SHA256 over `{t}.{body bytes}` against each `v1` of `stripe-signature`",
        signed_time: Some(
            "refuse what `t` of `stripe-signature` says is more than 300 seconds older than `Date.now() / 1000`",
        ),
        deadline_seconds: None,
    },
    Provider {
        id: "github",
        name: "GitHub",
        signature_header: "x-hub-signature-256",
        scheme: "HMAC-SHA256 over the body bytes against `x-hub-signature-256`",
        signed_time: None,
        deadline_seconds: Some(10),
    },
    Provider {
        id: "pagerduty",
        name: "PagerDuty",
        signature_header: "x-pagerduty-signature",
        scheme: "HMAC-SHA256 over the body bytes against each `v1` of `x-pagerduty-signature`",
        signed_time: None,
        deadline_seconds: Some(5),
    },
    Provider {
        id: "hubspot",
        name: "HubSpot",
        signature_header: "x-hubspot-signature-v3",
        scheme: "HMAC-SHA256 over `{method}{uri}{body}{timestamp}` against `x-hubspot-signature-v3`",
        signed_time: Some(
            "refuse what `x-hubspot-request-timestamp` says is more than 300,000 milliseconds older than `Date.now()`",
        ),
        deadline_seconds: Some(5),
    },
    Provider {
        id: "paypal",
        name: "PayPal",
        signature_header: "paypal-transmission-sig",
        scheme: "RSA-SHA256 over `{id}|{time}|{webhook id}|{crc32 of the body}` against `paypal-transmission-sig`",
        signed_time: None,
        deadline_seconds: None,
    },
    Provider {
        id: "standard-webhooks",
        name: "Standard Webhooks",
        signature_header: "webhook-signature",
        scheme: "HMAC-SHA256 over `{id}.{timestamp}.{body bytes}` against `webhook-signature`",
        signed_time: Some(
            "refuse what `webhook-timestamp` says is more than 300 seconds away from `Date.now() / 1000`",
        ),
        deadline_seconds: None,
    },
    Provider {
        id: "teams",
        name: "Teams",
        signature_header: "authorization",
        scheme: "HMAC-SHA256 over the body bytes, with the base64-decoded token, against `authorization`",
        signed_time: None,
        deadline_seconds: Some(5),
    },
];

/// The provider with an id.
pub(crate) fn provider(id: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.id == id)
}

/// The provider that signs in a header of this name (lower case).
pub(crate) fn signing_with(header: &str) -> Option<&'static Provider> {
    // The older SHA-1 header of GitHub and the v1 header of HubSpot mean the same senders.
    let header = match header {
        "x-hub-signature" => "x-hub-signature-256",
        "x-hubspot-signature" => "x-hubspot-signature-v3",
        header => header,
    };
    PROVIDERS.iter().find(|provider| provider.signature_header == header && header != "authorization")
}
