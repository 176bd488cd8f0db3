//! An upstream that an `OpenAPI` document describes, through the registry, as an adapter's calls reach it.

use patchbay_core::{Hints as _, HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};

fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Orders", "version": "1" },
        "servers": [{ "url": "https://{region}.orders.example.com/v1", "variables": { "region": { "default": "eu" } } }],
        "security": [{ "key": [] }],
        "components": {
            "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-Api-Key" } },
            "schemas": {
                "Order": {
                    "type": "object", "required": ["customer", "amount"], "additionalProperties": false,
                    "properties": {
                        "id": { "type": "string", "readOnly": true, "example": "ord_example" },
                        "customer": { "type": "string", "minLength": 1, "maxLength": 20 },
                        "amount": { "type": "integer", "minimum": 1 },
                        "currency": { "type": "string", "enum": ["EUR", "USD"] },
                        "sku": { "type": ["string", "null"], "pattern": "^[A-Z]{3}-[0-9]+$" },
                        "due": { "type": "string", "format": "date" },
                        "lines": { "type": "array", "maxItems": 2, "items": { "$ref": "#/components/schemas/Line" } },
                    },
                },
                "Line": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } },
                "Error": { "type": "object", "properties": { "code": { "type": "string", "example": "bad" }, "message": { "type": "string" } } },
            },
        },
        "paths": {
            "/orders": {
                "get": {
                    "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 50 } }],
                    "responses": { "200": { "description": "", "content": { "application/json": { "schema": {
                        "type": "object", "properties": { "data": { "type": "array", "items": { "$ref": "#/components/schemas/Order" } } },
                    } } } } },
                },
                "post": {
                    "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } },
                    "responses": {
                        "201": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } },
                        "422": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } } },
                    },
                },
            },
            "/orders/latest": { "get": { "security": [], "responses": { "200": { "description": "", "content": { "text/plain": { "example": "none" } } } } } },
            "/orders/{id}": {
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "minLength": 4 } }],
                "get": { "responses": { "200": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } } } },
                "patch": {
                    "requestBody": { "content": { "application/json": { "schema": { "type": "object" } } } },
                    "responses": { "200": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" } } } } },
                },
                "delete": { "responses": { "204": { "description": "" } } },
            },
        },
    })
}

fn described() -> Upstreams {
    let upstreams = Upstreams::new();
    let description = upstreams.describe("customer-a", "orders.json", &document().to_string()).expect("a document");
    assert_eq!(description.hosts, ["eu.orders.example.com"]);
    assert_eq!(description.unchecked_patterns, [""; 0]);
    upstreams
}

fn request(method: &str, path: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: format!("https://eu.orders.example.com/v1{path}"),
        headers: HttpMessageHeaders::from_iter([("x-api-key", "example-key"), ("content-type", "application/json")]),
        body: body.map(Value::to_string).unwrap_or_default().into(),
    }
}

