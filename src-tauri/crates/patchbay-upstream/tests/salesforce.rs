//! The simulated Salesforce through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
const HOST: &str = "https://example.my.salesforce.com";

fn request(method: &str, path: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: format!("{HOST}/services/data/v66.0{path}"),
        headers: HttpMessageHeaders::from_iter([
            ("authorization", "Bearer example-salesforce-token"),
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
    let HttpResponse { status, body, .. } = answered(upstreams, &request(method, path, body), START);
    (status, if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).expect("JSON") })
}

fn query(upstreams: &Upstreams, soql: &str) -> (u16, Value) {
    let mut url = url::Url::parse(&format!("{HOST}/services/data/v66.0/query")).expect("a URL");
    url.query_pairs_mut().append_pair("q", soql);
    let mut read = request("GET", "", None);
    read.url = url.into();
    let response = answered(upstreams, &read, START);
    (response.status, serde_json::from_slice(&response.body).expect("JSON"))
}

#[test]
fn a_lead_is_created_read_updated_found_and_deleted() {
    let upstreams = Upstreams::new();
    let lead = json!({ "LastName": "O'Hara", "Company": "Example GmbH", "Email": "o@example.com", "Score__c": 7 });
    let (status, created) = send(&upstreams, "POST", "/sobjects/Lead", Some(&lead));
    assert_eq!((status, &created["success"], &created["errors"]), (201, &json!(true), &json!([])), "{created}");
    let id = created["id"].as_str().expect("an id");
    assert!(id.starts_with("00Q") && id.len() == 18, "{id}");
    let one = format!("/sobjects/Lead/{id}");
    assert_eq!(send(&upstreams, "PATCH", &one, Some(&json!({ "Status": "Working" }))), (204, Value::Null));
    let (_, read) = send(&upstreams, "GET", &format!("{one}?fields=LastName,Status"), None);
    assert_eq!((&read["LastName"], &read["Status"], read.get("Company")), (&json!("O'Hara"), &json!("Working"), None));
    assert_eq!(send(&upstreams, "GET", &format!("/sobjects/Lead/{}", &id[..15]), None).1["Id"], id);
    for (condition, count) in [
        ("LastName = 'O\\'Hara'", 1),
        ("lastname = 'o\\'hara' AND Score__c > 6.5", 1),
        ("Email LIKE '%@example.com' AND (Status = 'Open' OR Status IN ('Working', 'Closed'))", 1),
        ("NOT Status = 'Working'", 0),
        ("Phone = null", 1),
        ("CreatedDate < 1971-01-01T00:00:00Z", 1),
        ("Status NOT IN ('Working')", 0),
    ] {
        let (status, found) =
            query(&upstreams, &format!("SELECT Id, Name FROM Lead WHERE {condition} ORDER BY Name DESC LIMIT 5"));
        assert_eq!((status, found["totalSize"].as_u64()), (200, Some(count)), "{condition}: {found}");
    }
    assert_eq!(query(&upstreams, "SELECT COUNT() FROM Lead").1["totalSize"], 1);
    for broken in [
        "SELECT Id",
        "SELECT Id FROM Lead WHERE Name = 'x",
        "SELECT Id FROM Lead GROUP BY Name",
        "SELECT Id FROM Lead WHERE Name = x",
        &format!("SELECT Id FROM Lead WHERE {}", "(".repeat(100)),
    ] {
        let (status, refused) = query(&upstreams, broken);
        assert_eq!((status, refused[0]["errorCode"].as_str()), (400, Some("MALFORMED_QUERY")), "{refused}");
    }
    assert_eq!(send(&upstreams, "DELETE", &one, None).0, 204);
    assert_eq!(send(&upstreams, "GET", &one, None).1[0]["errorCode"], "ENTITY_IS_DELETED");
    assert_eq!(query(&upstreams, "SELECT Id FROM Lead").1["totalSize"], 0);

    let (status, named) = send(&upstreams, "GET", "/sobjects/Contact/003D000000QOmVFIA1", None);
    assert_eq!((status, named["LastName"].as_str()), (200, Some("Example")), "a message may name it");
}

#[test]
fn a_query_reads_fields_of_parent_records() {
    let upstreams = Upstreams::new();
    let (_, account) = send(&upstreams, "POST", "/sobjects/Account", Some(&json!({ "Name": "Other GmbH" })));
    for contact in [json!({ "LastName": "A", "AccountId": account["id"] }), json!({ "LastName": "B" })] {
        assert_eq!(send(&upstreams, "POST", "/sobjects/Contact", Some(&contact)).0, 201);
    }
    let soql = "SELECT Id, Account.Id, Account.Name, Account.Parent.Name FROM Contact ORDER BY LastName";
    let (_, found) = query(&upstreams, soql);
    let (with, without) = (&found["records"][0]["Account"], &found["records"][1]["Account"]);
    assert_eq!((&with["Id"], &with["Name"], &with["Parent"]), (&account["id"], &json!("Other GmbH"), &Value::Null));
    assert_eq!((&with["attributes"]["type"], without), (&json!("Account"), &Value::Null), "{found}");
}

