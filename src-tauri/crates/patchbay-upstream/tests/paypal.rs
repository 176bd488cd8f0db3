//! The simulated `PayPal` through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn answered(upstreams: &Upstreams, request: &HttpRequest, now: OffsetDateTime) -> (u16, Value) {
    match upstreams.answer_at("customer-a", request, now) {
        Outcome::Respond(HttpResponse { status, body, .. }) => {
            (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") })
        }
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn token_request(form: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        url: "https://api-m.sandbox.paypal.com/v1/oauth2/token".into(),
        headers: HttpMessageHeaders::from_iter([
            // client:example-secret
            ("authorization", "Basic Y2xpZW50OmV4YW1wbGUtc2VjcmV0"),
            ("content-type", "application/x-www-form-urlencoded"),
        ]),
        body: form.to_owned().into(),
    }
}

fn token(upstreams: &Upstreams) -> String {
    let (status, body) = answered(upstreams, &token_request("grant_type=client_credentials"), START);
    assert_eq!((status, body["expires_in"].as_i64()), (200, Some(32_400)), "{body}");
    body["access_token"].as_str().expect("a token").to_owned()
}

fn request(token: &str, method: &str, path: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: format!("https://api-m.sandbox.paypal.com{path}"),
        headers: HttpMessageHeaders::from_iter([
            ("authorization", format!("Bearer {token}")),
            ("content-type", "application/json".to_owned()),
        ]),
        body: body.map(Value::to_string).unwrap_or_default().into(),
    }
}

#[test]
fn a_token_is_issued_for_the_right_secret_and_expires() {
    let upstreams = Upstreams::new();
    let token = token(&upstreams);
    let order = request(&token, "GET", "/v2/checkout/orders/5O190127TN364715T", None);
    assert_eq!(answered(&upstreams, &order, START + Duration::hours(8)).0, 200);
    let (status, body) = answered(&upstreams, &order, START + Duration::hours(9));
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_token")));
    let forged = request("example-token", "GET", "/v2/checkout/orders/5O190127TN364715T", None);
    assert_eq!(answered(&upstreams, &forged, START).0, 401);
    assert_eq!(answered(&upstreams, &token_request("grant_type=password"), START).1["error"], "unsupported_grant_type");
    assert!(upstreams.expect_tokens("customer-a", "paypal", vec![Secret::new("another-secret")]));
    let (status, body) = answered(&upstreams, &token_request("grant_type=client_credentials"), START);
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_client")));
}

#[test]
fn an_order_is_captured_once_and_refunded_in_parts() {
    let upstreams = Upstreams::new();
    let token = token(&upstreams);
    let call = |method: &str, path: &str, body: Value| {
        answered(&upstreams, &request(&token, method, path, Some(&body)), START)
    };
    let capture = "/v2/checkout/orders/5O190127TN364715T/capture";
    let (status, captured) = call("POST", capture, json!({}));
    assert_eq!((status, captured["status"].as_str()), (201, Some("COMPLETED")), "{captured}");
    let id = captured["purchase_units"][0]["payments"]["captures"][0]["id"].as_str().expect("a capture").to_owned();
    assert_eq!(call("POST", capture, json!({})).1["details"][0]["issue"], "ORDER_ALREADY_CAPTURED");

    let refund = format!("/v2/payments/captures/{id}/refund");
    let part = json!({ "amount": { "currency_code": "USD", "value": "5.50" } });
    let mut keyed = request(&token, "POST", &refund, Some(&part));
    keyed.headers.set("PayPal-Request-Id", "evt_1");
    let (status, first) = answered(&upstreams, &keyed, START);
    assert_eq!((status, first["status"].as_str()), (201, Some("COMPLETED")));
    assert_eq!(answered(&upstreams, &keyed, START).1, first, "the same request id refunds once");
    let too_much = json!({ "amount": { "currency_code": "USD", "value": "14.51" } });
    assert_eq!(call("POST", &refund, too_much).1["details"][0]["issue"], "REFUND_AMOUNT_EXCEEDED");
    let (_, rest) = call("POST", &refund, json!({}));
    let (_, read) = call("GET", &format!("/v2/payments/refunds/{}", rest["id"].as_str().expect("an id")), Value::Null);
    assert_eq!(read["amount"], json!({ "currency_code": "USD", "value": "14.50" }));
    assert_eq!(call("POST", &refund, json!({})).1["details"][0]["issue"], "CAPTURE_FULLY_REFUNDED");
    assert_eq!(call("GET", &format!("/v2/payments/captures/{id}"), Value::Null).1["status"], "REFUNDED");

    let subscription = "/v1/billing/subscriptions/I-BW452GLLEP1G";
    assert_eq!(call("GET", subscription, Value::Null).1["status"], "ACTIVE");
    assert_eq!(call("POST", &format!("{subscription}/cancel"), json!({ "reason": "x" })), (204, Value::Null));
    assert_eq!(call("POST", &format!("{subscription}/cancel"), json!({ "reason": "x" })).0, 422);
}

