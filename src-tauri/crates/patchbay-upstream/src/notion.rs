//! Notion (`api.notion.com`): pages, data sources and the token's own user, versions 2022-06-28 to 2026-03-11.
//!
//! Facts: developers.notion.com/reference (authentication, versioning, request limits, errors). Data sources exist
//! as soon as a request names them, and learn their properties from what is written; a later value of another
//! type is refused as the real API refuses it. The budget of calls per minute depends on the plan and its numbers are
//! not published; 180 is what the older rule of three a second came to. Routes that Notion has and this simulation does not answer 501.

mod blocks;
mod error;
mod page;
mod properties;
mod query;
mod rich_text;

use crate::pace::{Pace, TooFast};
use crate::token::ExpectedToken;
use crate::upstream::{Kept, Upstream, json_response};
use blocks::{Block, Place};
use error::Refusal;
use page::{DataSource, Page};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
pub(crate) use properties::mapped as mapped_fields;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};
use url::Url;
use uuid::Uuid;

/// Versions that Notion has published.
const VERSIONS: [&str; 7] =
    ["2021-05-11", "2021-05-13", "2021-08-16", "2022-02-22", "2022-06-28", "2025-09-03", "2026-03-11"];
const NEWEST_VERSION: &str = VERSIONS[VERSIONS.len() - 1];
/// The first version in which databases hold data sources.
const DATA_SOURCES_SINCE: &str = "2025-09-03";
/// The first version in which `archived` is called `in_trash` only.
const IN_TRASH_SINCE: &str = "2026-03-11";
/// Largest request body, in bytes.
const LARGEST_BODY: usize = 500 * 1024;
/// First path segments of the real API.
const REAL_ROUTES: [&str; 8] =
    ["blocks", "comments", "data_sources", "databases", "file_uploads", "pages", "search", "users"];

/// One tenant's simulated Notion.
pub struct Notion {
    token: ExpectedToken,
    pace: Pace,
    pages: Vec<Page>,
    blocks: Vec<Block>,
    data_sources: BTreeMap<Uuid, DataSource>,
}

impl Default for Notion {
    fn default() -> Self {
        Self {
            token: ExpectedToken::default(),
            pace: Pace::new(180, Duration::minutes(1)),
            pages: Vec::new(),
            blocks: Vec::new(),
            data_sources: BTreeMap::new(),
        }
    }
}

/// What every handler knows about the call.
struct Call<'a> {
    version: &'a str,
    url: &'a Url,
    body: Value,
    now: OffsetDateTime,
}

impl Call<'_> {
    fn has_data_sources(&self) -> bool {
        self.version >= DATA_SOURCES_SINCE
    }

    fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

impl Upstream for Notion {
    fn hosts(&self) -> Vec<&str> {
        vec!["api.notion.com"]
    }

    fn expect_tokens(&mut self, tokens: Vec<Secret>) {
        self.token.expect(tokens);
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let request_id = Uuid::new_v4();
        let mut response = match self.route(request, now) {
            Ok(mut body) => {
                body["request_id"] = json!(request_id);
                json_response(200, &body)
            }
            Err(refusal) => refusal.response(request_id),
        };
        response.headers.set("x-notion-request-id", request_id.to_string());
        response
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        Refusal::for_status(status).response(Uuid::new_v4())
    }

    fn kept(&self) -> Vec<Kept> {
        let pages = self.pages.iter().map(|page| Kept::new("page", page.object(NEWEST_VERSION)));
        pages.chain(self.kept_blocks(NEWEST_VERSION)).collect()
    }

    fn recognises(&self, token: &Secret) -> bool {
        ["ntn_", "secret_"].iter().any(|prefix| token.expose().starts_with(prefix))
    }

    fn lift_rate_limits(&mut self) {
        self.pace.lift();
    }
}

impl Notion {
    fn route(&mut self, request: &HttpRequest, now: OffsetDateTime) -> Result<Value, Refusal> {
        let url = Url::parse(&request.url).map_err(|_| Refusal::invalid_url())?;
        let segments: Vec<&str> = url.path().trim_matches('/').split('/').collect();
        let Some((&"v1", route)) = segments.split_first() else {
            return Err(Refusal::invalid_url());
        };
        let token = self.authenticate(request)?;
        self.pace.take(token, now).map_err(|early: TooFast| Refusal::rate_limited(early.seconds()))?;
        let version = version(request)?;
        let call = Call { version, url: &url, body: body(request)?, now };
        match (request.method.as_str(), route) {
            ("GET", ["users", "me"]) => Ok(bot()),
            ("POST", ["pages"]) => self.create_page(&call),
            ("GET", ["pages", id]) => self.retrieve_page(&call, id),
            ("PATCH", ["pages", id]) => self.update_page(&call, id),
            ("GET", ["blocks", id]) => self.retrieve_block(&call, id),
            ("DELETE", ["blocks", id]) => self.delete_block(&call, id),
            ("GET", ["blocks", id, "children"]) => self.list_children(&call, id),
            ("PATCH", ["blocks", id, "children"]) => self.append_children(&call, id),
            ("GET", ["data_sources", id]) if call.has_data_sources() => self.retrieve_data_source(id),
            ("POST", ["data_sources", id, "query"]) if call.has_data_sources() => {
                self.query(&call, id, "path.data_source_id")
            }
            ("POST", ["databases", id, "query"]) if !call.has_data_sources() => {
                self.query(&call, id, "path.database_id")
            }
            (_, ["data_sources", ..]) if !call.has_data_sources() => Err(Refusal::invalid_url()),
            (_, ["databases", _, "query"]) => Err(Refusal::invalid_url()),
            (method, [first, ..]) if REAL_ROUTES.contains(first) => Err(Refusal::not_simulated(method, url.path())),
            _ => Err(Refusal::invalid_url()),
        }
    }

