//! What can be created and changed: parameters with their types, and what follows from them.

use super::Stripe;
use super::error::Refusal;
use super::object::{Kind, merge};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

const REFUND_REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

#[derive(Clone, Copy)]
enum Type {
    Text,
    Integer,
    Boolean,
    Email,
    Currency,
    Metadata,
    /// Nested parameters, kept as they come.
    Nested,
}

/// The parameters of a kind: name, type, and whether creating needs it.
fn parameters(kind: Kind) -> &'static [(&'static str, Type, bool)] {
    use Type::{Boolean, Currency, Email, Integer, Metadata, Nested, Text};
    match kind {
        Kind::Customer => &[
            ("id", Text, false),
            ("email", Email, false),
            ("name", Text, false),
            ("phone", Text, false),
            ("description", Text, false),
            ("metadata", Metadata, false),
            ("address", Nested, false),
            ("shipping", Nested, false),
            ("invoice_settings", Nested, false),
            ("preferred_locales", Nested, false),
            ("payment_method", Text, false),
            ("balance", Integer, false),
        ],
        Kind::PaymentIntent => &[
            ("amount", Integer, true),
            ("currency", Currency, true),
            ("customer", Text, false),
            ("payment_method", Text, false),
            ("payment_method_types", Nested, false),
            ("payment_method_options", Nested, false),
            ("automatic_payment_methods", Nested, false),
            ("confirm", Boolean, false),
            ("capture_method", Text, false),
            ("confirmation_method", Text, false),
            ("off_session", Boolean, false),
            ("description", Text, false),
            ("receipt_email", Email, false),
            ("return_url", Text, false),
            ("setup_future_usage", Text, false),
            ("statement_descriptor", Text, false),
            ("statement_descriptor_suffix", Text, false),
            ("shipping", Nested, false),
            ("metadata", Metadata, false),
        ],
        Kind::Refund => &[
            ("charge", Text, false),
            ("payment_intent", Text, false),
            ("amount", Integer, false),
            ("reason", Text, false),
            ("reverse_transfer", Boolean, false),
            ("refund_application_fee", Boolean, false),
            ("instructions_email", Email, false),
            ("metadata", Metadata, false),
        ],
        Kind::Product => &[
            ("name", Text, true),
            ("active", Boolean, false),
            ("description", Text, false),
            ("metadata", Metadata, false),
            ("default_price_data", Nested, false),
            ("images", Nested, false),
            ("url", Text, false),
        ],
        Kind::Price => &[
            ("currency", Currency, true),
            ("product", Text, false),
            ("product_data", Nested, false),
            ("unit_amount", Integer, false),
            ("active", Boolean, false),
            ("nickname", Text, false),
            ("recurring", Nested, false),
            ("lookup_key", Text, false),
            ("metadata", Metadata, false),
        ],
        Kind::Charge | Kind::Invoice | Kind::Subscription => {
            &[("description", Text, false), ("metadata", Metadata, false)]
        }
        Kind::CheckoutSession | Kind::PaymentMethod => &[("metadata", Metadata, false)],
        Kind::Event => &[],
    }
}

fn checked(kind: Kind, given: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let known = parameters(kind);
    let mut values = Map::new();
    for (name, value) in given {
        let Some((_, wanted, _)) = known.iter().find(|(known, _, _)| known == name) else {
            return Err(Refusal::unknown(name));
        };
        values.insert(name.clone(), typed(name, value, *wanted)?);
    }
    Ok(values)
}