#[test]
fn calls_are_refused_as_paypal_refuses_them() {
    let upstreams = Upstreams::new();
    let token = token(&upstreams);
    let order = |amount: Value| json!({ "intent": "CAPTURE", "purchase_units": [{ "amount": amount }] });
    for (body, status, field, issue) in [
        (json!({}), 400, Some("/intent"), "MISSING_REQUIRED_PARAMETER"),
        (json!({ "intent": "SALE" }), 400, Some("/intent"), "INVALID_PARAMETER_VALUE"),
        (
            json!({ "intent": "CAPTURE", "purchase_units": [] }),
            400,
            Some("/purchase_units"),
            "MISSING_REQUIRED_PARAMETER",
        ),
        (
            order(json!({ "value": "1.00" })),
            400,
            Some("/purchase_units/0/amount/currency_code"),
            "MISSING_REQUIRED_PARAMETER",
        ),
        (
            order(json!({ "currency_code": "USD", "value": 1 })),
            400,
            Some("/purchase_units/0/amount/value"),
            "INVALID_PARAMETER_SYNTAX",
        ),
        (order(json!({ "currency_code": "USD", "value": "1.001" })), 422, None, "DECIMAL_PRECISION"),
        (order(json!({ "currency_code": "JPY", "value": "1.50" })), 422, None, "DECIMAL_PRECISION"),
        (order(json!({ "currency_code": "USD", "value": "0.00" })), 422, None, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        (order(json!({ "currency_code": "usd", "value": "1.00" })), 422, None, "INVALID_CURRENCY_CODE"),
    ] {
        let (answered, refused) =
            answered(&upstreams, &request(&token, "POST", "/v2/checkout/orders", Some(&body)), START);
        let detail = &refused["details"][0];
        assert_eq!(
            (answered, detail["field"].as_str(), detail["issue"].as_str()),
            (status, field, Some(issue)),
            "{refused}"
        );
        assert!(refused["debug_id"].is_string() && refused["links"].is_array());
    }
    let good = order(json!({ "currency_code": "USD", "value": "10.00" }));
    let (status, created) = answered(&upstreams, &request(&token, "POST", "/v2/checkout/orders", Some(&good)), START);
    assert_eq!((status, created["status"].as_str()), (201, Some("CREATED")));
    let capture = format!("/v2/checkout/orders/{}/capture", created["id"].as_str().expect("an id"));
    let (status, refused) = answered(&upstreams, &request(&token, "POST", &capture, None), START);
    assert_eq!((status, refused["details"][0]["issue"].as_str()), (422, Some("ORDER_NOT_APPROVED")));
    let mut text = request(&token, "POST", "/v2/checkout/orders", Some(&good));
    text.headers.set("content-type", "text/plain");
    assert_eq!(answered(&upstreams, &text, START).1["name"], "UNSUPPORTED_MEDIA_TYPE");
    text.headers.remove("authorization");
    assert_eq!(answered(&upstreams, &text, START).1["name"], "AUTHENTICATION_FAILURE");
    assert_eq!(
        answered(&upstreams, &request(&token, "GET", "/v2/checkout/orders/nope", None), START).1["name"],
        "RESOURCE_NOT_FOUND"
    );
    assert_eq!(answered(&upstreams, &request(&token, "GET", "/v1/catalogs/products", None), START).0, 501);
}
