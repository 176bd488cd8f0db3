//! Slack: the Web API (`slack.com/api/<method>`), incoming webhooks and response URLs (`hooks.slack.com`).
//!
//! Facts: docs.slack.dev (Web API, rate limits, incoming webhooks), `@slack/web-api`. What Slack refuses for its
//! meaning is a 200 with `ok: false`; only the limits, and hosts that are down, answer with another status. Channels
//! and users exist as soon as a call names them by an id of the right shape; channels also by their name.

mod blocks;
mod methods;
mod reply;
mod webhook;

use crate::call::Call;
use crate::pace::Pace;
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, text_response};
use methods::Message;
pub(crate) use methods::mapped as mapped_fields;
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use reply::Refusal;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

/// One tenant's simulated Slack workspace.
pub struct Slack {
    token: ExpectedToken,
    /// Messages to one channel: one a second, with short bursts.
    posting: Pace,
    /// Calls of one method, by its tier.
    tiers: [Pace; 3],
    messages: Vec<Message>,
    /// Microseconds since 1970 of the newest message; they are its name and never repeat.
    newest: i128,
}

impl Default for Slack {
    fn default() -> Self {
        let tier = |limit| Pace::new(limit, Duration::minutes(1));
        Self {
            token: ExpectedToken::default(),
            posting: Pace::new(5, Duration::seconds(5)),
            tiers: [tier(20), tier(50), tier(100)],
            messages: Vec::new(),
            newest: 0,
        }
    }
}

impl Upstream for Slack {
    fn hosts(&self) -> Vec<&str> {
        vec!["slack.com", "hooks.slack.com", "slack-gov.com", "hooks.slack-gov.com"]
    }

    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return text_response(404, "not_found");
        };
        if is_webhook(&request.url) {
            return self.webhook(&call);
        }
        let segments = call.segments();
        let [api, method] = segments.as_slice() else {
            return text_response(404, "not_found");
        };
        if api != "api" || !["GET", "POST"].contains(&call.method()) {
            return text_response(404, "not_found");
        }
        match self.web_api(&call, method) {
            Ok(answer) => reply::accepted(answer),
            Err(refusal) => refusal.response(),
        }
    }

    fn error(&self, request: &HttpRequest, status: u16) -> HttpResponse {
        let refusal = Refusal::for_status(status);
        if is_webhook(&request.url) { text_response(status, refusal.word()) } else { refusal.response() }
    }

    fn expired_token(&self, request: &HttpRequest) -> HttpResponse {
        if is_webhook(&request.url) {
            // Slack revokes the URL itself.
            return text_response(403, "invalid_token");
        }
        Refusal::because("token_expired").response()
    }

    fn kept(&self) -> Vec<Kept> {
        self.messages.iter().map(Message::kept).collect()
    }

    fn recognises(&self, token: &Secret) -> bool {
        ["xoxb-", "xoxp-"].iter().any(|prefix| token.expose().starts_with(prefix))
    }

    fn lift_rate_limits(&mut self) {
        self.posting.lift();
        self.tiers.iter_mut().for_each(Pace::lift);
    }
}

impl Slack {
    fn web_api(&mut self, call: &Call<'_>, method: &str) -> Result<Value, Refusal> {
        let arguments = arguments(call)?;
        let given = call.bearer().or_else(|| arguments.get("token").and_then(Value::as_str));
        if method == "api.test" {
            return Ok(methods::api_test(&arguments));
        }
        match given {
            None => return Err(Refusal::because("not_authed")),
            Some(token) if !self.token.admits(token) => return Err(Refusal::because("invalid_auth")),
            Some(_) => {}
        }
        let tier = match method {
            "chat.getPermalink" | "auth.test" | "chat.postMessage" => None,
            "conversations.list" | "users.list" | "reactions.remove" | "conversations.join" => Some(0),
            "users.info" | "chat.postEphemeral" => Some(2),
            _ => Some(1),
        };
        if let Some(tier) = tier {
            self.tiers[tier].take(method, call.now).map_err(|early| Refusal::rate_limited(early.seconds()))?;
        }
        self.run(method, &arguments, call.now)
    }
}

/// Incoming webhooks and response URLs have a host of their own, and answer in plain text.
fn is_webhook(url: &str) -> bool {
    url.starts_with("https://hooks.")
}

/// A method's arguments from the query and the body, whichever form it has.
fn arguments(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    let mut arguments: Map<String, Value> =
        call.url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
    if call.method() != "POST" {
        return Ok(arguments);
    }
    match call.content_type().as_str() {
        "application/json" => match call.json() {
            Ok(Value::Object(given)) => arguments.extend(given),
            Ok(_) => return Err(Refusal::because("json_not_object")),
            Err(_) => return Err(Refusal::because("invalid_json")),
        },
        "application/x-www-form-urlencoded" => {
            arguments.extend(call.form().into_iter().map(|(name, value)| (name, Value::from(value))));
        }
        // Slack reads no arguments from such a body, so that they are missing later on.
        "" | "text/plain" => {}
        _ => return Err(Refusal::because("invalid_post_type")),
    }
    Ok(arguments)
}
