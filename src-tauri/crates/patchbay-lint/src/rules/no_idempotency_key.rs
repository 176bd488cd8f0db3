use super::{Docs, Group, Rule};
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::object_fields::{Field, Literal};
use crate::outbound::{Fetch, Options};
use oxc::span::GetSpan;

pub struct NoIdempotencyKey;

static DOCS: Docs = Docs {
    id: "no-idempotency-key",
    group: Group::Webhook,
    severity: Severity::Warning,
    what: "A call that creates something at Stripe, PayPal or PagerDuty without the key by which they know a repetition.",
    why: "Senders deliver an event again when they saw no answer in time. Without a key each delivery makes another refund, order or incident.",
    good: "headers: { 'idempotency-key': event.id }   // Stripe\nheaders: { 'paypal-request-id': event.id }  // PayPal\n{ event_action: 'trigger', dedup_key: event.id, … }  // PagerDuty",
};

/// What a call lacks.
struct Lack {
    key: &'static str,
    what: &'static str,
    help: &'static str,
}

const STRIPE: Lack = Lack {
    key: "idempotency-key",
    what: "This call to Stripe has no `Idempotency-Key`, so an event that is delivered twice is carried out twice",
    help: "Add the header `Idempotency-Key` with the event's id, or with what else stays the same when it is sent again",
};
const PAYPAL: Lack = Lack {
    key: "paypal-request-id",
    what: "This call to PayPal has no `PayPal-Request-Id`, so an event that is delivered twice is carried out twice",
    help: "Add the header `PayPal-Request-Id` with the event's id, or with what else stays the same when it is sent again",
};
const PAGERDUTY_EVENT: Lack = Lack {
    key: "dedup_key",
    what: "This event for PagerDuty has no `dedup_key`, so each delivery opens another alert",
    help: "Add `dedup_key` with what stays the same when the event is sent again, for example its id",
};
const PAGERDUTY_INCIDENT: Lack = Lack {
    key: "incident_key",
    what: "This incident for PagerDuty has no `incident_key`, so each delivery opens another one",
    help: "Add `incident_key` to `incident` with what stays the same when the event is sent again, for example its id",
};

impl Rule for NoIdempotencyKey {
    fn docs(&self) -> &'static Docs {
        &DOCS
    }

    fn check(&self, context: &Context<'_, '_>) {
        // Without a webhook nothing comes twice.
        if context.handlers.fetch().is_none() {
            return;
        }
        let fetches = context.upstream_calls();
        for fetch in fetches {
            let Some(lack) = lack(context, fetch) else { continue };
            if remembers(context, fetches) {
                return;
            }
            let span = fetch.call.arguments.first().map_or(fetch.call.span, GetSpan::span);
            context.report(&context.files[fetch.file], span, lack.what).help(lack.help);
        }
    }
}

fn lack<'a>(context: &Context<'_, 'a>, fetch: &Fetch<'a>) -> Option<&'static Lack> {
    let stripe = fetch.is_to(&["api.stripe.com"]);
    let paypal = fetch.is_to(&["api-m.paypal.com", "api-m.sandbox.paypal.com", "api.paypal.com"]);
    let events = fetch.is_to(&["events.pagerduty.com", "events.eu.pagerduty.com"]);
    let incidents = fetch.is_to(&["api.pagerduty.com", "api.eu.pagerduty.com"]);
    if !(stripe || paypal || events || incidents) {
        return None;
    }
    let options = context.options(fetch);
    let Options::Known(literal) = options else { return None };
    if !context.is_post(&options) {
        return None;
    }
    if stripe || paypal {
        let lack = if stripe { &STRIPE } else { &PAYPAL };
        let creates = if stripe { creates_at_stripe(fetch) } else { creates_at_paypal(fetch) };
        let headers = context.header_literal(literal)?;
        return (creates && is_absent(context, headers, lack.key)).then_some(lack);
    }
    let Field::Value(file, body) = context.field(literal, "body") else { return None };
    let body = context.stringified(file, body)?;
    if events {
        let Field::Value(file, action) = context.field(body, "event_action") else { return None };
        let action = context.text_value(&context.files[file], action);
        let triggers = fetch.path() == "/v2/enqueue" && action.is_complete && action.text == "trigger";
        return (triggers && is_absent(context, body, PAGERDUTY_EVENT.key)).then_some(&PAGERDUTY_EVENT);
    }
    let incident = context.field_literal(body, "incident")?;
    let creates = fetch.url.is_complete && fetch.path() == "/incidents";
    (creates && is_absent(context, incident, PAGERDUTY_INCIDENT.key)).then_some(&PAGERDUTY_INCIDENT)
}

fn is_absent<'a>(context: &Context<'_, 'a>, literal: Literal<'a>, key: &str) -> bool {
    matches!(context.field(literal, key), Field::Absent)
}

/// Whether a path of Stripe is a collection that a `POST` adds to. A path that ends in an id changes what is there,
/// which can be done twice; so only a path that is written out counts.
fn creates_at_stripe(fetch: &Fetch<'_>) -> bool {
    let mut parts = fetch.path().trim_matches('/').split('/');
    let is_version = matches!(parts.next(), Some("v1" | "v2"));
    let mut rest = parts.peekable();
    fetch.url.is_complete
        && is_version
        && rest.peek().is_some()
        && rest.all(|part| !part.contains(|c: char| c.is_ascii_digit()))
}

/// Orders, payments, payouts, subscriptions and invoices; not tokens and not the check of a signature.
fn creates_at_paypal(fetch: &Fetch<'_>) -> bool {
    [
        "/v2/checkout/orders",
        "/v2/payments/",
        "/v1/payments/payouts",
        "/v1/billing/subscriptions",
        "/v2/invoicing/invoices",
    ]
    .iter()
    .any(|start| fetch.path().starts_with(start))
}

