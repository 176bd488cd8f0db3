//! The kinds of objects, their ids, and how an object looks that only a webhook has named so far.

use crate::random_id::mixed;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Customer,
    PaymentIntent,
    Charge,
    Refund,
    Invoice,
    Subscription,
    Product,
    Price,
    CheckoutSession,
    PaymentMethod,
    Event,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Customer,
        Self::PaymentIntent,
        Self::Charge,
        Self::Refund,
        Self::Invoice,
        Self::Subscription,
        Self::Product,
        Self::Price,
        Self::CheckoutSession,
        Self::PaymentMethod,
        Self::Event,
    ];

    /// The `object` field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::PaymentIntent => "payment_intent",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Invoice => "invoice",
            Self::Subscription => "subscription",
            Self::Product => "product",
            Self::Price => "price",
            Self::CheckoutSession => "checkout.session",
            Self::PaymentMethod => "payment_method",
            Self::Event => "event",
        }
    }

    /// As messages call it.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::CheckoutSession => "checkout.session",
            Self::PaymentMethod => "PaymentMethod",
            other => other.name(),
        }
    }

    /// The path segment of its collection.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Customer => "customers",
            Self::PaymentIntent => "payment_intents",
            Self::Charge => "charges",
            Self::Refund => "refunds",
            Self::Invoice => "invoices",
            Self::Subscription => "subscriptions",
            Self::Product => "products",
            Self::Price => "prices",
            Self::CheckoutSession => "sessions",
            Self::PaymentMethod => "payment_methods",
            Self::Event => "events",
        }
    }

    fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &["cus_"],
            Self::PaymentIntent => &["pi_"],
            Self::Charge => &["ch_", "py_"],
            Self::Refund => &["re_", "pyr_"],
            Self::Invoice => &["in_"],
            Self::Subscription => &["sub_"],
            Self::Product => &["prod_"],
            Self::Price => &["price_"],
            Self::CheckoutSession => &["cs_test_", "cs_live_"],
            Self::PaymentMethod => &["pm_"],
            Self::Event => &["evt_"],
        }
    }

    pub fn of(collection: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.collection() == collection)
    }

    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.has_id(id))
    }

    /// Whether an id is one of this kind's.
    pub fn has_id(self, id: &str) -> bool {
        self.prefixes().iter().any(|prefix| {
            id.strip_prefix(prefix)
                .is_some_and(|rest| rest.len() >= 3 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        })
    }

    pub fn new_id(self) -> String {
        mixed(
            self.prefixes()[0],
            if matches!(self, Self::PaymentIntent | Self::Charge | Self::Refund) { 24 } else { 14 },
        )
    }

    /// What every object of the kind has.
    pub fn base(self, id: &str, now: OffsetDateTime) -> Value {
        let mut object = json!({ "id": id, "object": self.name(), "created": now.unix_timestamp(), "metadata": {} });
        if self != Self::Refund {
            object["livemode"] = false.into();
        }
        object
    }

    /// What a new object of the kind has where nobody gave it.
    pub fn unset(self) -> Value {
        match self {
            Self::Customer => json!({
                "email": null, "name": null, "phone": null, "description": null, "address": null, "shipping": null,
                "balance": 0, "currency": null, "delinquent": false, "preferred_locales": [],
                "invoice_settings": {
                    "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
                },
            }),
            Self::Product => json!({ "active": true, "description": null, "images": [], "url": null }),
            Self::Price => json!({
                "active": true, "nickname": null, "recurring": null, "lookup_key": null, "type": "one_time", "unit_amount": null,
            }),
            _ => json!({}),
        }
    }

    /// The object that a webhook speaks of.
    pub fn as_named(self, id: &str, now: OffsetDateTime) -> Value {
        let mut object = self.base(id, now);
        // Ids of one payment share what follows their prefix, so that they find each other again.
        let rest = id.split_once('_').map_or(id, |(_, rest)| rest);
        let more = match self {
            Self::Customer => json!({
                "email": format!("{rest}@example.com"), "name": "Simulated customer", "phone": null, "description": null,
                "balance": 0, "currency": "usd", "delinquent": false, "address": null,
            }),
            Self::PaymentIntent => json!({
                "amount": 2000, "amount_received": 2000, "currency": "usd", "status": "succeeded", "customer": null,
                "latest_charge": format!("ch_{rest}"), "payment_method": null, "capture_method": "automatic",
            }),
            Self::Charge => json!({
                "amount": 2000, "amount_captured": 2000, "amount_refunded": 0, "currency": "usd", "status": "succeeded",
                "paid": true, "captured": true, "refunded": false, "disputed": false, "customer": null,
                "payment_intent": format!("pi_{rest}"), "receipt_url": null,
            }),
            Self::Refund => json!({
                "amount": 2000, "currency": "usd", "status": "succeeded", "charge": format!("ch_{rest}"), "reason": null,
            }),
            Self::Invoice => json!({
                "amount_due": 2000, "amount_paid": 2000, "currency": "usd", "status": "paid", "customer": null,
                "hosted_invoice_url": null, "number": "SIM-0001", "lines": { "object": "list", "data": [], "has_more": false },
            }),
            Self::Subscription => json!({
                "status": "active", "customer": null, "cancel_at_period_end": false, "currency": "usd",
                "items": { "object": "list", "data": [], "has_more": false },
            }),
            Self::Product => json!({ "name": "Simulated product", "active": true, "description": null }),
            Self::Price => json!({ "active": true, "currency": "usd", "unit_amount": 2000, "type": "one_time" }),
            Self::CheckoutSession => json!({
                "amount_total": 2000, "currency": "usd", "mode": "payment", "payment_status": "paid", "status": "complete",
                "customer": null, "customer_details": { "email": "customer@example.com", "name": "Simulated customer" },
            }),
            Self::PaymentMethod => {
                json!({ "type": "card", "card": { "brand": "visa", "last4": "4242" }, "customer": null })
            }
            Self::Event => json!({ "type": "ping", "data": { "object": {} }, "api_version": super::VERSION }),
        };
        merge(&mut object, more);
        object
    }
}

/// Adds fields to an object.
pub fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// An object as it is answered; what stays inside begins with an underscore.
pub fn shown(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|name, _| !name.starts_with('_'));
    }
    object
}