fn typed(name: &str, value: &Value, wanted: Type) -> Result<Value, Refusal> {
    if let Type::Nested = wanted {
        return Ok(value.clone());
    }
    if let Type::Metadata = wanted {
        return metadata(value);
    }
    let Some(text) = value.as_str() else {
        return Err(Refusal::invalid(name, &format!("Invalid string: {value}")));
    };
    // An empty text takes a value away.
    if text.is_empty() {
        return Ok(Value::Null);
    }
    match wanted {
        Type::Integer => text.parse::<i64>().map(Value::from).map_err(|_| Refusal::integer(name, text)),
        Type::Boolean => match text {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(Refusal::invalid(name, &format!("Invalid boolean: {text}"))),
        },
        Type::Email => {
            let well_formed = text.len() <= 512
                && !text.contains(' ')
                && text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
            if well_formed {
                return Ok(text.into());
            }
            Err(Refusal::coded("email_invalid", &format!("Invalid email address: {text}"), name))
        }
        Type::Currency => {
            if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Ok(text.to_ascii_lowercase().into());
            }
            Err(Refusal::invalid(name, &format!("Invalid currency: {text}.")))
        }
        Type::Text | Type::Metadata | Type::Nested => {
            if text.chars().count() > 5000 {
                let message = format!(
                    "Invalid string: {}…; must be at most 5000 characters",
                    &text.chars().take(20).collect::<String>()
                );
                return Err(Refusal::invalid(name, &message));
            }
            Ok(text.into())
        }
    }
}

fn metadata(value: &Value) -> Result<Value, Refusal> {
    let Some(pairs) = value.as_object() else {
        return Err(Refusal::invalid("metadata", "Invalid object"));
    };
    if pairs.len() > 50 {
        return Err(Refusal::invalid("metadata", "Metadata can have at most 50 keys."));
    }
    for (key, value) in pairs {
        if key.chars().count() > 40 {
            return Err(Refusal::invalid("metadata", "Metadata keys can be at most 40 characters long."));
        }
        let Some(text) = value.as_str() else {
            return Err(Refusal::invalid(&format!("metadata[{key}]"), "Metadata values must be strings."));
        };
        if text.chars().count() > 500 {
            let message = "Metadata values must be 500 characters or less.";
            return Err(Refusal::invalid(&format!("metadata[{key}]"), message));
        }
    }
    Ok(value.clone())
}

/// The changes that an update may make.
pub fn checked_update(kind: Kind, given: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    if let Some(fixed) =
        given.keys().find(|name| ["id", "charge", "payment_intent", "confirm"].contains(&name.as_str()))
    {
        return Err(Refusal::unknown(fixed));
    }
    checked(kind, given)
}

/// Whether a parameter says what to do and is no field of the object.
fn is_instruction(kind: Kind, name: &str) -> bool {
    name == "id"
        || matches!(
            (kind, name),
            (Kind::Customer, "payment_method") | (Kind::Product, "default_price_data") | (Kind::Price, "product_data")
        )
}

impl Stripe {
    pub(super) fn create(
        &mut self,
        kind: Kind,
        given: &Map<String, Value>,
        now: OffsetDateTime,
    ) -> Result<Value, Refusal> {
        let values = checked(kind, given)?;
        if let Some((name, ..)) =
            parameters(kind).iter().find(|(name, _, needed)| *needed && !values.contains_key(*name))
        {
            return Err(Refusal::required(name));
        }
        if let Some(customer) = values.get("customer").and_then(Value::as_str) {
            let customer = customer.to_owned();
            self.named(Kind::Customer, &customer, now)?;
        }
        match kind {
            Kind::Customer | Kind::Product | Kind::Price => {
                let id = values.get("id").and_then(Value::as_str).map_or_else(|| kind.new_id(), str::to_owned);
                if self.objects.iter().any(|object| object["id"] == id) {
                    return Err(Refusal::coded("resource_already_exists", "Customer already exists.", "id"));
                }
                let mut object = kind.base(&id, now);
                merge(&mut object, kind.unset());
                object["id"] = id.into();
                if let Some(Value::Object(product)) = values.get("product_data") {
                    object["product"] = self.create(Kind::Product, product, now)?["id"].take();
                }
                if values.contains_key("recurring") {
                    object["type"] = "recurring".into();
                }
                let values = values.into_iter().filter(|(name, _)| !is_instruction(kind, name)).collect();
                merge(&mut object, Value::Object(values));
                self.objects.push(object.clone());
                Ok(object)
            }
            Kind::PaymentIntent => self.create_intent(values, now),
            Kind::Refund => self.create_refund(&values, now),
            _ => Err(Refusal::invalid(
                "",
                &format!("The simulated Stripe does not create a {}; replay it against the live API", kind.name()),
            )),
        }
    }