    fn authenticate<'a>(&self, request: &'a HttpRequest) -> Result<&'a str, Refusal> {
        let header = request.headers.get("authorization").unwrap_or_default();
        let token = header.strip_prefix("Bearer ").filter(|token| !token.contains(' '));
        token.filter(|token| self.token.admits(token)).ok_or_else(Refusal::unauthorized)
    }

    fn create_page(&mut self, call: &Call<'_>) -> Result<Value, Refusal> {
        let parent = page::parent(call)?;
        let mut given = properties::checked(call.body.get("properties"))?;
        let children = blocks::checked(call.body.get("children"))?;
        if let page::Parent::DataSource(id) = &parent {
            given = self.data_sources.entry(*id).or_default().learn(given)?;
        } else if given.keys().any(|name| name != "title") {
            return Err(Refusal::validation(
                "body.properties should only have the property `title` when the parent is a page",
            ));
        }
        let page = Page::new(parent, properties::normalised(given), call);
        let object = page.object(call.version);
        let id = page.id;
        self.pages.push(page);
        self.place(id, children, Place::End, call.now);
        Ok(object)
    }

    fn retrieve_page(&self, call: &Call<'_>, id: &str) -> Result<Value, Refusal> {
        let id = error::path_uuid("path.page_id", id)?;
        self.pages.iter().find(|page| page.id == id).map(|page| page.object(call.version)).ok_or_else(|| not_found(id))
    }

    fn update_page(&mut self, call: &Call<'_>, id: &str) -> Result<Value, Refusal> {
        let id = error::path_uuid("path.page_id", id)?;
        let page = self.pages.iter_mut().find(|page| page.id == id).ok_or_else(|| not_found(id))?;
        let mut given = match call.body.get("properties") {
            None => BTreeMap::new(),
            some => properties::checked(some)?,
        };
        let in_trash = page::in_trash(call)?;
        if page.in_trash && in_trash != Some(false) {
            return Err(Refusal::validation(
                "Can't edit block that is archived. You must unarchive the block before editing.",
            ));
        }
        if let page::Parent::DataSource(source) = &page.parent {
            given = self.data_sources.entry(*source).or_default().learn(given)?;
        }
        page.properties.extend(properties::normalised(given));
        page.in_trash = in_trash.unwrap_or(page.in_trash);
        page.last_edited = call.now;
        Ok(page.object(call.version))
    }

    fn retrieve_data_source(&mut self, id: &str) -> Result<Value, Refusal> {
        let id = error::path_uuid("path.data_source_id", id)?;
        Ok(self.data_sources.entry(id).or_default().object(id))
    }

    fn query(&self, call: &Call<'_>, id: &str, place: &str) -> Result<Value, Refusal> {
        let id = error::path_uuid(place, id)?;
        let pages = self.pages.iter().filter(|page| page.parent == page::Parent::DataSource(id) && !page.in_trash);
        query::run(call, self.data_sources.get(&id), pages)
    }
}

fn version(request: &HttpRequest) -> Result<&str, Refusal> {
    let Some(given) = request.headers.get("notion-version") else {
        return Err(Refusal::missing_version());
    };
    VERSIONS.into_iter().find(|known| *known == given).ok_or_else(|| {
        Refusal::validation(format!(
            "Notion-Version header failed validation: Notion-Version header should be `\"2026-03-11\"`, `\"2025-09-03\"`, or `\"2022-06-28\"`, instead was `\"{}\"`.",
            given.chars().take(40).collect::<String>()
        ))
    })
}

/// The JSON body of a call that has one; `null` for GET.
fn body(request: &HttpRequest) -> Result<Value, Refusal> {
    if request.method == "GET" || request.method == "DELETE" {
        return Ok(Value::Null);
    }
    if request.body.len() > LARGEST_BODY {
        return Err(Refusal::validation(format!(
            "body failed validation: body.length should be ≤ `{LARGEST_BODY}`, instead was `{}`.",
            request.body.len()
        )));
    }
    let content_type = request.headers.get("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !request.body.is_empty() && !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::validation(format!(
            "body failed validation: the Content-Type header should be `application/json`, instead was `{essence}`."
        )));
    }
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Refusal::invalid_json())?;
    if body.is_object() { Ok(body) } else { Err(Refusal::should_be("body", "an object", Some(&body))) }
}

fn not_found(page: Uuid) -> Refusal {
    Refusal::not_found(format!(
        "Could not find page with ID: {page}. Make sure the relevant pages and databases are shared with your integration."
    ))
}

fn bot() -> Value {
    json!({
        "object": "user", "id": page::BOT_ID, "name": "Simulated Notion", "avatar_url": null, "type": "bot",
        "bot": {
            "owner": { "type": "workspace", "workspace": true }, "workspace_name": "Simulated workspace",
            "workspace_id": page::WORKSPACE_ID, "workspace_limits": { "max_file_upload_size_in_bytes": 5_242_880 },
        },
    })
}
