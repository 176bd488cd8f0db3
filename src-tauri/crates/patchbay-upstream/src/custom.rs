//! An API that a workspace describes by `OpenAPI` 3 documents: calls are checked against them, answers come from their
//! examples or are made from their schemas.
//!
//! Facts: spec.openapis.org (3.0, 3.1). What is created can be read back: a POST whose answer has an `id` is kept
//! under its path and that id. An error is answered in the form that the document gives its status, else as a problem
//! (RFC 9457). An operation with the header parameter `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header) answers
//! a repeated call as it did the first, for a day. `OpenAPI` has no words for rate limits, so there are none.

mod description;
mod document;
mod schema;

use crate::call::Call;
use crate::random_id::mixed;
use crate::replays::{Replays, Seen};
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, empty_response, json_response, text_response};
pub use description::DescriptionError;
pub use document::Document;
use document::{Operation, Problem};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// One tenant's described APIs.
pub struct Custom {
    token: ExpectedToken,
    documents: Vec<Document>,
    /// What was created or changed, by host and path.
    kept: BTreeMap<String, Value>,
    removed: BTreeSet<String>,
    last_number: u64,
    replays: Replays,
}

impl Default for Custom {
    fn default() -> Self {
        Self {
            token: ExpectedToken::default(),
            documents: Vec::new(),
            kept: BTreeMap::new(),
            removed: BTreeSet::new(),
            last_number: 0,
            replays: Replays::new(Duration::days(1)),
        }
    }
}

impl Upstream for Custom {
    fn hosts(&self) -> Vec<&str> {
        self.documents.iter().flat_map(Document::hosts).collect()
    }

    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else {
            return problem(&Problem::new(404, "The URL cannot be read"));
        };
        let Some(document) =
            self.documents.iter().position(|document| document.hosts().any(|host| host == call.host()))
        else {
            return problem(&Problem::new(404, "No document describes this host"));
        };
        let checked = self.documents[document].operation(&call).and_then(|operation| {
            let body = operation.check(&call, |token| self.token.admits(token))?;
            let key = operation.idempotency_key(&call).map(|key| format!("{} {} {key}", call.method(), call.url));
            Ok((Made::of(&operation, call.method()), body, key))
        });
        match checked {
            Ok((made, body, None)) => self.respond(&call, made, &body),
            Ok((made, body, Some(key))) => match self.replays.look_up(&key, &body.to_string(), now) {
                Seen::Before(response) => response,
                Seen::Otherwise => {
                    let refused = Problem::new(422, "The Idempotency-Key was used with another body");
                    self.refuse(&call, document, &refused)
                }
                Seen::Never => {
                    let response = self.respond(&call, made, &body);
                    self.replays.keep(&key, body.to_string(), response.clone(), now);
                    response
                }
            },
            Err(refused) => self.refuse(&call, document, &refused),
        }
    }

    fn error(&self, request: &HttpRequest, status: u16) -> HttpResponse {
        let refused = Problem::new(status, "The call was broken on purpose");
        let Ok(call) = Call::read(request, OffsetDateTime::UNIX_EPOCH) else {
            return problem(&refused);
        };
        match self.documents.iter().position(|document| document.hosts().any(|host| host == call.host())) {
            Some(document) => self.refuse(&call, document, &refused),
            None => problem(&refused),
        }
    }

    fn kept(&self) -> Vec<Kept> {
        let kept = |(place, content): (&String, &Value)| {
            let (path, id) = place.rsplit_once('/').unwrap_or(("", place));
            Kept { kind: path.to_owned(), id: id.to_owned(), content: content.clone() }
        };
        self.kept.iter().map(kept).collect()
    }

    fn lift_rate_limits(&mut self) {}

    fn describe(&mut self, document: Document) -> bool {
        self.documents.retain(|known| known.name() != document.name());
        self.documents.push(document);
        true
    }

    fn forget_documents(&mut self, names: &[String]) {
        self.documents.retain(|known| !names.iter().any(|name| name == known.name()));
    }
}

/// What the document says of a successful answer.
struct Made {
    status: u16,
    /// `None` without content.
    body: Option<Value>,
    /// Whether the body is JSON; else it is a text.
    json: bool,
}

impl Made {
    fn of(operation: &Operation<'_>, method: &str) -> Self {
        let status = operation.success();
        let (body, json) = operation.example(&status.key).map_or((None, true), |(body, json)| (Some(body), json));
        Self { status: status.number.unwrap_or(if method == "POST" { 201 } else { 200 }), body, json }
    }

