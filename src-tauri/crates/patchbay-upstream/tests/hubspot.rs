//! The simulated `HubSpot` through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const CONTACTS: &str = "/crm/v3/objects/contacts";

fn request(method: &str, path: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: format!("https://api.hubapi.com{path}"),
        headers: HttpMessageHeaders::from_iter([
            ("authorization", "Bearer example-hubspot-token"),
            ("content-type", "application/json"),
        ]),
        body: body.map(Value::to_string).unwrap_or_default().into(),
    }
}

fn answered(upstreams: &Upstreams, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
    match upstreams.answer_at("customer-a", request, now) {
        Outcome::Respond(response) => response,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn send(upstreams: &Upstreams, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let HttpResponse { status, body, .. } =
        answered(upstreams, &request(method, path, body), OffsetDateTime::UNIX_EPOCH);
    (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") })
}

fn contact(email: &str, more: &Value) -> Value {
    let mut properties = json!({ "email": email });
    properties.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    json!({ "properties": properties })
}

#[test]
fn a_contact_is_created_read_changed_found_and_archived() {
    let upstreams = Upstreams::new();
    let ada = contact("ada@example.com", &json!({ "firstname": "Ada", "score__x": 7 }));
    let (status, created) = send(&upstreams, "POST", CONTACTS, Some(&ada));
    assert_eq!((status, created["properties"]["score__x"].as_str()), (201, Some("7")), "values are texts: {created}");
    let id = created["id"].as_str().expect("an id");
    let (status, conflict) = send(&upstreams, "POST", CONTACTS, Some(&contact("ADA@example.com", &json!({}))));
    assert_eq!((status, conflict["message"].as_str()), (409, Some("Contact already exists. Existing ID: 151")));

    let one = format!("{CONTACTS}/{id}");
    let (_, read) = send(&upstreams, "GET", &format!("{one}?properties=firstname,phone"), None);
    assert_eq!((&read["properties"]["firstname"], &read["properties"]["phone"]), (&json!("Ada"), &Value::Null));
    let by_email = format!("{CONTACTS}/ada%40example.com?idProperty=email");
    assert_eq!(send(&upstreams, "GET", &by_email, None).1["id"], id);
    let change = json!({ "properties": { "firstname": "Augusta" } });
    assert_eq!(send(&upstreams, "PATCH", &by_email, Some(&change)).1["properties"]["firstname"], "Augusta");
    for (filter, count) in [
        (json!({ "propertyName": "email", "operator": "EQ", "value": "ada@example.com" }), 1),
        (json!({ "propertyName": "score__x", "operator": "GT", "value": "10" }), 0),
        (json!({ "propertyName": "firstname", "operator": "IN", "values": ["Augusta", "Bob"] }), 1),
        (json!({ "propertyName": "phone", "operator": "NOT_HAS_PROPERTY" }), 1),
    ] {
        let search = json!({ "filterGroups": [{ "filters": [filter] }] });
        let (status, found) = send(&upstreams, "POST", &format!("{CONTACTS}/search"), Some(&search));
        assert_eq!((status, found["total"].as_u64()), (200, Some(count)), "{filter}: {found}");
    }
    assert_eq!(send(&upstreams, "GET", "/crm/objects/2026-03/contacts", None).1["results"][0]["id"], id);
    let mut eu = request("GET", &one, None);
    eu.url = eu.url.replace("api.hubapi", "api-eu1.hubapi");
    assert_eq!(answered(&upstreams, &eu, OffsetDateTime::UNIX_EPOCH).status, 200);
    assert_eq!(send(&upstreams, "DELETE", &one, None), (204, Value::Null));
    assert_eq!(send(&upstreams, "GET", &one, None).1["category"], "OBJECT_NOT_FOUND");

    let (status, named) = send(&upstreams, "GET", &format!("{CONTACTS}/1246965"), None);
    assert_eq!((status, named["properties"]["email"].as_str()), (200, Some("contact-1246965@example.com")));
}

#[test]
fn a_batch_upserts_and_tells_what_failed() {
    let upstreams = Upstreams::new();
    let upsert =
        |email: &str, name: &str| json!({ "idProperty": "email", "id": email, "properties": { "firstname": name } });
    let batch = json!({ "inputs": [upsert("a@example.com", "A"), upsert("b@example.com", "B")] });
    let path = format!("{CONTACTS}/batch/upsert");
    let (status, first) = send(&upstreams, "POST", &path, Some(&batch));
    assert_eq!((status, first["results"][0]["new"].as_bool()), (200, Some(true)), "{first}");
    let (_, again) = send(&upstreams, "POST", &path, Some(&batch));
    assert_eq!((&again["results"][1]["new"], &again["results"][1]["id"]), (&json!(false), &first["results"][1]["id"]));
    let half = json!({ "inputs": [upsert("a@example.com", "A2"), upsert("broken", "C")] });
    let (status, partial) = send(&upstreams, "POST", &path, Some(&half));
    assert_eq!(
        (status, partial["numErrors"].as_u64(), partial["results"].as_array().map(Vec::len)),
        (207, Some(1), Some(1))
    );
    assert_eq!(partial["errors"][0]["context"]["ids"], json!(["broken"]));
    let created = json!({ "inputs": [contact("new@example.com", &json!({})), contact("a@example.com", &json!({}))] });
    assert_eq!(send(&upstreams, "POST", &format!("{CONTACTS}/batch/create"), Some(&created)).0, 409);
    let (status, _) = send(&upstreams, "GET", &format!("{CONTACTS}/new%40example.com?idProperty=email"), None);
    assert_eq!(status, 404, "a refused batch creates nothing");
}

#[test]
fn calls_are_refused_as_hubspot_refuses_them() {
    let upstreams = Upstreams::new();
    for (body, category, part) in [
        (json!({}), "VALIDATION_ERROR", "Some required fields were not set: [properties]"),
        (contact("nobody", &json!({})), "VALIDATION_ERROR", "INVALID_EMAIL"),
        (contact("a@example.com", &json!({ "First Name": "x" })), "VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST"),
        (contact("a@example.com", &json!({ "createdate": "x" })), "VALIDATION_ERROR", "READ_ONLY_VALUE"),
        (contact("a@example.com", &json!({ "firstname": {} })), "VALIDATION_ERROR", "java.lang.String"),
    ] {
        let (status, refused) = send(&upstreams, "POST", CONTACTS, Some(&body));
        assert_eq!(
            (status, refused["status"].as_str(), refused["category"].as_str()),
            (400, Some("error"), Some(category))
        );
        assert!(refused["message"].as_str().is_some_and(|message| message.contains(part)), "{refused}");
        assert!(refused["correlationId"].is_string());
    }
    let operator =
        json!({ "filterGroups": [{ "filters": [{ "propertyName": "email", "operator": "LIKE", "value": "x" }] }] });
    assert_eq!(send(&upstreams, "POST", &format!("{CONTACTS}/search"), Some(&operator)).0, 400);
    assert_eq!(send(&upstreams, "GET", "/crm/v3/objects/spaceships", None).0, 400);
    assert_eq!(send(&upstreams, "GET", "/crm/v3/owners", None).0, 501);
    let many = json!({ "inputs": vec![json!({ "id": "1" }); 101] });
    assert_eq!(send(&upstreams, "POST", &format!("{CONTACTS}/batch/read"), Some(&many)).0, 400);
    upstreams.set_faults("customer-a", vec!["hubspot#1:expired-token".parse().expect("a fault")]);
    assert_eq!(send(&upstreams, "GET", CONTACTS, None).1["category"], "EXPIRED_AUTHENTICATION");
    assert!(upstreams.expect_tokens("customer-a", "hubspot", vec![Secret::new("another-token")]));
    assert_eq!(send(&upstreams, "GET", CONTACTS, None).0, 401);
}

#[test]
fn a_hundred_calls_fit_into_ten_seconds() {
    let upstreams = Upstreams::new();
    let list = request("GET", CONTACTS, None);
    let at = |seconds| answered(&upstreams, &list, OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds));
    assert_eq!(at(0).headers.get("X-HubSpot-RateLimit-Remaining"), Some("99"));
    assert!((0..99).all(|_| at(0).status == 200));
    let refused = at(9);
    let body: Value = serde_json::from_slice(&refused.body).expect("JSON");
    assert_eq!((refused.status, body["policyName"].as_str()), (429, Some("TEN_SECONDLY_ROLLING")));
    assert_eq!(at(10).status, 200);
}
