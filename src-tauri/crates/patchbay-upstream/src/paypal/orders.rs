//! Orders, captures and refunds. Money is a currency code and a decimal text.

use super::error::Refusal;
use super::{PayPal, is_payment_id, new_payment_id};
use crate::call::{Call, time_text};
use crate::upstream::json_response;
use patchbay_core::HttpResponse;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// Currencies whose amounts have no decimals.
const WHOLE: [&str; 3] = ["HUF", "JPY", "TWD"];

impl PayPal {
    pub(super) fn create_order(&mut self, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let body = json_body(call)?;
        let intent = match body.get("intent").and_then(Value::as_str) {
            None => return Err(Refusal::required("/intent")),
            Some(intent @ ("CAPTURE" | "AUTHORIZE")) => intent,
            Some(_) => {
                let description = "The value of a field does not conform to the expected format.";
                return Err(Refusal::field("/intent", &body["intent"], "INVALID_PARAMETER_VALUE", description));
            }
        };
        let units = body.get("purchase_units").and_then(Value::as_array).filter(|units| !units.is_empty());
        let units = units.ok_or_else(|| Refusal::required("/purchase_units"))?;
        if units.len() > 10 {
            return Err(Refusal::field(
                "/purchase_units",
                &Value::Null,
                "INVALID_ARRAY_MAX_ITEMS",
                "The number of items in an array parameter is too large.",
            ));
        }
        for (index, unit) in units.iter().enumerate() {
            let place = format!("/purchase_units/{index}/amount");
            let money = unit.get("amount").ok_or_else(|| Refusal::required(&place))?;
            let (currency, total) = checked_money(&place, money)?;
            // With items the parts have to come to the whole.
            if unit.get("items").is_some() {
                let place = format!("{place}/breakdown/item_total");
                let items = money.pointer("/breakdown/item_total").ok_or_else(|| Refusal::required(&place))?;
                let (of, sum) = checked_money(&place, items)?;
                if of == currency && sum > total && money.pointer("/breakdown/discount").is_none() {
                    let description = "Should equal item_total + tax_total + shipping + handling + insurance - shipping_discount - discount.";
                    return Err(Refusal::unprocessable("AMOUNT_MISMATCH", description));
                }
            }
        }
        let id = new_payment_id();
        let paid = body.pointer("/payment_source/card").is_some() && intent == "CAPTURE";
        let mut order = json!({
            "id": id, "intent": intent, "status": "CREATED", "purchase_units": units,
            "create_time": time_text(call.now), "links": links(&id),
        });
        for unit in order["purchase_units"].as_array_mut().into_iter().flatten() {
            if unit.get("reference_id").is_none() {
                unit["reference_id"] = "default".into();
            }
        }
        self.orders.insert(id.clone(), order.clone());
        if paid {
            order = self.complete(&id, call.now);
        }
        Ok(json_response(201, &shortened(call, &order)))
    }

    /// An order; one that only a webhook has named so far is approved by its payer.
    pub(super) fn order(&mut self, id: &str, now: OffsetDateTime) -> Result<&mut Value, Refusal> {
        if !is_payment_id(id) {
            return Err(Refusal::missing());
        }
        Ok(self.orders.entry(id.to_owned()).or_insert_with(|| {
            json!({
                "id": id, "intent": "CAPTURE", "status": "APPROVED",
                "purchase_units": [{ "reference_id": "default", "amount": { "currency_code": "USD", "value": "20.00" } }],
                "payer": { "email_address": "customer@example.com", "payer_id": "SIMULATEDPAYR", "name": { "given_name": "Ada", "surname": "Example" } },
                "create_time": time_text(now), "links": links(id),
            })
        }))
    }

    pub(super) fn capture_order(&mut self, id: &str, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        json_body(call)?;
        let order = self.order(id, call.now)?;
        match order["status"].as_str() {
            Some("APPROVED") => {}
            Some("COMPLETED") => {
                return Err(Refusal::unprocessable(
                    "ORDER_ALREADY_CAPTURED",
                    "Order already captured. If 'intent=CAPTURE' only one capture per order is allowed.",
                ));
            }
            _ => {
                return Err(Refusal::unprocessable(
                    "ORDER_NOT_APPROVED",
                    "Payer has not yet approved the Order for payment. Please redirect the payer to the 'rel':'approve' url returned as part of the HATEOAS links within the Create Order call or provide a valid payment_source in the request.",
                ));
            }
        }
        let order = self.complete(id, call.now);
        Ok(json_response(201, &order))
    }

    fn complete(&mut self, id: &str, now: OffsetDateTime) -> Value {
        let Some(order) = self.orders.get_mut(id) else {
            return Value::Null;
        };
        order["status"] = "COMPLETED".into();
        order["update_time"] = time_text(now).into();
        for unit in order["purchase_units"].as_array_mut().into_iter().flatten() {
            let capture_id = new_payment_id();
            let capture = new_capture(&capture_id, &unit["amount"], now);
            unit["payments"] = json!({ "captures": [capture] });
            self.captures.insert(capture_id, capture);
        }
        order.clone()
    }

    /// A capture; one that only a webhook has named so far is completed, over 20.00 USD.
    pub(super) fn capture(&mut self, id: &str, now: OffsetDateTime) -> Result<&mut Value, Refusal> {
        if !is_payment_id(id) {
            return Err(Refusal::missing());
        }
        let amount = json!({ "currency_code": "USD", "value": "20.00" });
        Ok(self.captures.entry(id.to_owned()).or_insert_with(|| new_capture(id, &amount, now)))
    }

