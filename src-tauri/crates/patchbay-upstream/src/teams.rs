//! Microsoft Teams as a target: the URL of a Workflows (Power Automate) flow that posts Adaptive Cards.
//!
//! Facts: learn.microsoft.com (webhooks and connectors, Logic Apps request trigger), adaptivecards.io. The URL is the
//! credential (`sig` in its query). 202 with an empty body only means queued: what is wrong with a card shows when
//! the flow runs, which is why such cards are kept as late failures.

use crate::call::Call;
use crate::complaint::Complaint;
use crate::pace::Pace;
use crate::random_id::upper;
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, empty_response, json_response};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Largest message that Teams shows, in bytes.
const LARGEST_MESSAGE: usize = 28 * 1024;
const CARD: &str = "application/vnd.microsoft.card.adaptive";

/// One tenant's simulated Teams.
pub struct Teams {
    signature: ExpectedToken,
    pace: Pace,
    messages: Vec<Value>,
    failures: Vec<String>,
}

impl Default for Teams {
    fn default() -> Self {
        // Four messages a second is what Teams documents for the webhooks of a channel.
        Self {
            signature: ExpectedToken::default(),
            pace: Pace::new(4, Duration::seconds(1)),
            messages: Vec::new(),
            failures: Vec::new(),
        }
    }
}

impl Upstream for Teams {
    fn hosts(&self) -> Vec<&str> {
        vec!["*.logic.azure.com", "*.environment.api.powerplatform.com"]
    }

    /// The token is the URL's `sig`.
    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.signature.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return known(404);
        };
        let mut response = self.trigger(&call);
        response.headers.set("x-ms-workflow-run-id", upper("", 30));
        response
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        known(status)
    }

    fn kept(&self) -> Vec<Kept> {
        self.messages.iter().map(|message| Kept::new("message", message.clone())).collect()
    }

    fn lift_rate_limits(&mut self) {
        self.pace.lift();
    }

    fn late_failures(&self) -> Vec<String> {
        self.failures.clone()
    }
}

impl Teams {
    fn trigger(&mut self, call: &Call<'_>) -> HttpResponse {
        let segments = call.segments();
        let trigger = segments.iter().map(String::as_str).collect::<Vec<_>>();
        let workflow = match trigger.as_slice() {
            ["workflows", id, "triggers", "manual", "paths", "invoke", ..]
            | [
                "powerautomate",
                "automations",
                "direct",
                "workflows",
                id,
                "triggers",
                "manual",
                "paths",
                "invoke",
                ..,
            ] => *id,
            _ => return known(404),
        };
        if call.query("api-version").is_none() {
            return refusal(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            );
        }
        match call.query("sig").filter(|signature| !signature.is_empty()) {
            None => {
                return refusal(
                    401,
                    "DirectApiAuthorizationRequired",
                    "The request must be authenticated only by Shared Access scheme.",
                );
            }
            Some(signature) if !self.signature.admits(&signature) => return known(401),
            Some(_) => {}
        }
        if call.method() != "POST" {
            return known(404);
        }
        if let Err(early) = self.pace.take(workflow, call.now) {
            let mut response = known(429);
            response.headers.set("retry-after", early.seconds().to_string());
            return response;
        }
        let body = match call.json() {
            Ok(body) if call.content_type() == "application/json" => body,
            Ok(_) => return schema_mismatch("Invalid type. Expected Object but got String."),
            Err(_) => return known(400),
        };
        if let Err(complaint) = envelope(&body) {
            return schema_mismatch(&complaint.to_string());
        }
        let size = call.request.body.len();
        if size > LARGEST_MESSAGE {
            self.failures.push(format!("The message has {size} bytes; Teams shows at most {LARGEST_MESSAGE}"));
        }
        for attachment in body["attachments"].as_array().into_iter().flatten() {
            self.failures.extend(card(attachment).err().map(|complaint| complaint.to_string()));
        }
        self.messages.push(body);
        empty_response(202)
    }
}

/// What is said with a status.
fn known(status: u16) -> HttpResponse {
    let (code, message) = match status {
        401 | 403 => ("AuthorizationFailed", "The authentication credentials are not valid."),
        404 => ("WorkflowNotFound", "The workflow could not be found."),
        429 => ("WorkflowTriggerThrottled", "Too many requests were sent to the workflow. Try again later."),
        400..500 => ("InvalidRequestContent", "The request content is not valid."),
        503 => ("ServiceUnavailable", "The service is unavailable. Try again later."),
        _ => ("InternalServerError", "Encountered internal server error."),
    };
    refusal(status, code, message)
}

fn refusal(status: u16, code: &str, message: &str) -> HttpResponse {
    json_response(status, &json!({ "error": { "code": code, "message": message } }))
}

fn schema_mismatch(details: &str) -> HttpResponse {
    let message = format!(
        "The input body for trigger 'manual' of type 'Request' did not match its schema definition. Error details: '{details}'."
    );
    refusal(400, "TriggerInputSchemaMismatch", &message)
}

/// The trigger's own schema: an object with an array of attachments, each of them an object.
fn envelope(body: &Value) -> Result<(), Complaint> {
    let kind = |value: &Value| match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Object",
    };
    if !body.is_object() {
        return Err(Complaint::new(format!("Invalid type. Expected Object but got {}.", kind(body))));
    }
    let Some(attachments) = body.get("attachments") else {
        return Err(Complaint::new("Required properties are missing from object: attachments."));
    };
    let Some(attachments) = attachments.as_array() else {
        return Err(Complaint::new(format!("Invalid type. Expected Array but got {}.", kind(attachments))));
    };
    match attachments.iter().find(|attachment| !attachment.is_object()) {
        Some(other) => Err(Complaint::new(format!("Invalid type. Expected Object but got {}.", kind(other)))),
        None => Ok(()),
    }
}

/// What the flow's "Post card" action would say of a card.
fn card(attachment: &Value) -> Result<(), Complaint> {
    let content_type = attachment.get("contentType").and_then(Value::as_str).unwrap_or_default();
    if content_type != CARD {
        return Err(Complaint::new(format!(
            "The attachment's contentType is `{content_type}`; Workflows post `{CARD}` only"
        )));
    }
    let content = &attachment["content"];
    if content["type"] != "AdaptiveCard" {
        return Err(Complaint::new("The card's `type` is not `AdaptiveCard`"));
    }
    let version = content["version"].as_str().unwrap_or_default();
    if !["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"].contains(&version) {
        return Err(Complaint::new(format!("The card's `version` is `{version}`; Teams shows 1.0 to 1.5")));
    }
    for place in ["body", "actions"] {
        let Some(given) = content.get(place).filter(|given| !given.is_null()) else {
            continue;
        };
        let elements =
            given.as_array().ok_or_else(|| Complaint::new(format!("The card's `{place}` is not an array")))?;
        for (index, element) in elements.iter().enumerate() {
            let Some(kind) = element.get("type").and_then(Value::as_str) else {
                return Err(Complaint::new(format!("The card's `{place}[{index}]` has no `type`")));
            };
            if kind == "TextBlock" && element.get("text").and_then(Value::as_str).is_none() {
                return Err(Complaint::new(format!("The card's `{place}[{index}]` is a TextBlock without `text`")));
            }
            if kind == "Action.OpenUrl" && element.get("url").and_then(Value::as_str).is_none() {
                return Err(Complaint::new(format!(
                    "The card's `{place}[{index}]` is an Action.OpenUrl without `url`"
                )));
            }
        }
    }
    Ok(())
}