#[test]
fn a_query_finds_the_contact_whom_every_org_knows() {
    let upstreams = Upstreams::new();
    let by = |email: &str| {
        query(&upstreams, &format!("SELECT Title, Account.Industry FROM Contact WHERE Email = '{email}' LIMIT 1")).1
    };
    assert_eq!(query(&upstreams, "SELECT Id FROM Contact WHERE NOT Email = 'ada@example.com'").1["totalSize"], 0);
    for _ in 0..2 {
        let found = &by("Ada@example.com")["records"][0];
        assert_eq!(
            (&found["Title"], &found["Account"]["Industry"]),
            (&json!("Head of Operations"), &json!("Technology"))
        );
    }
    assert_eq!(by("grace@example.com")["totalSize"], 0);
    assert_eq!(query(&upstreams, "SELECT Id FROM Contact").1["totalSize"], 1, "asking twice makes no second one");
}

#[test]
fn an_upsert_by_external_id_creates_once() {
    let upstreams = Upstreams::new();
    let path = "/sobjects/Lead/Event_Id__c/evt%2F1";
    let lead = json!({ "LastName": "Ada", "Company": "Example GmbH" });
    let (status, first) = send(&upstreams, "PATCH", path, Some(&lead));
    assert_eq!((status, &first["created"]), (201, &json!(true)), "{first}");
    let (status, again) = send(&upstreams, "PATCH", path, Some(&json!({ "Company": "Other GmbH" })));
    assert_eq!((status, &again["created"], &again["id"]), (200, &json!(false), &first["id"]));
    assert_eq!(send(&upstreams, "GET", path, None).1["Company"], "Other GmbH");
    assert_eq!(send(&upstreams, "PATCH", "/sobjects/Lead/Company/x", Some(&lead)).0, 404);
    let twin = json!({ "LastName": "Ada", "Company": "Example GmbH", "Event_Id__c": "evt/1" });
    send(&upstreams, "POST", "/sobjects/Lead", Some(&twin));
    let (status, urls) = send(&upstreams, "PATCH", path, Some(&lead));
    assert_eq!((status, urls.as_array().map(Vec::len)), (300, Some(2)), "several records match");

    let records = json!({ "records": [
        { "attributes": { "type": "Lead" }, "Key__c": "a", "LastName": "A", "Company": "X" },
        { "attributes": { "type": "Lead" }, "Key__c": "b", "Company": "X" },
    ] });
    let (status, each) = send(&upstreams, "PATCH", "/composite/sobjects/Lead/Key__c", Some(&records));
    assert_eq!((status, &each[0]["success"], &each[1]["success"]), (200, &json!(true), &json!(false)), "{each}");
    assert_eq!(each[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    let mut all = records;
    all["allOrNone"] = json!(true);
    all["records"][0]["Key__c"] = json!("c");
    let (_, none) = send(&upstreams, "PATCH", "/composite/sobjects/Lead/Key__c", Some(&all));
    assert_eq!(none[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
    assert_eq!(query(&upstreams, "SELECT Id FROM Lead WHERE Key__c = 'c'").1["totalSize"], 0);
}

#[test]
fn composite_parts_refer_to_each_other() {
    let upstreams = Upstreams::new();
    let part = |method: &str, path: &str, reference: &str, body: Value| json!({ "method": method, "url": format!("/services/data/v66.0{path}"), "referenceId": reference, "body": body });
    let body = json!({ "allOrNone": true, "compositeRequest": [
        part("POST", "/sobjects/Account", "account", json!({ "Name": "Example GmbH" })),
        part("POST", "/sobjects/Contact", "contact", json!({ "LastName": "Ada", "AccountId": "@{account.id}" })),
        part("GET", "/sobjects/Contact/@{contact.id}", "read", Value::Null),
    ] });
    let (status, answer) = send(&upstreams, "POST", "/composite", Some(&body));
    let parts = &answer["compositeResponse"];
    assert_eq!((status, &parts[2]["httpStatusCode"]), (200, &json!(200)), "{answer}");
    assert_eq!(parts[2]["body"]["AccountId"], parts[0]["body"]["id"]);
    let mut broken = body;
    broken["compositeRequest"][1]["body"]["LastName"] = Value::Null;
    let (_, answer) = send(&upstreams, "POST", "/composite", Some(&broken));
    let codes: Vec<&Value> = (0..3).map(|part| &answer["compositeResponse"][part]["body"][0]["errorCode"]).collect();
    assert_eq!(codes, ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]);
    let id = parts[1]["body"]["id"].as_str().expect("an id");
    let read = json!({ "ids": [id, "003000000000000AAA"], "fields": ["LastName"] });
    let (_, both) = send(&upstreams, "POST", "/composite/sobjects/Contact", Some(&read));
    assert_eq!((&both[0]["LastName"], both[1].is_object()), (&json!("Ada"), true), "{both}");
    let delete = format!("/composite/sobjects?ids={id},{id},short");
    let (_, deleted) = send(&upstreams, "DELETE", &delete, None);
    let successes: Vec<&Value> = (0..3).map(|index| &deleted[index]["success"]).collect();
    assert_eq!(successes, [true, false, false]);
    assert_eq!(query(&upstreams, "SELECT Id FROM Account").1["totalSize"], 1, "a failed composite leaves nothing");
}

#[test]
fn calls_are_refused_as_salesforce_refuses_them() {
    let upstreams = Upstreams::new();
    for (path, body, status, code) in [
        ("/sobjects/Lead", json!({ "Company": "X" }), 400, "REQUIRED_FIELD_MISSING"),
        ("/sobjects/Lead", json!({ "LastName": "A", "Company": "X", "Colour": "red" }), 400, "INVALID_FIELD"),
        ("/sobjects/Lead", json!({ "LastName": "A".repeat(81), "Company": "X" }), 400, "STRING_TOO_LONG"),
        ("/sobjects/Lead", json!({ "LastName": "A", "Company": "X", "Email": "nobody" }), 400, "INVALID_EMAIL_ADDRESS"),
        ("/sobjects/Lead", json!({ "LastName": 7, "Company": "X" }), 400, "JSON_PARSER_ERROR"),
        (
            "/sobjects/Lead",
            json!({ "LastName": "A", "Company": "X", "Id": "x" }),
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        (
            "/sobjects/Opportunity",
            json!({ "Name": "A", "StageName": "B", "CloseDate": "soon" }),
            400,
            "JSON_PARSER_ERROR",
        ),
        ("/sobjects/Spaceship", json!({}), 404, "NOT_FOUND"),
        ("/actions/standard", json!({}), 501, "NOT_SIMULATED"),
    ] {
        let (answered, refused) = send(&upstreams, "POST", path, Some(&body));
        assert_eq!((answered, refused[0]["errorCode"].as_str()), (status, Some(code)), "{path} {body}: {refused}");
    }
    let (_, missing) = send(&upstreams, "POST", "/sobjects/Lead", Some(&json!({})));
    assert_eq!(missing[0]["fields"], json!(["LastName", "Company"]));
    let mut other = request("GET", "/limits", None);
    other.url = other.url.replace("v66.0", "v10.0");
    assert_eq!(answered(&upstreams, &other, START).status, 404);
    other.url = "https://login.salesforce.com/services/data/v66.0/limits".into();
    assert_eq!(answered(&upstreams, &other, START).status, 404, "data lives on the org's own host");
    upstreams.set_faults("customer-a", vec!["salesforce#1:expired-token".parse().expect("a fault")]);
    let (status, expired) = send(&upstreams, "GET", "/limits", None);
    assert_eq!((status, expired[0]["errorCode"].as_str()), (401, Some("INVALID_SESSION_ID")));
}

#[test]
fn a_token_is_issued_and_expires() {
    let upstreams = Upstreams::new();
    assert!(upstreams.expect_tokens("customer-a", "salesforce", vec![Secret::new("example-client-secret")]));
    let token = |secret: &str| {
        let request = HttpRequest {
            method: "POST".into(),
            url: "https://login.salesforce.com/services/oauth2/token".into(),
            headers: HttpMessageHeaders::from_iter([("content-type", "application/x-www-form-urlencoded")]),
            body: format!("grant_type=client_credentials&client_id=x&client_secret={secret}").into(),
        };
        let response = answered(&upstreams, &request, START);
        (response.status, serde_json::from_slice::<Value>(&response.body).expect("JSON"))
    };
    assert_eq!(token("wrong").1["error"], "invalid_client");
    let (status, issued) = token("example-client-secret");
    assert_eq!((status, issued["instance_url"].as_str()), (200, Some("https://simulated.my.salesforce.com")));
    let mut limits = request("GET", "/limits", None);
    assert_eq!(answered(&upstreams, &limits, START).status, 401, "another token than the expected one");
    limits.headers.set("authorization", format!("Bearer {}", issued["access_token"].as_str().expect("a token")));
    assert_eq!(answered(&upstreams, &limits, START).status, 200);
    assert_eq!(answered(&upstreams, &limits, START + Duration::hours(2)).status, 401);
}

#[test]
fn an_org_has_so_many_calls_a_day() {
    let upstreams = Upstreams::new();
    let limits = request("GET", "/limits", None);
    let first = answered(&upstreams, &limits, START);
    assert_eq!(first.headers.get("Sforce-Limit-Info"), Some("api-usage=1/15000"));
    assert!((1..15_000).all(|_| answered(&upstreams, &limits, START).status == 200));
    let refused = answered(&upstreams, &limits, START + Duration::hours(23));
    let body: Value = serde_json::from_slice(&refused.body).expect("JSON");
    assert_eq!((refused.status, body[0]["errorCode"].as_str()), (403, Some("REQUEST_LIMIT_EXCEEDED")));
    assert_eq!(answered(&upstreams, &limits, START + Duration::days(1)).status, 200);
}