    pub(super) fn refund_capture(&mut self, id: &str, call: &Call<'_>) -> Result<HttpResponse, Refusal> {
        let body = json_body(call)?;
        let already: i64 = self
            .refunds
            .values()
            .filter(|refund| refund["capture_id"] == id)
            .filter_map(|refund| cents(&refund["amount"]).map(|(_, cents)| cents))
            .sum();
        let capture = self.capture(id, call.now)?;
        let (currency, captured) = cents(&capture["amount"]).ok_or_else(Refusal::missing)?;
        let left = captured - already;
        if left <= 0 {
            return Err(Refusal::unprocessable(
                "CAPTURE_FULLY_REFUNDED",
                "The capture has already been fully refunded.",
            ));
        }
        let amount = match body.get("amount") {
            None => left,
            Some(money) => {
                let (of, amount) = checked_money("/amount", money)?;
                if of != currency {
                    return Err(Refusal::unprocessable(
                        "REFUND_CAPTURE_CURRENCY_MISMATCH",
                        "Refund must be in the same currency as the capture.",
                    ));
                }
                amount
            }
        };
        if amount > left {
            return Err(Refusal::unprocessable(
                "REFUND_AMOUNT_EXCEEDED",
                "The refund amount must be less than or equal to the capture amount that has not yet been refunded.",
            ));
        }
        capture["status"] = if amount == left { "REFUNDED" } else { "PARTIALLY_REFUNDED" }.into();
        let refund_id = new_payment_id();
        let refund = json!({
            "id": refund_id, "status": "COMPLETED", "capture_id": id,
            "amount": { "currency_code": currency, "value": decimal(&currency, amount) },
            "note_to_payer": body.get("note_to_payer"), "create_time": time_text(call.now),
            "links": [{ "href": format!("https://api-m.paypal.com/v2/payments/refunds/{refund_id}"), "rel": "self", "method": "GET" }],
        });
        self.refunds.insert(refund_id, refund.clone());
        Ok(json_response(201, &shortened(call, &refund)))
    }
}

fn new_capture(id: &str, amount: &Value, now: OffsetDateTime) -> Value {
    json!({
        "id": id, "status": "COMPLETED", "amount": { "currency_code": amount["currency_code"], "value": amount["value"] },
        "final_capture": true, "create_time": time_text(now), "update_time": time_text(now),
        "links": [{ "href": format!("https://api-m.paypal.com/v2/payments/captures/{id}"), "rel": "self", "method": "GET" }],
    })
}

fn links(id: &str) -> Value {
    let base = format!("https://api-m.paypal.com/v2/checkout/orders/{id}");
    json!([
        { "href": base, "rel": "self", "method": "GET" },
        { "href": format!("https://www.paypal.com/checkoutnow?token={id}"), "rel": "approve", "method": "GET" },
        { "href": format!("{base}/capture"), "rel": "capture", "method": "POST" },
    ])
}

/// Without `Prefer: return=representation` an answer has no more than id, status and links.
fn shortened(call: &Call<'_>, whole: &Value) -> Value {
    if call.header("prefer") == Some("return=representation") {
        return whole.clone();
    }
    json!({ "id": whole["id"], "status": whole["status"], "links": whole["links"] })
}

fn json_body(call: &Call<'_>) -> Result<Value, Refusal> {
    if call.content_type() != "application/json" {
        return Err(Refusal::media_type());
    }
    if call.request.body.is_empty() {
        return Ok(json!({}));
    }
    call.json().ok().filter(Value::is_object).ok_or_else(Refusal::malformed)
}

/// Currency and amount in its smallest unit.
fn checked_money(place: &str, money: &Value) -> Result<(String, i64), Refusal> {
    for name in ["currency_code", "value"] {
        let place = format!("{place}/{name}");
        match money.get(name) {
            None => return Err(Refusal::required(&place)),
            Some(Value::String(_)) => {}
            Some(given) => {
                let description = "The value of a field does not conform to the expected format.";
                return Err(Refusal::field(&place, given, "INVALID_PARAMETER_SYNTAX", description));
            }
        }
    }
    let currency = money["currency_code"].as_str().unwrap_or_default();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Refusal::unprocessable(
            "INVALID_CURRENCY_CODE",
            "Currency code should be a three-character currency code.",
        ));
    }
    match cents(money) {
        Some((_, 0)) => Err(Refusal::unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", "Must be greater than zero.")),
        Some(money) => Ok(money),
        None => Err(Refusal::unprocessable(
            "DECIMAL_PRECISION",
            "The value of the field should not be more than two decimal places, or none for a currency that has no decimals.",
        )),
    }
}

fn cents(money: &Value) -> Option<(String, i64)> {
    let currency = money["currency_code"].as_str()?;
    let (whole, decimals) = money["value"].as_str().map(|value| value.split_once('.').unwrap_or((value, "")))?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(decimals) || decimals.len() > 2 {
        return None;
    }
    if WHOLE.contains(&currency) && decimals.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let cents = format!("{decimals:0<2}").parse::<i64>().ok()?;
    Some((currency.to_owned(), whole.parse::<i64>().ok()? * 100 + cents))
}

fn decimal(currency: &str, cents: i64) -> String {
    if WHOLE.contains(&currency) { (cents / 100).to_string() } else { format!("{}.{:02}", cents / 100, cents % 100) }
}
