//! Pages and data sources, and how the API shows them.

use super::error::{Refusal, body_uuid};
use super::properties::{Given, property_id};
use super::{Call, IN_TRASH_SINCE, rich_text};
use crate::call::time_text;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// The integration's own user.
pub const BOT_ID: &str = "00000000-0000-4000-8000-0000000000b0";

/// The workspace that the integration is in.
pub const WORKSPACE_ID: &str = "00000000-0000-4000-8000-0000000000f0";

/// Where a page lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// In a data source (called a database before 2025-09-03).
    DataSource(Uuid),
    /// Under another page.
    Page(Uuid),
}

/// One page.
pub struct Page {
    pub id: Uuid,
    pub parent: Parent,
    pub properties: Map<String, Value>,
    pub created: OffsetDateTime,
    pub last_edited: OffsetDateTime,
    pub in_trash: bool,
}

impl Page {
    pub fn new(parent: Parent, properties: Map<String, Value>, call: &Call<'_>) -> Self {
        Self { id: Uuid::new_v4(), parent, properties, created: call.now, last_edited: call.now, in_trash: false }
    }

    /// The page as a version of the API shows it.
    pub fn object(&self, version: &str) -> Value {
        let title = self.properties.values().find(|property| property["type"] == "title");
        let title = title.map(|property| rich_text::plain(&property["title"])).unwrap_or_default();
        let user = json!({ "object": "user", "id": BOT_ID });
        let mut object = json!({
            "object": "page", "id": self.id, "created_time": time_text(self.created),
            "last_edited_time": time_text(self.last_edited), "created_by": user, "last_edited_by": user,
            "cover": null, "icon": null, "parent": self.parent.object(version), "in_trash": self.in_trash,
            "is_archived": false, "is_locked": false, "properties": self.properties,
            "url": format!("https://www.notion.so/{}{}", slug(&title), self.id.simple()), "public_url": null,
        });
        if version < IN_TRASH_SINCE {
            object["archived"] = json!(self.in_trash);
        }
        object
    }
}

impl Parent {
    fn object(&self, version: &str) -> Value {
        match self {
            Self::Page(id) => json!({ "type": "page_id", "page_id": id }),
            // The simulation gives a database and its only data source the same id.
            Self::DataSource(id) if version >= super::DATA_SOURCES_SINCE => {
                json!({ "type": "data_source_id", "data_source_id": id, "database_id": id })
            }
            Self::DataSource(id) => json!({ "type": "database_id", "database_id": id }),
        }
    }
}

/// Reads `body.parent`.
pub fn parent(call: &Call<'_>) -> Result<Parent, Refusal> {
    let given = call.body.get("parent");
    let expected = if given.is_some() { "an object" } else { "defined" };
    let fields = given.and_then(Value::as_object).ok_or_else(|| Refusal::should_be("body.parent", expected, given))?;
    if let Some(id) = fields.get("data_source_id").filter(|_| call.has_data_sources()) {
        return body_uuid("body.parent.data_source_id", Some(id)).map(Parent::DataSource);
    }
    if let Some(id) = fields.get("database_id") {
        return body_uuid("body.parent.database_id", Some(id)).map(Parent::DataSource);
    }
    if let Some(id) = fields.get("page_id") {
        return body_uuid("body.parent.page_id", Some(id)).map(Parent::Page);
    }
    let wanted = if call.has_data_sources() { "body.parent.data_source_id" } else { "body.parent.database_id" };
    Err(Refusal::should_be(wanted, "defined", None))
}

/// Reads `body.in_trash`, or `body.archived` where the version still has it.
pub fn in_trash(call: &Call<'_>) -> Result<Option<bool>, Refusal> {
    for name in ["in_trash", "archived"] {
        let place = format!("body.{name}");
        match call.body.get(name) {
            None => {}
            Some(given) if name == "archived" && call.version >= IN_TRASH_SINCE => {
                return Err(Refusal::should_be(&place, "not present", Some(given)));
            }
            Some(Value::Bool(given)) => return Ok(Some(*given)),
            Some(given) => return Err(Refusal::should_be(&place, "a boolean", Some(given))),
        }
    }
    Ok(None)
}

/// A table of pages. Its properties are those that were written to it.
#[derive(Default)]
pub struct DataSource {
    kinds: BTreeMap<String, &'static str>,
}

/// What a column of a type says about itself besides its name.
fn configuration(kind: &str) -> Value {
    match kind {
        "number" => json!({ "format": "number" }),
        "select" | "multi_select" => json!({ "options": [] }),
        "status" => json!({ "options": [], "groups": [] }),
        _ => json!({}),
    }
}

impl DataSource {
    /// The type of a property, once a page has written it.
    pub fn kind(&self, property: &str) -> Option<&'static str> {
        self.kinds.get(property).copied()
    }

    /// The name of a property that is named by its id, as the API allows; the title's id is always `title`.
    pub fn name_of(&self, given: &str) -> String {
        if self.kinds.contains_key(given) {
            return given.to_owned();
        }
        let known = self.kinds.iter().find(|(name, kind)| property_id(name, kind) == given);
        match known {
            Some((name, _)) => name.clone(),
            // Notion calls the title of a new data source so.
            None if given == "title" => "Name".to_owned(),
            None => given.to_owned(),
        }
    }

    /// Takes new properties in and refuses a known one under another type, all or nothing.
    /// Answers them under their names.
    pub fn learn(&mut self, given: BTreeMap<String, Given>) -> Result<BTreeMap<String, Given>, Refusal> {
        let given: BTreeMap<String, Given> =
            given.into_iter().map(|(name, property)| (self.name_of(&name), property)).collect();
        for (name, property) in &given {
            let known = self.kind(name);
            if let Some(known) = known.filter(|known| *known != property.kind) {
                return Err(Refusal::validation(format!("{name} is expected to be {known}.")));
            }
            let other_title = self.kinds.iter().find(|(other, kind)| **kind == "title" && *other != name);
            if let Some((other, _)) = other_title.filter(|_| property.kind == "title") {
                return Err(Refusal::validation(format!(
                    "{name} is not a property that exists. The title of this data source is {other}."
                )));
            }
        }
        self.kinds.extend(given.iter().map(|(name, property)| (name.clone(), property.kind)));
        Ok(given)
    }

    /// The data source as the API shows it.
    pub fn object(&self, id: Uuid) -> Value {
        let properties: Map<String, Value> = self
            .kinds
            .iter()
            .map(|(name, kind)| {
                let id = property_id(name, kind);
                let configuration = configuration(kind);
                (
                    name.clone(),
                    json!({ "id": id, "name": name, "description": null, "type": kind, (*kind): configuration }),
                )
            })
            .collect();
        json!({
            "object": "data_source", "id": id, "title": [], "description": [], "properties": properties,
            "parent": { "type": "database_id", "database_id": id }, "archived": false, "in_trash": false,
            "is_inline": false, "icon": null, "cover": null,
            "url": format!("https://www.notion.so/{}", id.simple()), "public_url": null,
        })
    }
}

/// `Deploy of checkout` → `Deploy-of-checkout-`; nothing for an empty title.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.take(12).fold(String::new(), |slug, word| slug + word + "-")
}
