//! The simulated Notion through the registry, as an adapter's calls reach it.

use patchbay_core::{HttpMessageHeaders, HttpRequest, HttpResponse, Secret};
use patchbay_upstream::{Fault, Outcome, Upstreams};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

const SOURCE: &str = "11111111-2222-4333-8444-555555555555";

fn request(method: &str, path: &str, body: Option<&Value>) -> HttpRequest {
    HttpRequest {
        method: method.into(),
        url: format!("https://api.notion.com{path}"),
        headers: HttpMessageHeaders::from_iter([
            ("Authorization", "Bearer example-notion-token"),
            ("Notion-Version", "2025-09-03"),
            ("Content-Type", "application/json"),
        ]),
        body: body.map(Value::to_string).unwrap_or_default().into(),
    }
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

fn page(title: &str, event: &str) -> Value {
    json!({
        "parent": { "type": "data_source_id", "data_source_id": SOURCE },
        "properties": {
            "Name": { "title": [{ "text": { "content": title } }] },
            "Event": { "rich_text": [{ "type": "text", "text": { "content": event, "link": null } }] },
            "Amount": { "number": 49.99 },
            "Status": { "select": { "name": "Paid" } },
            "Tags": { "multi_select": [{ "name": "a" }, { "name": "b" }] },
            "When": { "date": { "start": "2025-10-09T10:00:00.000Z" } },
            "Done": { "checkbox": false },
            "Link": { "url": "https://example.com/a" }
        }
    })
}

#[test]
fn a_created_page_can_be_read_queried_and_changed() {
    let upstreams = Upstreams::new();
    let (status, created) = send(&upstreams, "POST", "/v1/pages", &page("Deploy of *checkout*", "Ev1"));
    assert_eq!(status, 200, "{created}");
    assert_eq!(created["object"], "page");
    assert_eq!(created["parent"]["data_source_id"], SOURCE);
    assert_eq!(created["properties"]["Name"]["title"][0]["plain_text"], "Deploy of *checkout*");
    assert_eq!(created["properties"]["Name"]["id"], "title");
    assert_eq!(created["properties"]["Status"]["select"]["color"], "default");
    assert_eq!(created["archived"], false);
    let id = created["id"].as_str().expect("an id");
    let url = created["url"].as_str().expect("a url");
    assert!(url.starts_with("https://www.notion.so/Deploy-of-checkout-"), "{url}");
    assert!(created["request_id"].is_string());

    send(&upstreams, "POST", "/v1/pages", &page("Another", "Ev2"));
    let (_, read) = respond(&upstreams, &request("GET", &format!("/v1/pages/{id}"), None));
    assert_eq!(read["properties"], created["properties"]);

    let query = format!("/v1/data_sources/{SOURCE}/query");
    let by_event = json!({ "filter": { "property": "Event", "rich_text": { "equals": "Ev1" } }, "page_size": 1 });
    let (_, found) = send(&upstreams, "POST", &query, &by_event);
    assert_eq!(found["results"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["results"][0]["id"], id);
    for (filter, count) in [
        (json!({ "property": "Name", "title": { "contains": "noth" } }), 1),
        (json!({ "property": "Amount", "number": { "greater_than": 50 } }), 0),
        (json!({ "property": "Status", "select": { "equals": "Paid" } }), 2),
        (json!({ "property": "Tags", "multi_select": { "contains": "b" } }), 2),
        (
            json!({ "or": [{ "property": "Event", "rich_text": { "equals": "Ev2" } }, { "property": "Done", "checkbox": { "equals": true } }] }),
            1,
        ),
    ] {
        let (status, found) = send(&upstreams, "POST", &query, &json!({ "filter": filter }));
        assert_eq!((status, found["results"].as_array().map(Vec::len)), (200, Some(count)), "{filter}: {found}");
    }
    let (_, first) = send(&upstreams, "POST", &query, &json!({ "page_size": 1 }));
    assert_eq!(first["has_more"], true);
    let (_, second) =
        send(&upstreams, "POST", &query, &json!({ "page_size": 1, "start_cursor": first["next_cursor"] }));
    assert_eq!((second["has_more"].clone(), second["next_cursor"].clone()), (json!(false), Value::Null));

    let change = json!({ "properties": { "Status": { "select": { "name": "Refunded" } } }, "archived": true });
    let (_, changed) = send(&upstreams, "PATCH", &format!("/v1/pages/{id}"), &change);
    assert_eq!(changed["properties"]["Status"]["select"]["name"], "Refunded");
    assert_eq!(changed["in_trash"], true);
    let (status, refused) = send(&upstreams, "PATCH", &format!("/v1/pages/{id}"), &json!({ "properties": {} }));
    assert_eq!((status, refused["code"].as_str()), (400, Some("validation_error")));

    let (_, source) = respond(&upstreams, &request("GET", &format!("/v1/data_sources/{SOURCE}"), None));
    assert_eq!(source["properties"]["Amount"]["type"], "number");
}

#[test]
fn the_title_may_be_named_by_its_id() {
    let upstreams = Upstreams::new();
    let with = |name: &str, text: &str| {
        json!({
            "parent": { "data_source_id": SOURCE },
            "properties": { name: { "title": [{ "text": { "content": text } }] } }
        })
    };
    let (_, first) = send(&upstreams, "POST", "/v1/pages", &with("title", "One"));
    assert_eq!(first["properties"]["Name"]["title"][0]["plain_text"], "One", "{first}");
    let (status, _) = send(&upstreams, "POST", "/v1/pages", &with("Name", "Two"));
    assert_eq!(status, 200, "both names are the same property");
    let query = json!({ "filter": { "property": "title", "title": { "equals": "Two" } } });
    let (_, found) = send(&upstreams, "POST", &format!("/v1/data_sources/{SOURCE}/query"), &query);
    assert_eq!(found["results"].as_array().map(Vec::len), Some(1), "{found}");
}

#[test]
fn tenants_do_not_see_each_others_pages() {
    let upstreams = Upstreams::new();
    let (_, created) = send(&upstreams, "POST", "/v1/pages", &page("Mine", "Ev1"));
    let read = request("GET", &format!("/v1/pages/{}", created["id"].as_str().expect("an id")), None);
    let Outcome::Respond(other) = upstreams.answer("customer-b", &read) else { panic!("an answer was expected") };
    assert_eq!(other.status, 404);
    upstreams.reset("customer-a");
    assert_eq!(respond(&upstreams, &read).0, 404, "a reset should forget the pages");
}

#[test]
fn headers_are_checked_before_anything_else() {
    let upstreams = Upstreams::new();
    let check = |name: &str, value: Option<&str>, status: u16, code: &str| {
        let mut request = request("POST", "/v1/pages", Some(&page("x", "y")));
        request.headers.remove(name);
        if let Some(value) = value {
            request.headers.append(name, value);
        }
        let (answered, body) = respond(&upstreams, &request);
        assert_eq!((answered, body["code"].as_str()), (status, Some(code)), "{name}: {value:?}: {body}");
        assert_eq!((body["object"].as_str(), body["status"].as_u64()), (Some("error"), Some(u64::from(status))));
        assert!(body["request_id"].is_string());
    };
    check("authorization", None, 401, "unauthorized");
    check("authorization", Some("example-notion-token"), 401, "unauthorized");
    check("authorization", Some("Bearer "), 401, "unauthorized");
    check("notion-version", None, 400, "missing_version");
    check("notion-version", Some("2025-01-01"), 400, "validation_error");
    check("content-type", Some("text/plain"), 400, "validation_error");

    assert!(upstreams.expect_tokens("customer-a", "notion", vec![Secret::new("another-token")]));
    assert!(!upstreams.expect_tokens("customer-a", "no-such", vec![Secret::new("another-token")]));
    check("x-unrelated", None, 401, "unauthorized");
}

#[test]
fn bodies_are_refused_as_notion_refuses_them() {
    let upstreams = Upstreams::new();
    send(&upstreams, "POST", "/v1/pages", &page("first", "Ev1"));
    let with = |name: &str, property: Value| {
        let mut body = page("x", "y");
        body["properties"] = json!({ name: property });
        body
    };
    let long = "é".repeat(2001);
    let many: Vec<Value> = (0..101).map(|_| json!({ "text": { "content": "x" } })).collect();
    for (body, message) in [
        (
            json!({ "properties": {} }),
            "body failed validation: body.parent should be defined, instead was `undefined`.",
        ),
        (
            json!({ "parent": {}, "properties": {} }),
            "body failed validation: body.parent.data_source_id should be defined, instead was `undefined`.",
        ),
        (
            json!({ "parent": { "data_source_id": "nope" }, "properties": {} }),
            "body failed validation: body.parent.data_source_id should be a valid uuid, instead was `\"nope\"`.",
        ),
        (
            json!({ "parent": { "data_source_id": SOURCE } }),
            "body failed validation: body.properties should be defined, instead was `undefined`.",
        ),
        (
            with("Name", json!("x")),
            "body failed validation: body.properties.Name should be an object, instead was `\"x\"`.",
        ),
        (
            with("Name", json!({ "title": [{ "text": { "content": long } }] })),
            "body failed validation: body.properties.Name.title[0].text.content.length should be ≤ `2000`, instead was `2001`.",
        ),
        (
            with("Event", json!({ "rich_text": many })),
            "body failed validation: body.properties.Event.rich_text.length should be ≤ `100`, instead was `101`.",
        ),
        (
            with("Amount", json!({ "number": "49.99" })),
            "body failed validation: body.properties.Amount.number should be a number or `null`, instead was `\"49.99\"`.",
        ),
        (with("Amount", json!({ "rich_text": [] })), "Amount is expected to be number."),
        (with("Status", json!({ "select": { "name": "a,b" } })), "Invalid select option, commas not allowed: a,b"),
        (
            with("When", json!({ "date": { "start": "tomorrow" } })),
            "body failed validation: body.properties.When.date.start should be a valid ISO 8601 date string, instead was `\"tomorrow\"`.",
        ),
        (
            with("Title2", json!({ "title": [] })),
            "Title2 is not a property that exists. The title of this data source is Name.",
        ),
        (
            with("Done", json!({ "checkbox": null })),
            "body failed validation: body.properties.Done.checkbox should be a boolean, instead was `null`.",
        ),
    ] {
        let (status, answer) = send(&upstreams, "POST", "/v1/pages", &body);
        assert_eq!((status, answer["message"].as_str()), (400, Some(message)));
        assert_eq!(answer["code"], "validation_error");
    }
    let mut broken = request("POST", "/v1/pages", None);
    broken.body = "{\"parent\":".into();
    assert_eq!(respond(&upstreams, &broken).1["code"], "invalid_json");
    let mut large = request("POST", "/v1/pages", None);
    large.body = vec![b' '; 500 * 1024 + 1].into();
    assert_eq!(respond(&upstreams, &large).1["code"], "validation_error");
    let (_, source) = respond(&upstreams, &request("GET", &format!("/v1/data_sources/{SOURCE}"), None));
    assert_eq!(source["properties"].as_object().map(serde_json::Map::len), Some(8), "refused pages teach nothing");
}

#[test]
fn routes_depend_on_the_version_and_unknown_ones_are_not_invented() {
    let upstreams = Upstreams::new();
    let database = json!({
        "parent": { "database_id": SOURCE },
        "properties": { "Name": { "title": [{ "text": { "content": "old" } }] } }
    });
    let mut create = request("POST", "/v1/pages", Some(&database));
    create.headers.set("Notion-Version", "2022-06-28");
    let (status, created) = respond(&upstreams, &create);
    assert_eq!((status, created["parent"]["type"].as_str()), (200, Some("database_id")), "{created}");
    let mut query = request("POST", &format!("/v1/databases/{SOURCE}/query"), Some(&json!({})));
    assert_eq!(respond(&upstreams, &query).1["code"], "invalid_request_url");
    query.headers.set("Notion-Version", "2022-06-28");
    assert_eq!(respond(&upstreams, &query).1["results"].as_array().map(Vec::len), Some(1));

    assert_eq!(respond(&upstreams, &request("GET", "/v1/users/me", None)).1["type"], "bot");
    assert_eq!(respond(&upstreams, &request("GET", "/v2/pages", None)).1["code"], "invalid_request_url");
    let (status, body) = send(&upstreams, "POST", "/v1/comments", &json!({}));
    assert_eq!((status, body["code"].as_str()), (501, Some("not_simulated")));
    let (status, body) = respond(&upstreams, &request("GET", "/v1/pages/not-a-uuid", None));
    assert_eq!(status, 400, "{body}");
    let (status, body) = respond(&upstreams, &request("GET", &format!("/v1/pages/{SOURCE}"), None));
    assert_eq!((status, body["code"].as_str()), (404, Some("object_not_found")));
}

#[test]
fn an_unknown_host_fails_closed() {
    let mut request = request("GET", "/", None);
    request.url = "https://api.example.com/v1/things".into();
    assert_eq!(Upstreams::id_for_host("API.notion.com"), Some("notion"));
    assert_eq!(Upstreams::id_for_host("api.example.com"), None);
    let (status, body) = respond(&Upstreams::new(), &request);
    assert_eq!(status, 502);
    assert_eq!(body["message"], "No simulated upstream answers for `api.example.com`");
    assert!(body["simulated_hosts"].as_array().is_some_and(|hosts| hosts.contains(&json!("api.notion.com"))));
    request.url = "not a url".into();
    assert_eq!(respond(&Upstreams::new(), &request).0, 502);
}

#[test]
fn faults_break_the_calls_they_name() {
    let faults = |specs: &[&str]| specs.iter().map(|spec| spec.parse::<Fault>().expect("a fault")).collect::<Vec<_>>();
    let upstreams = Upstreams::new();
    let create = request("POST", "/v1/pages", Some(&page("x", "Ev1")));
    let count = || {
        let query = json!({ "page_size": 100 });
        let (_, found) = send(&upstreams, "POST", &format!("/v1/data_sources/{SOURCE}/query"), &query);
        found["results"].as_array().map_or(0, Vec::len)
    };

    upstreams.set_faults("customer-a", faults(&["notion#1:429:retry-after=1", "notion#2:503"]));
    let Outcome::Respond(limited) = upstreams.answer("customer-a", &create) else { panic!("an answer was expected") };
    assert_eq!((limited.status, limited.headers.get("Retry-After")), (429, Some("1")));
    let body: Value = serde_json::from_slice(&limited.body).expect("JSON");
    assert_eq!(body["code"], "rate_limited");
    assert_eq!(respond(&upstreams, &create).1["code"], "service_unavailable");
    assert_eq!(respond(&upstreams, &create).0, 200, "the third call is not broken");
    assert_eq!(count(), 1, "a call that was answered with an error should have no effect");

    upstreams.set_faults("customer-a", faults(&["notion#1:malformed"]));
    let Outcome::Respond(malformed) = upstreams.answer("customer-a", &create) else { panic!("an answer was expected") };
    assert_eq!(malformed.status, 200);
    assert!(serde_json::from_slice::<Value>(&malformed.body).is_err(), "half of a JSON text is none");
    assert_eq!(count(), 2, "the write took effect although its answer broke");

    upstreams.set_faults(
        "customer-a",
        faults(&["notion#1:reset", "notion#2:slow:ms=1500", "notion#3:truncated", "notion#4:timeout"]),
    );
    assert_eq!(upstreams.answer("customer-a", &create), Outcome::Reset);
    let Outcome::RespondAfter(delay, late) = upstreams.answer("customer-a", &create) else {
        panic!("a late answer was expected")
    };
    assert_eq!((delay.as_millis(), late.status), (1500, 200));
    let Outcome::Truncate { response, bytes } = upstreams.answer("customer-a", &create) else {
        panic!("a cut answer was expected")
    };
    assert!(bytes > 0 && bytes < response.body.len());
    let Outcome::RespondAfter(delay, late) = upstreams.answer("customer-a", &create) else {
        panic!("a late answer was expected")
    };
    assert_eq!((delay.as_secs(), late.status), (60, 504));

    upstreams.set_faults("customer-a", Vec::new());
    assert_eq!(respond(&upstreams, &create).0, 200);
}

#[test]
fn blocks_are_appended_read_and_removed() {
    let upstreams = Upstreams::new();
    let paragraph = |text: &str| json!({ "paragraph": { "rich_text": [{ "text": { "content": text } }] } });
    let mut first = page("With content", "Ev1");
    first["children"] = json!([paragraph("one")]);
    let (_, created) = send(&upstreams, "POST", "/v1/pages", &first);
    let children = format!("/v1/blocks/{}/children", created["id"].as_str().expect("an id"));
    let mut list = paragraph("three");
    list["paragraph"]["children"] = json!([paragraph("inside")]);
    let (status, appended) = send(&upstreams, "PATCH", &children, &json!({ "children": [list] }));
    assert_eq!((status, appended["results"][0]["has_children"].as_bool()), (200, Some(true)), "{appended}");
    let texts = || {
        let (_, read) = respond(&upstreams, &request("GET", &children, None));
        let results = read["results"].as_array().expect("results").clone();
        let text = |block: &Value| block["paragraph"]["rich_text"][0]["plain_text"].as_str().expect("text").to_owned();
        (results.iter().map(text).collect::<Vec<_>>(), results[0]["id"].clone())
    };
    let (before, one) = texts();
    assert_eq!(before, ["one", "three"]);
    let between = json!({ "children": [paragraph("two")], "after": one });
    assert_eq!(send(&upstreams, "PATCH", &children, &between).0, 200);
    assert_eq!(texts().0, ["one", "two", "three"]);
    let mut newer = request("PATCH", &children, Some(&between));
    newer.headers.set("Notion-Version", "2026-03-11");
    assert_eq!(respond(&upstreams, &newer).1["code"], "validation_error", "`after` became `position`");
    let position = json!({ "type": "after_block", "after_block": { "id": one } });
    newer.body = json!({ "children": [paragraph("1.5")], "position": position }).to_string().into();
    assert_eq!(respond(&upstreams, &newer).0, 200);
    assert_eq!(texts().0, ["one", "1.5", "two", "three"]);
    let path = format!("/v1/blocks/{}", one.as_str().expect("an id"));
    assert_eq!(respond(&upstreams, &request("DELETE", &path, None)).1["in_trash"], true);
    assert_eq!(respond(&upstreams, &request("GET", &path, None)).0, 404);
    assert_eq!(texts().0, ["1.5", "two", "three"]);

    let deep = json!({ "toggle": { "rich_text": [] } });
    for (body, message) in [
        (json!({}), "body failed validation: body.children should be defined, instead was `undefined`."),
        (
            json!({ "children": vec![paragraph("x"); 101] }),
            "body failed validation: body.children.length should be ≤ `100`, instead was `101`.",
        ),
        (
            json!({ "children": [{ "paragraph": {} }] }),
            "body failed validation: body.children[0].paragraph.rich_text should be defined, instead was `undefined`.",
        ),
        (
            json!({ "children": [{ "type": "heading_1", "toggle": deep["toggle"] }] }),
            "body failed validation: body.children[0] should be a block with its content under its type, instead was `{\"type\":\"heading_1\",\"toggle\":{\"rich_text\":[]}}`.",
        ),
    ] {
        let (status, answer) = send(&upstreams, "PATCH", &children, &body);
        assert_eq!((status, answer["message"].as_str()), (400, Some(message)));
    }
}

#[test]
fn a_budget_per_minute_is_kept_by_the_clock_that_is_handed_in() {
    let upstreams = Upstreams::new();
    let start = OffsetDateTime::UNIX_EPOCH;
    let me = request("GET", "/v1/users/me", None);
    let at = |seconds: i64| match upstreams.answer_at("customer-a", &me, start + Duration::seconds(seconds)) {
        Outcome::Respond(response) => response,
        other => panic!("an answer was expected: {other:?}"),
    };
    assert!((0..180).all(|_| at(0).status == 200));
    let refused = at(20);
    assert_eq!((refused.status, refused.headers.get("retry-after")), (429, Some("40")));
    let body: Value = serde_json::from_slice(&refused.body).expect("JSON");
    assert_eq!(body["code"], "rate_limited");
    assert!(body["additional_data"]["rate_limit_reason"].is_string(), "{body}");
    assert_eq!(at(60).status, 200);
    upstreams.lift_rate_limits("customer-a");
    assert!((0..500).all(|_| at(60).status == 200));
}

#[test]
fn a_share_of_calls_breaks_an_applied_write_cannot_be_seen_and_a_token_expires() {
    let upstreams = Upstreams::new();
    upstreams.lift_rate_limits("customer-a");
    let me = request("GET", "/v1/users/me", None);
    let broken = || {
        upstreams.set_faults("customer-a", vec!["notion%30:503:seed=5".parse().expect("a fault")]);
        (0..100).map(|_| respond(&upstreams, &me).0).filter(|status| *status == 503).count()
    };
    assert!((15..45).contains(&broken()), "{}", broken());
    assert_eq!(broken(), broken(), "the same seed breaks the same calls");

    upstreams.set_faults("customer-a", vec!["notion#1:500:applied".parse().expect("a fault")]);
    assert_eq!(send(&upstreams, "POST", "/v1/pages", &page("x", "Ev1")).0, 500);
    let (_, found) = send(&upstreams, "POST", &format!("/v1/data_sources/{SOURCE}/query"), &json!({}));
    assert_eq!(found["results"].as_array().map(Vec::len), Some(1), "the write took effect behind a 500");

    upstreams.set_faults("customer-a", vec!["notion:expired-token".parse().expect("a fault")]);
    let (status, body) = respond(&upstreams, &me);
    assert_eq!((status, body["code"].as_str()), (401, Some("unauthorized")));
    upstreams.set_faults("customer-a", vec!["notion:html".parse().expect("a fault")]);
    let Outcome::Respond(page) = upstreams.answer("customer-a", &me) else { panic!("an answer was expected") };
    assert_eq!((page.status, page.headers.get("content-type")), (502, Some("text/html; charset=utf-8")));
    upstreams.set_faults("customer-a", vec!["notion:empty".parse().expect("a fault")]);
    let Outcome::Respond(empty) = upstreams.answer("customer-a", &me) else { panic!("an answer was expected") };
    assert_eq!((empty.status, empty.body.len()), (200, 0));
}
