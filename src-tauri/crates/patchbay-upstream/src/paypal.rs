//! `PayPal` as a target (`api-m.paypal.com` and its sandbox): tokens, orders, captures, refunds, subscriptions.
//!
//! Facts: developer.paypal.com (REST reference, idempotency) and `PayPal`'s published schemas. Calls need a token
//! that the simulation issued, for nine hours; the expected token of [`Upstream::expect_token`] is the client secret.
//! What a webhook names exists as soon as a call does: an order that its payer has approved, a completed capture of
//! 20.00 USD, an active subscription. `PayPal` publishes no rate limit, so there is none.

mod error;
mod orders;

use crate::call::{Call, time_text};
use crate::random_id::{mixed, upper};
use crate::replays::{Replays, Seen};
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Senders, Upstream, empty_response, json_response, text_response};
use error::Refusal;
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// How long a token lasts, in seconds.
const TOKEN_SECONDS: i64 = 32_400;

/// One tenant's simulated account.
pub struct PayPal {
    secret: ExpectedToken,
    replays: Replays,
    orders: BTreeMap<String, Value>,
    captures: BTreeMap<String, Value>,
    refunds: BTreeMap<String, Value>,
    subscriptions: BTreeMap<String, Value>,
    senders: Option<Arc<dyn Senders>>,
}

impl Default for PayPal {
    fn default() -> Self {
        Self {
            secret: ExpectedToken::default(),
            // Orders keep their keys for six hours, payments for 45 days.
            replays: Replays::new(Duration::hours(6)),
            orders: BTreeMap::new(),
            captures: BTreeMap::new(),
            refunds: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            senders: None,
        }
    }
}

impl Upstream for PayPal {
    fn hosts(&self) -> Vec<&str> {
        vec!["api-m.paypal.com", "api-m.sandbox.paypal.com", "api.paypal.com", "api.sandbox.paypal.com"]
    }

    /// The token is the client secret.
    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.secret.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return self.error(request, 404);
        };
        let mut response = self.admitted(&call).unwrap_or_else(|refusal| refusal.response());
        if response.headers.get("paypal-debug-id").is_none() {
            response.headers.set("paypal-debug-id", mixed("", 13).to_lowercase());
        }
        response
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        Refusal::for_status(status).response()
    }

    fn expired_token(&self, _: &HttpRequest) -> HttpResponse {
        Refusal::expired().response()
    }

    fn ask_senders(&mut self, senders: Arc<dyn Senders>) -> bool {
        self.senders = Some(senders);
        true
    }

    fn kept(&self) -> Vec<Kept> {
        let of = |kind: &'static str, all: &BTreeMap<String, Value>| -> Vec<Kept> {
            all.values().map(|content| Kept::new(kind, content.clone())).collect()
        };
        let mut kept = of("order", &self.orders);
        kept.extend(of("capture", &self.captures));
        kept.extend(of("refund", &self.refunds));
        kept.extend(of("subscription", &self.subscriptions));
        kept
    }

    fn lift_rate_limits(&mut self) {}
}

impl PayPal {
    fn admitted(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let segments = call.segments();
        let route: Vec<&str> = segments.iter().map(String::as_str).collect();
        if (call.method(), route.as_slice()) == ("POST", ["v1", "oauth2", "token"].as_slice()) {
            return self.issue_token(call);
        }
        // Receivers of webhooks fetch it without a token.
        if let ("GET", ["v1", "notifications", "certs", _]) = (call.method(), route.as_slice()) {
            return self.certificate(call);
        }
        let token = call.bearer().ok_or_else(Refusal::unauthenticated)?;
        let issued = issued_at(token).ok_or_else(Refusal::invalid_token)?;
        if call.now.unix_timestamp() - issued >= TOKEN_SECONDS {
            return Err(Refusal::expired());
        }
        let key = call.header("paypal-request-id").filter(|_| call.method() == "POST");
        let Some(key) = key else {
            return self.route(call, &route);
        };
        // The same id for another call of the same kind is answered with what the first one led to.
        let key = format!("{key} {}", call.url.path());
        if let Seen::Before(response) = self.replays.look_up(&key, "", call.now) {
            return Ok(response);
        }
        let response = self.route(call, &route)?;
        self.replays.keep(&key, String::new(), response.clone(), call.now);
        Ok(response)
    }