fn answered(upstreams: &Upstreams, request: &HttpRequest) -> (u16, Value) {
    match upstreams.answer("customer-a", request) {
        Outcome::Respond(HttpResponse { status, body, .. }) => {
            (status, serde_json::from_slice(&body).unwrap_or_else(|_| String::from_utf8_lossy(&body).into()))
        }
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn send(upstreams: &Upstreams, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    answered(upstreams, &request(method, path, body))
}

#[test]
fn what_is_created_is_read_listed_changed_and_deleted() {
    let upstreams = described();
    let order = json!({ "customer": "Ada", "amount": 5, "lines": [{ "name": "a" }] });
    let (status, created) = send(&upstreams, "POST", "/orders", Some(&order));
    assert_eq!((status, &created["customer"], &created["amount"]), (201, &json!("Ada"), &json!(5)), "{created}");
    let id = created["id"].as_str().expect("an id");
    assert!(id.starts_with("ord_") && id != "ord_example", "{id}");
    let one = format!("/orders/{id}");
    assert_eq!(send(&upstreams, "GET", &one, None), (200, created.clone()));
    let (_, list) = send(&upstreams, "GET", "/orders?limit=5", None);
    assert_eq!(list["data"], json!([created]));
    let (_, changed) = send(&upstreams, "PATCH", &one, Some(&json!({ "customer": "Bob" })));
    assert_eq!((&changed["customer"], &changed["amount"]), (&json!("Bob"), &json!(5)));
    assert_eq!(send(&upstreams, "DELETE", &one, None).0, 204);
    assert_eq!(send(&upstreams, "GET", &one, None).0, 404);

    let (status, made) = send(&upstreams, "GET", "/orders/ord_other", None);
    assert_eq!((status, &made["currency"], &made["due"]), (200, &json!("EUR"), &json!("2026-01-01")), "{made}");
    assert_eq!(send(&upstreams, "GET", "/orders/latest", None), (200, json!("none")));
}

#[test]
fn an_operation_with_an_idempotency_key_does_a_repeated_call_once() {
    let upstreams = Upstreams::new();
    let mut document = document();
    upstreams.describe("customer-b", "orders.json", &document.to_string()).expect("a document");
    document["paths"]["/orders"]["post"]["parameters"] =
        json!([{ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string" } }]);
    upstreams.describe("customer-a", "orders.json", &document.to_string()).expect("a document");
    let order = |key: &str, amount: u32| {
        let mut call = request("POST", "/orders", Some(&json!({ "customer": "Ada", "amount": amount })));
        call.headers.set("idempotency-key", key);
        call
    };
    let first = answered(&upstreams, &order("a", 5));
    assert_eq!((first.0, &answered(&upstreams, &order("a", 5))), (201, &first));
    assert_eq!(answered(&upstreams, &order("a", 6)).0, 422, "the key belongs to another order");
    assert_ne!(answered(&upstreams, &order("b", 5)).1["id"], first.1["id"]);
    let both = send(&upstreams, "GET", "/orders", None).1;
    assert_eq!(both["data"].as_array().map(Vec::len), Some(2), "{both}");
    let undescribed = |_| match upstreams.answer("customer-b", &order("a", 5)) {
        Outcome::Respond(HttpResponse { body, .. }) => serde_json::from_slice::<Value>(&body).expect("JSON"),
        other => panic!("an answer was expected: {other:?}"),
    };
    assert_ne!(undescribed(1)["id"], undescribed(2)["id"], "who does not know the header ignores it");
}

#[test]
fn calls_are_checked_against_the_document() {
    let upstreams = described();
    let with = |name: &str, value: Value| {
        let mut order = json!({ "customer": "Ada", "amount": 5 });
        order[name] = value;
        order
    };
    for (body, message) in [
        (json!({ "customer": "Ada" }), "`body.amount` is missing"),
        (with("amount", json!("5")), "`body.amount` is not of the type integer"),
        (with("amount", json!(0)), "`body.amount` is below 1"),
        (with("customer", json!("")), "`body.customer` has fewer than 1 characters"),
        (with("customer", json!("x".repeat(21))), "`body.customer` has more than 20 characters"),
        (with("currency", json!("GBP")), "`body.currency` is none of \"EUR\", \"USD\""),
        (with("sku", json!("abc")), "`body.sku` does not fit the pattern `^[A-Z]{3}-[0-9]+$`"),
        (with("due", json!("tomorrow")), "`body.due` is not of the format date"),
        (with("lines", json!([{}])), "`body.lines[0].name` is missing"),
        (
            with("lines", json!([{ "name": "a" }, { "name": "b" }, { "name": "c" }])),
            "`body.lines` has more than 2 items",
        ),
        (with("id", json!("x")), "`body.id` is read only"),
        (with("colour", json!("red")), "`body.colour` is not described"),
    ] {
        let (status, refused) = send(&upstreams, "POST", "/orders", Some(&body));
        assert_eq!((status, refused["message"].as_str(), refused["code"].as_str()), (422, Some(message), Some("bad")));
    }
    assert_eq!(send(&upstreams, "POST", "/orders", Some(&with("sku", Value::Null))).0, 201, "null is one of its types");
    for (method, path, status, detail) in [
        ("GET", "/orders?limit=99", 400, "The query parameter `limit` is above 50"),
        ("GET", "/orders?limit=x", 400, "The query parameter `limit` is not of the type integer"),
        ("GET", "/orders/abc", 400, "The path parameter `id` has fewer than 4 characters"),
        ("GET", "/nothing", 404, "The document has no path for /v1/nothing"),
        ("PUT", "/orders", 405, "The path has no PUT"),
        ("POST", "/orders", 400, "The body is missing"),
    ] {
        let (answered, problem) = send(&upstreams, method, path, None);
        assert_eq!((answered, problem["detail"].as_str()), (status, Some(detail)), "{method} {path}");
    }
    let mut text = request("POST", "/orders", Some(&json!({})));
    text.headers.set("content-type", "text/csv");
    assert_eq!(answered(&upstreams, &text).0, 415);
    text.headers.remove("x-api-key");
    assert_eq!(answered(&upstreams, &text).0, 401);
    assert!(upstreams.expect_tokens("customer-a", "custom", vec![Secret::new("another-key")]));
    assert_eq!(send(&upstreams, "GET", "/orders", None).0, 401);
    upstreams.set_faults("customer-a", vec!["custom#1:422".parse().expect("a fault")]);
    assert_eq!(send(&upstreams, "POST", "/orders", Some(&json!({}))).1["code"], "bad");
}

#[test]
fn a_document_belongs_to_one_tenant_and_a_broken_one_is_named() {
    let upstreams = described();
    let Outcome::Respond(other) = upstreams.answer("customer-b", &request("GET", "/orders", None)) else {
        panic!("an answer was expected")
    };
    assert_eq!(other.status, 502);
    let mut taken = document();
    taken["servers"] = json!([{ "url": "https://api.notion.com/v1" }]);
    let mut relative = document();
    relative["servers"] = json!([{ "url": "/v1" }]);
    let mut foreign = document();
    foreign["paths"]["/orders"]["get"] = json!({ "$ref": "other.json#/x" });
    for (text, message) in [
        ("openapi: 3.1.0".to_owned(), "The document `x` is not JSON"),
        (json!({ "swagger": "2.0", "paths": {} }).to_string(), "The document `x` is not an OpenAPI 3 document"),
        (relative.to_string(), "The document `x` names no server with a host"),
        (taken.to_string(), "`notion` already answers for the host `api.notion.com` of the document `x`"),
        (foreign.to_string(), "The document `x` refers to `other.json#/x`, which is not in it"),
    ] {
        let error = upstreams.describe("customer-a", "x", &text).expect_err(message);
        assert_eq!(error.to_string(), message);
        assert_eq!(error.hints().len(), 1);
    }
    let mut unusual = document();
    unusual["components"]["schemas"]["Line"]["properties"]["name"]["pattern"] = json!("^(?!x)");
    let description = upstreams.describe("customer-a", "orders.json", &unusual.to_string()).expect("a document");
    assert_eq!(description.unchecked_patterns, ["^(?!x)"]);
}

#[test]
fn schemas_that_refer_to_themselves_end() {
    let upstreams = Upstreams::new();
    let mut endless = document();
    let node = json!({ "$ref": "#/components/schemas/Node" });
    let wide: serde_json::Map<String, Value> = (0..40).map(|index| (format!("f{index}"), node.clone())).collect();
    endless["components"]["schemas"]["Node"] = json!({ "type": "object", "properties": wide });
    endless["components"]["schemas"]["Twice"] =
        json!({ "allOf": [{ "$ref": "#/components/schemas/Twice" }, { "$ref": "#/components/schemas/Twice" }] });
    endless["components"]["schemas"]["Either"] =
        json!({ "anyOf": [{ "$ref": "#/components/schemas/Either" }, { "$ref": "#/components/schemas/Either" }] });
    endless["paths"]["/orders"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = node;
    for (path, schema) in [("/twice", "Twice"), ("/either", "Either")] {
        endless["paths"][path] = json!({ "post": {
            "requestBody": { "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } },
            "responses": { "204": { "description": "" } },
        } });
    }
    upstreams.describe("customer-a", "endless.json", &endless.to_string()).expect("a document");
    assert_eq!(send(&upstreams, "GET", "/orders", None).0, 200);
    assert_eq!(send(&upstreams, "POST", "/twice", Some(&json!({}))).0, 400);
    assert_eq!(send(&upstreams, "POST", "/either", Some(&json!({}))).0, 400);
}

const WEATHER: &str = "openapi: 3.1.0
info: { title: Weather, version: '1' }
servers: [{ url: https://weather.example.com }]
paths:
  /reports:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [country]
              properties:
                id: { type: string, readOnly: true, example: rep_1 }
                country: { type: string, enum: [no, se] }
      responses:
        '201': { description: made, content: { application/json: { schema: { type: object, properties: { id: { type: string, example: rep_1 }, country: { type: string } } } } } }
";

#[test]
fn documents_of_the_workspace_are_for_every_tenant_and_may_be_yaml() {
    let upstreams = Upstreams::new();
    let report = |tenant: &str, country: &str| {
        let request = HttpRequest {
            method: "POST".into(),
            url: "https://weather.example.com/reports".into(),
            headers: HttpMessageHeaders::from_iter([("content-type", "application/json")]),
            body: json!({ "country": country }).to_string().into(),
        };
        match upstreams.answer(tenant, &request) {
            Outcome::Respond(response) => response.status,
            other => panic!("an answer was expected: {other:?}"),
        }
    };
    assert_eq!(report("customer-a", "no"), 502, "nobody has described it");
    let documents = [("weather.yaml".to_owned(), WEATHER.to_owned()), ("broken.yaml".into(), "a: [".into())];
    let outcomes = upstreams.describe_to_all(&documents);
    assert_eq!(outcomes[0].1.as_ref().expect("a document").hosts, ["weather.example.com"]);
    let error = outcomes[1].1.as_ref().expect_err("broken");
    assert!(error.to_string().starts_with("The document `broken.yaml` is not YAML: "), "{error}");
    for tenant in ["customer-a", "customer-b"] {
        assert_eq!(report(tenant, "no"), 201, "`no` is a text in YAML 1.2");
        assert_eq!(report(tenant, "de"), 400);
    }
    let kept = upstreams.kept("customer-a", "custom").expect("an upstream");
    assert_eq!((kept.len(), &kept[0].content["country"]), (1, &json!("no")));
    upstreams.describe_to_all(&[]);
    assert_eq!(report("customer-a", "no"), 502, "what was taken away is not answered for");
    let bomb: String = (1..40).fold("a0: &a0 [x]\n".into(), |text, level| {
        format!("{text}a{level}: &a{level} [*a{before}, *a{before}]\n", before = level - 1)
    });
    assert!(upstreams.describe_to_all(&[("bomb.yml".into(), bomb)])[0].1.is_err(), "aliases do not grow without end");
}