    fn create_intent(&mut self, mut values: Map<String, Value>, now: OffsetDateTime) -> Result<Value, Refusal> {
        let amount = values["amount"].as_i64().unwrap_or_default();
        if amount < 1 {
            let message = "This value must be greater than or equal to 1.";
            return Err(Refusal::coded("parameter_invalid_integer", message, "amount"));
        }
        if amount > 99_999_999 {
            return Err(Refusal::coded("amount_too_large", "Amount must be no more than $999,999.99", "amount"));
        }
        let confirm = values.shift_remove("confirm") == Some(Value::Bool(true));
        let id = Kind::PaymentIntent.new_id();
        let mut object = Kind::PaymentIntent.base(&id, now);
        let status =
            if values.contains_key("payment_method") { "requires_confirmation" } else { "requires_payment_method" };
        merge(
            &mut object,
            json!({
                "amount_received": 0, "amount_capturable": 0, "status": status, "latest_charge": null, "customer": null,
                "payment_method": null, "capture_method": "automatic", "description": null, "last_payment_error": null,
                "client_secret": format!("{id}_example"),
            }),
        );
        merge(&mut object, Value::Object(values));
        self.objects.push(object.clone());
        if confirm { self.act_on_intent(&id, "confirm", &Map::new(), now) } else { Ok(object) }
    }

    pub(super) fn act_on_intent(
        &mut self,
        id: &str,
        action: &str,
        given: &Map<String, Value>,
        now: OffsetDateTime,
    ) -> Result<Value, Refusal> {
        let method = given.get("payment_method").cloned();
        let intent = self.named(Kind::PaymentIntent, id, now)?;
        let status = intent["status"].as_str().unwrap_or_default().to_owned();
        let wrong_state = |action: &str| {
            let message = format!("You cannot {action} this PaymentIntent because it has a status of {status}.");
            Refusal::coded("payment_intent_unexpected_state", &message, "")
        };
        match action {
            "cancel" => {
                if ["succeeded", "canceled"].contains(&status.as_str()) {
                    return Err(wrong_state("cancel"));
                }
                intent["status"] = "canceled".into();
                intent["canceled_at"] = now.unix_timestamp().into();
            }
            "capture" => {
                if status != "requires_capture" {
                    return Err(wrong_state("capture"));
                }
                intent["status"] = "succeeded".into();
                intent["amount_received"] = intent["amount"].clone();
                intent["amount_capturable"] = 0.into();
            }
            _ => {
                if !["requires_payment_method", "requires_confirmation"].contains(&status.as_str()) {
                    return Err(wrong_state("confirm"));
                }
                if let Some(method) = method {
                    intent["payment_method"] = method;
                }
                let Some(method) = intent["payment_method"].as_str().map(str::to_owned) else {
                    return Err(wrong_state("confirm"));
                };
                return self.charge(id, &method, now);
            }
        }
        Ok(intent.clone())
    }