    fn issue_token(&self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let (client, secret) = call.basic().ok_or_else(Refusal::invalid_client)?;
        if client.is_empty() || !self.secret.admits(&secret) {
            return Err(Refusal::invalid_client());
        }
        let form = call.form();
        match form.iter().find(|(name, _)| name == "grant_type").map(|(_, value)| value.as_str()) {
            Some("client_credentials") => {}
            None => return Err(Refusal::grant("invalid_request", "Missing grant_type")),
            Some(_) => return Err(Refusal::grant("unsupported_grant_type", "Grant Type is NULL or not supported")),
        }
        let seconds = call.now.unix_timestamp();
        Ok(json_response(
            200,
            &json!({
                "scope": "https://uri.paypal.com/services/payments/payment https://uri.paypal.com/services/subscriptions",
                "access_token": format!("A21AA{seconds:012x}{}", mixed("", 40)), "token_type": "Bearer",
                "app_id": "APP-80W284485P519543T", "expires_in": TOKEN_SECONDS,
                "nonce": format!("{}{}", time_text(call.now), mixed("", 20)),
            }),
        ))
    }

    fn route(&mut self, call: &Call<'_>, route: &[&str]) -> Result<HttpResponse, Refusal> {
        match (call.method(), route) {
            ("POST", ["v2", "checkout", "orders"]) => self.create_order(call),
            ("GET", ["v2", "checkout", "orders", id]) => Ok(json_response(200, self.order(id, call.now)?)),
            ("POST", ["v2", "checkout", "orders", id, "capture"]) => self.capture_order(id, call),
            ("GET", ["v2", "payments", "captures", id]) => Ok(json_response(200, self.capture(id, call.now)?)),
            ("POST", ["v2", "payments", "captures", id, "refund"]) => self.refund_capture(id, call),
            ("GET", ["v2", "payments", "refunds", id]) => {
                Ok(json_response(200, self.refunds.get(*id).ok_or_else(Refusal::missing)?))
            }
            ("GET", ["v1", "billing", "subscriptions", id]) => Ok(json_response(200, self.subscription(id, call.now)?)),
            ("POST", ["v1", "billing", "subscriptions", id, action @ ("cancel" | "suspend" | "activate")]) => {
                self.change_subscription(id, action, call)
            }
            ("POST", ["v1", "notifications", "verify-webhook-signature"]) => self.verify_webhook(call),
            (method, ["v1" | "v2", _, _, ..]) => Err(Refusal::not_simulated(method, call.url.path())),
            _ => Err(Refusal::missing()),
        }
    }

    fn certificate(&self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let pem = self.senders.as_ref().and_then(|senders| senders.paypal_certificate(&call.request.url));
        let mut response = text_response(200, &pem.ok_or_else(Refusal::missing)?);
        response.headers.set("content-type", "application/x-pem-file");
        Ok(response)
    }

    /// `PayPal`'s own judgement of a webhook.
    fn verify_webhook(&self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let verdict = self.senders.as_ref().and_then(|senders| senders.paypal_verifies(&call.request.body));
        let status = if verdict.ok_or_else(Refusal::malformed)? { "SUCCESS" } else { "FAILURE" };
        Ok(json_response(200, &json!({ "verification_status": status })))
    }

    fn subscription(&mut self, id: &str, now: OffsetDateTime) -> Result<&mut Value, Refusal> {
        let well_formed = id.strip_prefix("I-").is_some_and(|rest| rest.len() >= 10 && is_upper(rest));
        if !well_formed {
            return Err(Refusal::missing());
        }
        Ok(self.subscriptions.entry(id.to_owned()).or_insert_with(|| {
            json!({
                "id": id, "status": "ACTIVE", "status_update_time": time_text(now), "plan_id": "P-SIMULATED0000000000",
                "start_time": time_text(now), "create_time": time_text(now), "quantity": "1",
                "subscriber": { "email_address": "customer@example.com", "name": { "given_name": "Ada", "surname": "Example" } },
                "billing_info": { "outstanding_balance": { "currency_code": "USD", "value": "0.0" }, "failed_payments_count": 0 },
            })
        }))
    }

    fn change_subscription(&mut self, id: &str, action: &str, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let subscription = self.subscription(id, call.now)?;
        let status = subscription["status"].as_str().unwrap_or_default();
        let next = match (action, status) {
            ("cancel", "ACTIVE" | "SUSPENDED") => "CANCELLED",
            ("suspend", "ACTIVE") => "SUSPENDED",
            ("activate", "SUSPENDED") => "ACTIVE",
            _ => {
                return Err(Refusal::unprocessable(
                    "SUBSCRIPTION_STATUS_INVALID",
                    "Invalid subscription status for the action; subscription status should allow it.",
                ));
            }
        };
        subscription["status"] = next.into();
        subscription["status_update_time"] = time_text(call.now).into();
        Ok(empty_response(204))
    }
}

/// The second at which the simulation issued a token; `None` for a token that it did not.
fn issued_at(token: &str) -> Option<i64> {
    let rest = token.strip_prefix("A21AA")?;
    i64::from_str_radix(rest.get(..12)?, 16).ok()
}

fn is_upper(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Ids of orders, captures and refunds have 17 capital letters and digits.
fn is_payment_id(id: &str) -> bool {
    id.len() == 17 && is_upper(id)
}

fn new_payment_id() -> String {
    upper("", 17)
}