    fn response(self) -> HttpResponse {
        match self.body {
            None => empty_response(self.status),
            Some(body) if self.json => json_response(self.status, &body),
            Some(body) => text_response(self.status, body.as_str().unwrap_or_default()),
        }
    }
}

impl Custom {
    fn respond(&mut self, call: &Call<'_>, mut made: Made, given: &Value) -> HttpResponse {
        let place = format!("{}{}", call.host(), call.url.path().trim_end_matches('/'));
        if self.removed.contains(&place) {
            return problem(&Problem::new(404, "It was deleted"));
        }
        match call.method() {
            "POST" => {
                if let Some(body) = made.body.as_mut().filter(|body| body.is_object() && made.json) {
                    overlay(body, given);
                    if let Some(id) = body.get("id").and_then(|id| self.new_id(id)) {
                        body["id"] = id;
                        let id = body["id"].as_str().map_or_else(|| body["id"].to_string(), str::to_owned);
                        self.kept.insert(format!("{place}/{id}"), body.clone());
                    }
                }
            }
            "PUT" | "PATCH" => {
                let mut body =
                    self.kept.get(&place).cloned().or_else(|| made.body.clone()).unwrap_or_else(|| json!({}));
                for (name, value) in given.as_object().into_iter().flatten().filter(|(name, _)| *name != "id") {
                    body[name] = value.clone();
                }
                self.kept.insert(place, body.clone());
                made.body = made.body.map(|_| body);
            }
            "DELETE" => {
                self.kept.remove(&place);
                self.removed.insert(place);
            }
            "GET" => {
                if let Some(kept) = self.kept.get(&place) {
                    made.body = Some(kept.clone());
                } else if let Some(body) = &mut made.body {
                    self.list(&place, body);
                }
            }
            _ => {}
        }
        made.response()
    }

    /// Puts what was created under a collection's path in the place of the example's items.
    fn list(&self, place: &str, body: &mut Value) {
        let inside = |path: &&String| {
            path.strip_prefix(place).and_then(|rest| rest.strip_prefix('/')).is_some_and(|id| !id.contains('/'))
        };
        let items: Vec<Value> =
            self.kept.keys().filter(inside).filter_map(|path| self.kept.get(path)).cloned().collect();
        if items.is_empty() {
            return;
        }
        match body {
            Value::Array(shown) => *shown = items,
            Value::Object(fields) => {
                let mut arrays = fields.values_mut().filter(|value| value.is_array());
                if let (Some(only), None) = (arrays.next(), arrays.next()) {
                    *only = items.into();
                }
            }
            _ => {}
        }
    }

    /// An id of the example's own form that no other record has.
    fn new_id(&mut self, example: &Value) -> Option<Value> {
        match example {
            Value::Number(_) => {
                self.last_number += 1;
                Some(self.last_number.into())
            }
            Value::String(text) if Uuid::try_parse(text).is_ok() => Some(json!(Uuid::new_v4())),
            Value::String(text) => {
                // `cus_example` keeps what stands before its last underscore.
                let prefix = text.rsplit_once('_').map_or(String::new(), |(prefix, _)| format!("{prefix}_"));
                Some(mixed(&prefix, 12).into())
            }
            _ => None,
        }
    }

    /// The answer for a problem, in the form that the document gives the status.
    fn refuse(&self, call: &Call<'_>, document: usize, refused: &Problem) -> HttpResponse {
        let documented = self.documents[document].operation(call).ok().and_then(|operation| operation.refusal(refused));
        documented.map_or_else(|| problem(refused), |(status, body)| json_response(status, &body))
    }
}

/// Takes over what was given for the fields that the answer has.
fn overlay(body: &mut Value, given: &Value) {
    for (name, value) in given.as_object().into_iter().flatten() {
        if name != "id" && body.get(name).is_some() {
            body[name] = value.clone();
        }
    }
}

fn problem(refused: &Problem) -> HttpResponse {
    let mut response = json_response(
        refused.status,
        &json!({ "type": "about:blank", "title": refused.title(), "status": refused.status, "detail": refused.detail }),
    );
    response.headers.set("content-type", "application/problem+json");
    if let Some(allow) = &refused.allow {
        response.headers.set("allow", allow.clone());
    }
    response
}
