//! Stripe as a target (`api.stripe.com`): customers, payment intents, charges, refunds and what a webhook names.
//!
//! Facts: docs.stripe.com/api (errors, idempotent requests, rate limits) and stripe-node. Bodies are forms with
//! brackets. Objects exist as soon as a call names them by an id of the right shape, in the state in which a webhook
//! speaks of them: a payment intent has succeeded with 20.00 paid, a charge is captured.

mod create;
mod error;
mod object;

use crate::call::Call;
use crate::form;
use crate::pace::Pace;
use crate::random_id::mixed;
use crate::replays::{Replays, Seen};
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, json_response};
use error::Refusal;
use object::{Kind, shown};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

/// The version that answers carry when the call names none.
const VERSION: &str = "2026-07-29.dahlia";
/// Longest `Idempotency-Key`.
const LONGEST_KEY: usize = 255;

/// One tenant's simulated Stripe account.
pub struct Stripe {
    token: ExpectedToken,
    pace: Pace,
    replays: Replays,
    /// By id, in the order of creation.
    objects: Vec<Value>,
}

impl Default for Stripe {
    fn default() -> Self {
        Self {
            token: ExpectedToken::default(),
            pace: Pace::new(25, Duration::seconds(1)),
            replays: Replays::new(Duration::days(1)),
            objects: Vec::new(),
        }
    }
}

impl Upstream for Stripe {
    fn hosts(&self) -> Vec<&str> {
        vec!["api.stripe.com"]
    }

    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let request_id = mixed("req_", 14);
        let mut response = match Call::read(request, now) {
            Ok(call) => self.admitted(&call).unwrap_or_else(|refusal| refusal.response()),
            Err(_) => Refusal::unknown_url(&request.method, "/").response(),
        };
        if response.headers.get("request-id").is_none() {
            response.headers.set("request-id", request_id);
        }
        response.headers.set("stripe-version", request.headers.get("stripe-version").unwrap_or(VERSION));
        response
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        Refusal::for_status(status).response()
    }

    fn expired_token(&self, _: &HttpRequest) -> HttpResponse {
        Refusal::expired_key().response()
    }

    fn kept(&self) -> Vec<Kept> {
        let kind = |object: &Value| object["object"].as_str().unwrap_or("object").to_owned();
        self.objects.iter().map(|object| Kept::new(&kind(object), object.clone())).collect()
    }

    fn recognises(&self, token: &Secret) -> bool {
        ["sk_test_", "sk_live_", "rk_test_", "rk_live_"].iter().any(|prefix| token.expose().starts_with(prefix))
    }

    fn lift_rate_limits(&mut self) {
        self.pace.lift();
    }
}

impl Stripe {
    fn admitted(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        // With Basic the key is the user name and the password is empty.
        let key = call.bearer().map(str::to_owned).or_else(|| call.basic().map(|(user, _)| user));
        let key = key.filter(|key| !key.is_empty()).ok_or_else(Refusal::no_key)?;
        if !self.token.admits(&key) {
            return Err(Refusal::wrong_key());
        }
        self.pace.take(&key, call.now).map_err(|_| Refusal::for_status(429))?;
        let idempotency_key = call.header("idempotency-key").filter(|_| call.method() == "POST");
        let Some(idempotency_key) = idempotency_key else {
            return self.route(call).map(|body| json_response(200, &body));
        };
        if idempotency_key.is_empty() || idempotency_key.len() > LONGEST_KEY {
            return Err(Refusal::long_key());
        }
        let fingerprint = format!("{} {}", call.url.path(), String::from_utf8_lossy(&call.request.body));
        match self.replays.look_up(idempotency_key, &fingerprint, call.now) {
            Seen::Otherwise => return Err(Refusal::reused_key(idempotency_key)),
            Seen::Before(mut response) => {
                response.headers.set("idempotent-replayed", "true");
                return Ok(response);
            }
            Seen::Never => {}
        }
        let result = self.route(call);
        // What fails its validation never began, so that the key stays free; a declined card did begin.
        let keep = result.as_ref().err().is_none_or(Refusal::is_kept);
        let mut response = result.map_or_else(|refusal| refusal.response(), |body| json_response(200, &body));
        response.headers.set("idempotency-key", idempotency_key);
        response.headers.set("request-id", mixed("req_", 14));
        if keep {
            self.replays.keep(idempotency_key, fingerprint, response.clone(), call.now);
        }
        Ok(response)
    }