    fn charge(&mut self, id: &str, method: &str, now: OffsetDateTime) -> Result<Value, Refusal> {
        let charge_id = Kind::Charge.new_id();
        // Stripe's own test methods: the name says how the card is declined.
        let decline = match method {
            "pm_card_chargeDeclined" | "pm_card_visa_chargeDeclined" => Some("generic_decline"),
            "pm_card_chargeDeclinedInsufficientFunds" | "pm_card_visa_chargeDeclinedInsufficientFunds" => {
                Some("insufficient_funds")
            }
            _ => None,
        };
        let intent = self.named(Kind::PaymentIntent, id, now)?;
        intent["latest_charge"] = charge_id.as_str().into();
        if let Some(decline) = decline {
            intent["status"] = "requires_payment_method".into();
            return Err(Refusal::declined(decline, &charge_id));
        }
        let manual = intent["capture_method"] == "manual";
        intent["status"] = if manual { "requires_capture" } else { "succeeded" }.into();
        let amount = intent["amount"].clone();
        intent[if manual { "amount_capturable" } else { "amount_received" }] = amount.clone();
        let intent = intent.clone();
        let mut charge = Kind::Charge.as_named(&charge_id, now);
        merge(
            &mut charge,
            json!({
                "amount": amount, "amount_captured": if manual { json!(0) } else { amount.clone() },
                "captured": !manual, "currency": intent["currency"], "customer": intent["customer"],
                "payment_intent": id, "payment_method": method, "metadata": intent["metadata"],
            }),
        );
        self.objects.push(charge);
        Ok(intent)
    }

    fn create_refund(&mut self, values: &Map<String, Value>, now: OffsetDateTime) -> Result<Value, Refusal> {
        let text = |name: &str| values.get(name).and_then(Value::as_str).map(str::to_owned);
        let charge_id = match (text("charge"), text("payment_intent")) {
            (None, None) => {
                let message =
                    "One of the following params should be provided for this request: payment_intent or charge.";
                return Err(Refusal::invalid("", message));
            }
            (Some(_), Some(_)) => {
                return Err(Refusal::invalid(
                    "",
                    "You may only specify one of these parameters: charge, payment_intent.",
                ));
            }
            (Some(charge), None) => charge,
            (None, Some(intent)) => {
                let intent = self.named(Kind::PaymentIntent, &intent, now)?;
                let charge = intent["latest_charge"].as_str().filter(|_| intent["status"] == "succeeded");
                let Some(charge) = charge else {
                    let message = "This PaymentIntent does not have a successful charge to refund.";
                    return Err(Refusal::invalid("payment_intent", message));
                };
                charge.to_owned()
            }
        };
        if let Some(reason) = text("reason").filter(|reason| !REFUND_REASONS.contains(&reason.as_str())) {
            let message = format!("Invalid reason: must be one of {}; got {reason}", REFUND_REASONS.join(", "));
            return Err(Refusal::invalid("reason", &message));
        }
        let charge = self.named(Kind::Charge, &charge_id, now)?;
        let paid = charge["amount"].as_i64().unwrap_or_default();
        let left = paid - charge["amount_refunded"].as_i64().unwrap_or_default();
        if left <= 0 {
            let message = format!("Charge {charge_id} has already been refunded.");
            return Err(Refusal::coded("charge_already_refunded", &message, ""));
        }
        let amount = values.get("amount").and_then(Value::as_i64).unwrap_or(left);
        if amount < 1 {
            return Err(Refusal::coded("parameter_invalid_integer", "Invalid positive integer", "amount"));
        }
        if amount > left {
            let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
            return Err(Refusal::invalid("amount", &message));
        }
        charge["amount_refunded"] = (paid - left + amount).into();
        charge["refunded"] = (amount == left).into();
        let (currency, intent) = (charge["currency"].clone(), charge["payment_intent"].clone());
        let mut refund = Kind::Refund.base(&Kind::Refund.new_id(), now);
        merge(
            &mut refund,
            json!({
                "amount": amount, "charge": charge_id, "currency": currency, "payment_intent": intent, "reason": null,
                "status": "succeeded", "receipt_number": null,
            }),
        );
        for name in ["reason", "metadata"] {
            if let Some(value) = values.get(name) {
                refund[name] = value.clone();
            }
        }
        self.objects.push(refund.clone());
        Ok(refund)
    }
}
