//! The simulated Airtable through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const TABLE: &str = "/v0/appExample0000001/Payments%20in";

fn request(method: &str, path: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: format!("https://api.airtable.com{path}"),
        headers: HttpMessageHeaders::from_iter([
            ("Authorization", "Bearer example-airtable-token"),
            ("Content-Type", "application/json"),
        ]),
        body: body.map(Value::to_string).unwrap_or_default().into(),
    }
}

fn unpaced() -> Upstreams {
    let upstreams = Upstreams::new();
    upstreams.lift_rate_limits("customer-a");
    upstreams
}

fn respond(upstreams: &Upstreams, request: &HttpRequest) -> (u16, Value) {
    match upstreams.answer("customer-a", request) {
        Outcome::Respond(HttpResponse { status, body, .. }) => (status, serde_json::from_slice(&body).expect("JSON")),
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn send(upstreams: &Upstreams, method: &str, path: &str, body: &Value) -> (u16, Value) {
    respond(upstreams, &request(method, path, Some(body)))
}

fn list(upstreams: &Upstreams, parameters: &[(&str, &str)]) -> (u16, Value) {
    let mut url = url::Url::parse(&format!("https://api.airtable.com{TABLE}")).expect("a URL");
    url.query_pairs_mut().extend_pairs(parameters);
    let mut read = request("GET", "", None);
    read.url = url.into();
    respond(upstreams, &read)
}

#[test]
fn created_records_are_read_listed_changed_and_removed() {
    let upstreams = unpaced();
    let records = json!({ "records": [
        { "fields": { "Name": "first", "Amount": 49.99, "Paid": true, "Tags": ["a", "b"], "Note": "" } },
        { "fields": { "Name": "it's \"second\"", "Amount": 7, "Paid": false } },
    ] });
    let (status, created) = send(&upstreams, "POST", TABLE, &records);
    assert_eq!(status, 200, "{created}");
    let first = &created["records"][0];
    assert_eq!(first["fields"], json!({ "Name": "first", "Amount": 49.99, "Paid": true, "Tags": ["a", "b"] }));
    let id = first["id"].as_str().expect("an id");
    assert!(id.starts_with("rec") && id.len() == 17, "{id}");
    assert_eq!(respond(&upstreams, &request("GET", &format!("{TABLE}/{id}"), None)).1, *first);

    for (formula, count) in [
        ("{Name} = 'first'", 1),
        ("{Name}='it\\'s \"second\"'", 1),
        ("AND({Amount} > 5, NOT({Paid}))", 1),
        ("OR({Name} = 'none', FIND('sec', Name))", 1),
        ("LOWER({Name} & '!') = \"first!\"", 1),
        ("{Nobody wrote this} = ''", 2),
        ("RECORD_ID() = 'recNone'", 0),
    ] {
        let (status, found) = list(&upstreams, &[("filterByFormula", formula)]);
        assert_eq!((status, found["records"].as_array().map(Vec::len)), (200, Some(count)), "{formula}: {found}");
    }
    for formula in ["{Name", "REGEX_MATCH({Name}, 'x')", "{Name} = 'a' 'b'", "NOT()", &"(".repeat(100_000)] {
        let (status, refused) = list(&upstreams, &[("filterByFormula", formula)]);
        assert_eq!((status, refused["error"]["type"].as_str()), (422, Some("INVALID_FILTER_BY_FORMULA")), "{refused}");
    }
    let sorted = [("sort[0][field]", "Amount"), ("pageSize", "1"), ("fields[]", "Name")];
    let (_, page) = list(&upstreams, &sorted);
    assert_eq!(page["records"][0]["fields"], json!({ "Name": "it's \"second\"" }));
    let offset = page["offset"].as_str().expect("another page");
    let (_, page) = list(&upstreams, &[&sorted[..], &[("offset", offset)]].concat());
    assert_eq!(page["records"][0]["id"], id);
    assert!(page.get("offset").is_none());

    let one = format!("{TABLE}/{id}");
    let (_, changed) = send(&upstreams, "PATCH", &one, &json!({ "fields": { "Amount": null, "Note": "x" } }));
    assert_eq!(changed["fields"], json!({ "Name": "first", "Paid": true, "Tags": ["a", "b"], "Note": "x" }));
    let (_, replaced) = send(&upstreams, "PUT", &one, &json!({ "fields": { "Name": "only" } }));
    assert_eq!(replaced["fields"], json!({ "Name": "only" }));
    let (status, deleted) = respond(&upstreams, &request("DELETE", &one, None));
    assert_eq!((status, deleted), (200, json!({ "id": id, "deleted": true })));
    assert_eq!(respond(&upstreams, &request("GET", &one, None)), (404, json!({ "error": "NOT_FOUND" })));
    let (_, schema) = respond(&upstreams, &request("GET", "/v0/meta/bases/appExample0000001/tables", None));
    assert_eq!(schema["tables"][0]["name"], "Payments in");
    assert_eq!(schema["tables"][0]["fields"][1]["type"], "number");
}

#[test]
fn an_upsert_updates_what_it_finds_and_creates_the_rest() {
    let upstreams = unpaced();
    let upsert = |event: &str, amount: u32| {
        json!({
            "performUpsert": { "fieldsToMergeOn": ["Event ID"] },
            "records": [{ "fields": { "Event ID": event, "Amount": amount } }],
        })
    };
    let (_, first) = send(&upstreams, "PATCH", TABLE, &upsert("evt_1", 1));
    assert_eq!(first["createdRecords"].as_array().map(Vec::len), Some(1), "{first}");
    let (_, again) = send(&upstreams, "PATCH", TABLE, &upsert("evt_1", 2));
    assert_eq!(again["updatedRecords"][0], first["createdRecords"][0]);
    assert_eq!(again["records"][0]["fields"]["Amount"], 2);
    assert_eq!(list(&upstreams, &[]).1["records"].as_array().map(Vec::len), Some(1));
    let mut twice = upsert("evt_2", 1);
    twice["records"] = json!([twice["records"][0], twice["records"][0]]);
    assert_eq!(send(&upstreams, "PATCH", TABLE, &twice).0, 422);
    let without =
        json!({ "performUpsert": { "fieldsToMergeOn": ["Event ID"] }, "records": [{ "fields": { "a": 1 } }] });
    assert_eq!(send(&upstreams, "PATCH", TABLE, &without).0, 422);
    assert_eq!(list(&upstreams, &[]).1["records"].as_array().map(Vec::len), Some(1), "a refused upsert writes nothing");
}

#[test]
fn calls_are_refused_as_airtable_refuses_them() {
    let upstreams = unpaced();
    let fields = |fields: Value| json!({ "records": [{ "fields": fields }] });
    send(&upstreams, "POST", TABLE, &fields(json!({ "Amount": 1, "Tags": ["a"] })));
    let many = json!({ "records": vec![json!({ "fields": {} }); 11] });
    for (body, status, kind) in [
        (fields(json!({ "Amount": "12" })), 422, "INVALID_VALUE_FOR_COLUMN"),
        (fields(json!({ "Tags": "a" })), 422, "INVALID_VALUE_FOR_COLUMN"),
        (fields(json!({ "Nested": [[1]] })), 422, "INVALID_VALUE_FOR_COLUMN"),
        (json!({ "records": [{ "Name": "x" }] }), 422, "INVALID_REQUEST_MISSING_FIELDS"),
        (json!({ "Name": "x" }), 422, "INVALID_REQUEST_MISSING_FIELDS"),
        (json!({ "records": [] }), 422, "INVALID_REQUEST_UNKNOWN"),
        (many, 422, "INVALID_REQUEST_UNKNOWN"),
        (json!([]), 422, "INVALID_REQUEST_UNKNOWN"),
    ] {
        let (answered, refused) = send(&upstreams, "POST", TABLE, &body);
        assert_eq!((answered, refused["error"]["type"].as_str()), (status, Some(kind)), "{body}");
    }
    let mut cast = fields(json!({ "Amount": "12.5", "Tags": "a, b" }));
    cast["typecast"] = json!(true);
    let (status, made) = send(&upstreams, "POST", TABLE, &cast);
    assert_eq!((status, &made["records"][0]["fields"]), (200, &json!({ "Amount": 12.5, "Tags": ["a", "b"] })));

    let mut broken = request("POST", TABLE, None);
    broken.body = "{\"records\":".into();
    assert_eq!(respond(&upstreams, &broken).0, 400);
    assert_eq!(respond(&upstreams, &request("GET", "/v0/notabase/T", None)), (404, json!({ "error": "NOT_FOUND" })));
    assert_eq!(respond(&upstreams, &request("GET", &format!("{TABLE}/rec1"), None)).0, 404);
    assert_eq!(send(&upstreams, "PATCH", &format!("{TABLE}/rec1"), &json!({ "fields": {} })).0, 422);
    assert!(upstreams.expect_tokens("customer-a", "airtable", vec![Secret::new("another-token")]));
    let (status, refused) = list(&upstreams, &[]);
    assert_eq!((status, refused["error"]["type"].as_str()), (401, Some("AUTHENTICATION_REQUIRED")));
}

#[test]
fn the_sixth_call_in_a_second_shuts_the_base_for_half_a_minute() {
    let upstreams = Upstreams::new();
    let start = OffsetDateTime::UNIX_EPOCH;
    let at = |path: &str, milliseconds: i64| {
        let moment = start + Duration::milliseconds(milliseconds);
        match upstreams.answer_at("customer-a", &request("GET", path, None), moment) {
            Outcome::Respond(response) => response,
            other => panic!("an answer was expected: {other:?}"),
        }
    };
    assert!((0..5).all(|index| at(TABLE, index * 100).status == 200));
    let refused = at(TABLE, 600);
    assert_eq!((refused.status, refused.headers.get("retry-after")), (429, None));
    let body: Value = serde_json::from_slice(&refused.body).expect("JSON");
    assert_eq!(body["errors"][0]["error"], "RATE_LIMIT_REACHED");
    assert_eq!(at(TABLE, 30_000).status, 429, "a second is not enough once the limit was passed");
    assert_eq!(at("/v0/appExample0000002/T", 700).status, 200, "another base is not affected");
    assert_eq!(at(TABLE, 30_600).status, 200);
}