    fn route(&mut self, call: &Call<'_>) -> Result<Value, Refusal> {
        let segments = call.segments();
        let unknown = || Refusal::unknown_url(call.method(), call.url.path());
        let Some((version, route)) = segments.split_first() else {
            return Err(unknown());
        };
        if version != "v1" {
            return Err(unknown());
        }
        let mut given = arguments(call)?;
        let expand = given.remove("expand");
        // `checkout/sessions` is the only collection here whose name has two segments.
        let route: Vec<&str> = route.iter().map(String::as_str).filter(|segment| *segment != "checkout").collect();
        let object = match (call.method(), route.as_slice()) {
            ("GET", ["balance"]) => json!({
                "object": "balance", "livemode": false, "available": [{ "amount": 0, "currency": "usd" }], "pending": [],
            }),
            ("GET", [collection]) => self.list(Kind::of(collection).ok_or_else(unknown)?, &given)?,
            ("POST", [collection]) => self.create(Kind::of(collection).ok_or_else(unknown)?, &given, call.now)?,
            ("GET", [collection, id]) => {
                let kind = Kind::of(collection).ok_or_else(unknown)?;
                self.named(kind, id, call.now)?.clone()
            }
            ("POST", [collection, id]) => {
                self.update(Kind::of(collection).ok_or_else(unknown)?, id, &given, call.now)?
            }
            ("DELETE", ["customers", id]) => {
                self.named(Kind::Customer, id, call.now)?;
                self.objects.retain(|object| object["id"] != *id);
                self.objects.push(json!({ "id": id, "object": "customer", "deleted": true }));
                json!({ "id": id, "object": "customer", "deleted": true })
            }
            ("POST", ["payment_intents", id, action @ ("confirm" | "cancel" | "capture")]) => {
                self.act_on_intent(id, action, &given, call.now)?
            }
            _ => return Err(unknown()),
        };
        self.expanded(object, expand.as_ref(), call.now)
    }

    /// The object of a kind under an id; one that a webhook could name begins to exist here.
    fn named(&mut self, kind: Kind, id: &str, now: OffsetDateTime) -> Result<&mut Value, Refusal> {
        let index = match self.objects.iter().position(|object| object["id"] == id) {
            Some(index) => index,
            None if kind.has_id(id) => {
                self.objects.push(kind.as_named(id, now));
                self.objects.len() - 1
            }
            None => return Err(Refusal::missing(kind, id)),
        };
        Ok(&mut self.objects[index])
    }

    fn update(
        &mut self,
        kind: Kind,
        id: &str,
        given: &Map<String, Value>,
        now: OffsetDateTime,
    ) -> Result<Value, Refusal> {
        let changes = create::checked_update(kind, given)?;
        let object = self.named(kind, id, now)?;
        if object["deleted"] == true {
            return Err(Refusal::missing(kind, id));
        }
        for (name, value) in changes {
            match (&mut object[&name], value) {
                // Metadata is merged, and an empty text removes its key.
                (Value::Object(held), Value::Object(changes)) if name == "metadata" => {
                    for (key, value) in changes {
                        if value == "" {
                            held.shift_remove(&key);
                        } else {
                            held.insert(key, value);
                        }
                    }
                }
                (held, value) => *held = value,
            }
        }
        Ok(object.clone())
    }

    fn list(&self, kind: Kind, given: &Map<String, Value>) -> Result<Value, Refusal> {
        let limit = match given.get("limit").and_then(Value::as_str) {
            None => 10,
            Some(text) => text.parse().map_err(|_| Refusal::integer("limit", text))?,
        };
        if !(1..=100).contains(&limit) {
            return Err(Refusal::invalid("limit", "This value must be less than or equal to 100."));
        }
        let matches = |object: &&Value| {
            object["object"] == kind.name()
                && object["deleted"] != true
                && given.iter().all(|(name, wanted)| {
                    ["limit", "starting_after", "ending_before", "created"].contains(&name.as_str())
                        || object.get(name).is_some_and(|held| held == wanted)
                })
        };
        // The newest come first.
        let found: Vec<&Value> = self.objects.iter().rev().filter(matches).collect();
        let start = match given.get("starting_after") {
            None => 0,
            Some(id) => found.iter().position(|object| object["id"] == *id).map_or(found.len(), |index| index + 1),
        };
        let page: Vec<&&Value> = found.iter().skip(start).take(limit).collect();
        let has_more = found.len() > start + page.len();
        Ok(json!({ "object": "list", "data": page, "has_more": has_more, "url": format!("/v1/{}", kind.collection()) }))
    }

    /// Puts objects in the place of the ids that `expand[]` names.
    fn expanded(&mut self, object: Value, expand: Option<&Value>, now: OffsetDateTime) -> Result<Value, Refusal> {
        let mut object = shown(object);
        for path in expand.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            let pointer = format!("/{}", path.replace('.', "/"));
            let Some(id) = object.pointer(&pointer) else {
                return Err(Refusal::invalid("expand", &format!("This property cannot be expanded ({path}).")));
            };
            let Some(kind) = id.as_str().and_then(Kind::of_id) else {
                continue;
            };
            let id = id.as_str().unwrap_or_default().to_owned();
            let inner = shown(self.named(kind, &id, now)?.clone());
            if let Some(place) = object.pointer_mut(&pointer) {
                *place = inner;
            }
        }
        Ok(object)
    }
}

fn arguments(call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    let fields: Vec<(String, String)> = if call.method() == "POST" {
        let form = "application/x-www-form-urlencoded";
        if !call.request.body.is_empty() && call.content_type() != form {
            return Err(Refusal::content_type());
        }
        call.form()
    } else {
        call.url.query_pairs().into_owned().collect()
    };
    match form::nested(fields) {
        Some(Value::Object(given)) => Ok(given),
        _ => Err(Refusal::invalid("", "Invalid request: the parameters' brackets do not fit together.")),
    }
}
