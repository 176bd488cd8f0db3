//! Who sent a captured request, and what it calls the event.

use patchbay_core::HttpMessageHeaders;
use serde_json::Value;
use url::Url;

const BY_HEADER: [(&str, &str); 11] = [
    ("x-slack-signature", "slack"),
    ("stripe-signature", "stripe"),
    ("x-github-event", "github"),
    ("x-hub-signature-256", "github"),
    ("paypal-transmission-sig", "paypal"),
    ("x-pagerduty-signature", "pagerduty"),
    ("x-hubspot-signature-v3", "hubspot"),
    ("x-hubspot-signature", "hubspot"),
    ("webhook-signature", "standard-webhooks"),
    ("x-slack-request-timestamp", "slack"),
    ("x-github-delivery", "github"),
];

/// The provider's id; `custom` when nothing tells.
pub fn provider_of(headers: &HttpMessageHeaders, url: &Url, body: &str) -> &'static str {
    if let Some((_, provider)) = BY_HEADER.iter().find(|(name, _)| headers.get(name).is_some()) {
        return provider;
    }
    if headers.get("authorization").is_some_and(|value| value.starts_with("HMAC ")) {
        return "teams";
    }
    if body.contains("http://soap.sforce.com/2005/09/outbound") {
        return "salesforce";
    }
    let json = json(body);
    let is_graph = json.pointer("/value/0/subscriptionId").is_some();
    if is_graph || url.query_pairs().any(|(name, _)| name == "validationToken") {
        return "graph";
    }
    "custom"
}

/// The provider's name of the event, or `webhook`.
pub fn event_of(provider: &str, headers: &HttpMessageHeaders, body: &str) -> String {
    let json = json(body);
    let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let event = match provider {
        "slack" => slack_event(&json, body),
        "github" => headers.get("x-github-event").map(|event| match text("/action") {
            Some(action) => format!("{event}.{action}"),
            None => event.to_owned(),
        }),
        "paypal" => text("/event_type"),
        "pagerduty" => text("/event/event_type"),
        "hubspot" => text("/0/subscriptionType"),
        "graph" if body.is_empty() => Some("validation".into()),
        "graph" => text("/value/0/lifecycleEvent").or_else(|| text("/value/0/changeType")),
        "salesforce" => body
            .split_once("xsi:type=\"sf:")
            .and_then(|(_, rest)| rest.split('"').next())
            .map(|object| format!("outbound_message.{object}")),
        _ => text("/type").or_else(|| text("/event_type")).or_else(|| text("/event")),
    };
    event.filter(|event| !event.is_empty()).unwrap_or_else(|| "webhook".into())
}

/// Events are JSON, interactions JSON in the form field `payload`, commands a form.
fn slack_event(json: &Value, body: &str) -> Option<String> {
    let text = |json: &Value, pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    if json.is_object() {
        return text(json, "/event/type").or_else(|| text(json, "/type"));
    }
    let mut fields = url::form_urlencoded::parse(body.as_bytes());
    fields.find_map(|(name, value)| match name.as_ref() {
        "payload" => text(&self::json(&value), "/type"),
        "command" => Some("slash_command".into()),
        _ => None,
    })
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
