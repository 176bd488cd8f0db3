//! The simulated Stripe through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

fn request(method: &str, path: &str, form: &str) -> HttpRequest {
    let headers = [
        ("authorization", "Bearer example-stripe-key"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("stripe-version", "2026-07-29.dahlia"),
    ];
    HttpRequest {
        method: method.into(),
        url: format!("https://api.stripe.com{path}"),
        headers: HttpMessageHeaders::from_iter(headers),
        body: form.to_owned().into(),
    }
}

fn answered(upstreams: &Upstreams, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
    match upstreams.answer_at("customer-a", request, now) {
        Outcome::Respond(response) => response,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn send(upstreams: &Upstreams, method: &str, path: &str, form: &str) -> (u16, Value) {
    let response = answered(upstreams, &request(method, path, form), OffsetDateTime::UNIX_EPOCH);
    assert!(response.headers.get("request-id").is_some_and(|id| id.starts_with("req_")));
    (response.status, serde_json::from_slice(&response.body).expect("JSON"))
}

fn unpaced() -> Upstreams {
    let upstreams = Upstreams::new();
    upstreams.lift_rate_limits("customer-a");
    upstreams
}

#[test]
fn a_customer_is_created_changed_listed_and_deleted() {
    let upstreams = unpaced();
    let form = "email=a%40example.com&name=Ada&metadata[order]=1&metadata[source]=web";
    let (status, customer) = send(&upstreams, "POST", "/v1/customers", form);
    assert_eq!((status, customer["object"].as_str()), (200, Some("customer")), "{customer}");
    assert_eq!(customer["metadata"], json!({ "order": "1", "source": "web" }));
    let path = format!("/v1/customers/{}", customer["id"].as_str().expect("an id"));
    let (_, changed) = send(&upstreams, "POST", &path, "metadata[order]=&metadata[new]=2&name=");
    assert_eq!(changed["metadata"], json!({ "source": "web", "new": "2" }));
    assert_eq!(changed["name"], Value::Null);
    assert_eq!(send(&upstreams, "GET", &path, ""), (200, changed));
    let (_, found) = send(&upstreams, "GET", "/v1/customers?email=a%40example.com&limit=3", "");
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(send(&upstreams, "GET", "/v1/customers?email=b%40example.com", "").1["data"], json!([]));
    assert_eq!(send(&upstreams, "DELETE", &path, "").1["deleted"], true);
    assert_eq!(send(&upstreams, "POST", &path, "name=x").0, 404);
}

#[test]
fn a_payment_is_confirmed_refunded_in_parts_and_not_beyond() {
    let upstreams = unpaced();
    let form = "amount=5000&currency=EUR&confirm=true&payment_method=pm_card_visa";
    let (status, intent) = send(&upstreams, "POST", "/v1/payment_intents", form);
    assert_eq!((status, intent["status"].as_str(), intent["currency"].as_str()), (200, Some("succeeded"), Some("eur")));
    let id = intent["id"].as_str().expect("an id");
    let (_, expanded) = send(&upstreams, "GET", &format!("/v1/payment_intents/{id}?expand[]=latest_charge"), "");
    assert_eq!(expanded["latest_charge"]["amount"], 5000, "{expanded}");
    let (_, refund) = send(&upstreams, "POST", "/v1/refunds", &format!("payment_intent={id}&amount=2000"));
    assert_eq!((refund["amount"].as_i64(), refund["status"].as_str()), (Some(2000), Some("succeeded")), "{refund}");
    let (status, refused) = send(&upstreams, "POST", "/v1/refunds", &format!("payment_intent={id}&amount=3001"));
    assert_eq!((status, refused["error"]["param"].as_str()), (400, Some("amount")));
    assert_eq!(send(&upstreams, "POST", "/v1/refunds", &format!("payment_intent={id}")).1["amount"], 3000);
    let (_, refused) = send(&upstreams, "POST", "/v1/refunds", &format!("payment_intent={id}"));
    assert_eq!(refused["error"]["code"], "charge_already_refunded");

    let named = "/v1/payment_intents/pi_3MtwBwLkdIwHu7ix28a3tqPa";
    let (status, known) = send(&upstreams, "GET", named, "");
    assert_eq!((status, known["status"].as_str()), (200, Some("succeeded")), "a webhook may name it");
    let declined = "amount=100&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined";
    let (status, refused) = send(&upstreams, "POST", "/v1/payment_intents", declined);
    assert_eq!((status, refused["error"]["type"].as_str()), (402, Some("card_error")));
}

#[test]
fn a_key_answers_the_same_again_and_belongs_to_one_call() {
    let upstreams = unpaced();
    let keyed = |form: &str, key: &str, now: OffsetDateTime| {
        let mut request = request("POST", "/v1/customers", form);
        request.headers.set("idempotency-key", key);
        let response = answered(&upstreams, &request, now);
        let body: Value = serde_json::from_slice(&response.body).expect("JSON");
        (response, body)
    };
    let now = OffsetDateTime::UNIX_EPOCH;
    let (first, customer) = keyed("name=Ada", "evt_1", now);
    let (again, same) = keyed("name=Ada", "evt_1", now + Duration::hours(1));
    assert_eq!(customer, same);
    assert_eq!(
        (first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")),
        (None, Some("true"))
    );
    let (refused, error) = keyed("name=Bob", "evt_1", now);
    assert_eq!((refused.status, error["error"]["type"].as_str()), (400, Some("idempotency_error")));
    assert_eq!(keyed("email=nothing", "evt_2", now).0.status, 400);
    assert_eq!(keyed("email=a%40example.com", "evt_2", now).0.status, 200, "a refused form leaves its key free");
    assert_ne!(keyed("name=Ada", "evt_1", now + Duration::hours(25)).1["id"], customer["id"], "keys last a day");
    assert_eq!(keyed("name=Ada", &"k".repeat(256), now).0.status, 400);
}

#[test]
fn calls_are_refused_as_stripe_refuses_them() {
    let upstreams = unpaced();
    for (method, path, form, status, code, param) in [
        ("GET", "/v1/customers/nobody", "", 404, Some("resource_missing"), Some("id")),
        ("GET", "/v1/nothings", "", 404, None, None),
        ("GET", "/v2/customers", "", 404, None, None),
        ("POST", "/v1/payment_intents", "currency=usd", 400, Some("parameter_missing"), Some("amount")),
        (
            "POST",
            "/v1/payment_intents",
            "amount=12.5&currency=usd",
            400,
            Some("parameter_invalid_integer"),
            Some("amount"),
        ),
        (
            "POST",
            "/v1/payment_intents",
            "amount=0&currency=usd",
            400,
            Some("parameter_invalid_integer"),
            Some("amount"),
        ),
        ("POST", "/v1/payment_intents", "amount=1&currency=dollar", 400, None, Some("currency")),
        ("POST", "/v1/customers", "email=nobody", 400, Some("email_invalid"), Some("email")),
        ("POST", "/v1/customers", "nickname=x", 400, Some("parameter_unknown"), Some("nickname")),
        ("POST", "/v1/customers", "metadata=x", 400, None, Some("metadata")),
        ("POST", "/v1/refunds", "amount=1", 400, None, None),
        ("POST", "/v1/customers", "name[=x", 400, None, None),
    ] {
        let (answered, body) = send(&upstreams, method, path, form);
        let error = &body["error"];
        assert_eq!(
            (answered, error["code"].as_str(), error["param"].as_str()),
            (status, code, param),
            "{path} {form}: {body}"
        );
        assert_eq!(error["type"], "invalid_request_error");
        assert!(error["message"].is_string());
    }
    let long = format!("metadata[note]={}", "x".repeat(501));
    assert_eq!(send(&upstreams, "POST", "/v1/customers", &long).1["error"]["param"], "metadata[note]");
    let mut json = request("POST", "/v1/customers", "{\"name\":\"x\"}");
    json.headers.set("content-type", "application/json");
    assert_eq!(answered(&upstreams, &json, OffsetDateTime::UNIX_EPOCH).status, 400);
    let mut anonymous = request("GET", "/v1/balance", "");
    anonymous.headers.remove("authorization");
    assert_eq!(answered(&upstreams, &anonymous, OffsetDateTime::UNIX_EPOCH).status, 401);
    anonymous.headers.set("authorization", "Basic ZXhhbXBsZTo=");
    assert_eq!(answered(&upstreams, &anonymous, OffsetDateTime::UNIX_EPOCH).status, 200);
    upstreams.set_faults("customer-a", vec!["stripe#1:expired-token".parse().expect("a fault")]);
    assert_eq!(send_raw(&upstreams)["error"]["code"], "api_key_expired");
    assert!(upstreams.expect_tokens("customer-a", "stripe", vec![Secret::new("another-key")]));
    assert_eq!(send_raw(&upstreams)["error"]["message"], "Invalid API Key provided: ****");
}

fn send_raw(upstreams: &Upstreams) -> Value {
    let response = answered(upstreams, &request("GET", "/v1/balance", ""), OffsetDateTime::UNIX_EPOCH);
    assert_eq!(response.status, 401);
    serde_json::from_slice(&response.body).expect("JSON")
}

#[test]
fn the_twenty_sixth_call_in_a_second_is_too_fast() {
    let upstreams = Upstreams::new();
    let balance = request("GET", "/v1/balance", "");
    let at = |seconds| answered(&upstreams, &balance, OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds));
    assert!((0..25).all(|_| at(0).status == 200));
    let refused = at(0);
    let body: Value = serde_json::from_slice(&refused.body).expect("JSON");
    assert_eq!((refused.status, body["error"]["code"].as_str()), (429, Some("rate_limit")));
    assert_eq!(at(1).status, 200);
}