/// Whether the adapter may keep in mind what it has done: in a binding, in the cache, or by looking first.
fn remembers(context: &Context<'_, '_>, fetches: &[Fetch<'_>]) -> bool {
    let environment = context.environment();
    let stores = environment.escapes
        || environment.uses.iter().any(|read| read.method.is_some_and(|method| !is_text_method(method)));
    let looks_first = fetches.iter().any(|fetch| fetch.is_to(&["api.stripe.com"]) && fetch.path().ends_with("/search"));
    let caches = context
        .checked_files()
        .any(|file| file.scoping().root_unresolved_references().keys().any(|name| name.as_str() == "caches"));
    stores || looks_first || caches || context.mentions(&["storage"])
}

/// Methods of texts, which say that a binding is one and stores nothing.
fn is_text_method(method: &str) -> bool {
    matches!(
        method,
        "trim" | "split" | "slice" | "startsWith" | "endsWith" | "replace" | "toString" | "length" | "includes"
    )
}

#[cfg(test)]
mod tests {
    use crate::tester::{Case, case, handler, test};

    /// A handler that makes one call with these options.
    fn call(url: &str, options: &str) -> Case {
        handler(&format!(
            "const event = await request.json(); await fetch({url}, {options}); return {{ id: event.id }};"
        ))
    }

    #[test]
    fn cases() {
        let refunds = "'https://api.stripe.com/v1/refunds'";
        test(
            &super::NoIdempotencyKey,
            &[
                call(refunds, "{ method: 'POST', headers: { authorization: env.KEY, 'Idempotency-Key': event.id } }"),
                call(refunds, "{ method: 'POST', headers: new Headers({ 'idempotency-key': event.id }) }"),
                call(refunds, "{ method: 'GET', headers: { authorization: env.KEY } }"),
                call(refunds, "{ headers: { authorization: env.KEY } }"),
                // What a spread or a call brings is not known.
                call(refunds, "{ method: 'POST', headers: { ...headersOf(event), authorization: env.KEY } }"),
                call(refunds, "{ method: 'POST', headers: headersOf(event) }"),
                call(refunds, "optionsOf(event)"),
                // Changes what is there, which can be done twice.
                call("`https://api.stripe.com/v1/customers/${event.customer}`", "{ method: 'POST', headers: { authorization: env.KEY } }"),
                call("'https://api.stripe.com/v1/customers/cus_9s6XKzkNRiz8i3'", "{ method: 'POST', headers: { authorization: env.KEY } }"),
                call("'https://api-m.paypal.com/v1/oauth2/token'", "{ method: 'POST', headers: { authorization: env.KEY } }"),
                call("'https://api-m.paypal.com/v2/checkout/orders'", "{ method: 'POST', headers: { 'PayPal-Request-Id': event.id } }"),
                call("'https://events.pagerduty.com/v2/enqueue'", "{ method: 'POST', body: JSON.stringify({ event_action: 'trigger', dedup_key: event.id, payload: {} }) }"),
                call("'https://events.pagerduty.com/v2/enqueue'", "{ method: 'POST', body: JSON.stringify({ event_action: event.action, payload: {} }) }"),
                call("'https://events.pagerduty.com/v2/change/enqueue'", "{ method: 'POST', body: JSON.stringify({ payload: {} }) }"),
                // Notion knows no key.
                call("'https://api.notion.com/v1/pages'", "{ method: 'POST', headers: { authorization: env.KEY } }"),
                // It remembers by itself.
                handler("const event = await request.json(); if (await env.SEEN.get(event.id)) return {}; await fetch('https://api.stripe.com/v1/refunds', { method: 'POST', headers: { authorization: env.KEY } }); await env.SEEN.put(event.id, 'x'); return {};"),
                // The headers are added to afterwards.
                handler("const event = await request.json(); const headers = { authorization: env.KEY }; headers['Idempotency-Key'] = event.id; await fetch('https://api.stripe.com/v1/refunds', { method: 'POST', headers }); return {};"),
                handler("const headers = new Headers({ authorization: env.KEY }); headers.set('idempotency-key', 'a'); return fetch('https://api.stripe.com/v1/refunds', { method: 'POST', headers });"),
                case("export default { async scheduled(event, env) { await fetch('https://api.stripe.com/v1/refunds', { method: 'POST', headers: { authorization: env.KEY } }); } };"),
                handler("const fetch = async () => ({}); return fetch('https://api.stripe.com/v1/refunds', { method: 'POST', headers: { authorization: env.KEY } });"),
            ],
            &[
                call(refunds, "{ method: 'POST', headers: { authorization: env.KEY } }"),
                case("import { refund } from './stripe';\nexport default { async fetch(request, env) { return refund(await request.json(), env.KEY); } };")
                    .file("src/stripe.ts", "const API = 'https://api.stripe.com/v1';\nconst base = { 'content-type': 'application/x-www-form-urlencoded' };\nexport const refund = (event, key) => fetch(`${API}/refunds`, { method: 'post', headers: { ...base, authorization: `Bearer ${key}` }, body: `charge=${event.charge}` });"),
                call("`https://api-m.paypal.com/v2/payments/captures/${event.id}/refund`", "{ method: 'POST', headers: { authorization: env.KEY } }"),
                call("'https://events.eu.pagerduty.com/v2/enqueue'", "{ method: 'POST', body: JSON.stringify({ routing_key: env.KEY, event_action: 'trigger', payload: {} }) }"),
                handler("const incident = { type: 'incident', title: 'down' }; return fetch(new Request('https://api.pagerduty.com/incidents', { method: 'POST', body: JSON.stringify({ incident }) }));"),
            ],
        );
    }
}
