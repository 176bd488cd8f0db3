//! Blocks: the content of pages, appended, read and removed (`/v1/blocks/{id}` and its children).
//!
//! Facts: developers.notion.com/reference/patch-block-children. At most 100 children a call and 1000 blocks in it
//! at two levels of nesting; `after` became `position` in 2026-03-11.

use super::error::{Refusal, body_uuid, path_uuid};
use super::page::BOT_ID;
use super::{Call, IN_TRASH_SINCE, Notion, rich_text};
use crate::call::time_text;
use crate::upstream::Kept;
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

/// Deepest nesting of children within one request.
const DEEPEST: usize = 2;
/// Most blocks in one request, at every level together.
const MOST_BLOCKS: usize = 1000;
/// The block types that take children.
const WITH_CHILDREN: [&str; 14] = [
    "bulleted_list_item",
    "callout",
    "column",
    "column_list",
    "heading_1",
    "heading_2",
    "heading_3",
    "numbered_list_item",
    "paragraph",
    "quote",
    "synced_block",
    "table",
    "to_do",
    "toggle",
];
/// The block types that take none, or whose children come by themselves.
const WITHOUT_CHILDREN: [&str; 15] = [
    "audio",
    "bookmark",
    "breadcrumb",
    "code",
    "divider",
    "embed",
    "equation",
    "file",
    "image",
    "link_to_page",
    "pdf",
    "table_of_contents",
    "table_row",
    "template",
    "video",
];

/// One block.
pub struct Block {
    id: Uuid,
    /// A page or another block.
    parent: Uuid,
    kind: &'static str,
    content: Value,
    written: OffsetDateTime,
}

/// A block as it was given, with the blocks in it.
pub struct NewBlock {
    kind: &'static str,
    content: Value,
    children: Vec<NewBlock>,
}

/// Where new blocks go among their siblings.
#[derive(Clone, Copy)]
pub enum Place {
    Start,
    End,
    After(Uuid),
}

/// Checks the blocks under `children`: known types, at most 100 of them, their rich text within its limits.
pub fn checked(children: Option<&Value>) -> Result<Vec<NewBlock>, Refusal> {
    let Some(children) = children else {
        return Ok(Vec::new());
    };
    let mut count = 0;
    let blocks = checked_level("body.children", children, DEEPEST, &mut count)?;
    if count > MOST_BLOCKS {
        let given = Value::from(count);
        return Err(Refusal::should_be("body.children.length", &format!("≤ `{MOST_BLOCKS}`"), Some(&given)));
    }
    Ok(blocks)
}

fn checked_level(place: &str, given: &Value, depth: usize, count: &mut usize) -> Result<Vec<NewBlock>, Refusal> {
    let items = rich_text::array(place, given)?;
    *count += items.len();
    items.iter().enumerate().map(|(index, block)| one(&format!("{place}[{index}]"), block, depth, count)).collect()
}

fn one(place: &str, block: &Value, depth: usize, count: &mut usize) -> Result<NewBlock, Refusal> {
    let known = WITH_CHILDREN.into_iter().chain(WITHOUT_CHILDREN);
    let kind = known.into_iter().find(|kind| block.get(kind).is_some_and(Value::is_object));
    let named = block.get("type").and_then(Value::as_str);
    let Some(kind) = kind.filter(|kind| named.is_none_or(|named| named == *kind)) else {
        return Err(Refusal::should_be(place, "a block with its content under its type", Some(block)));
    };
    let mut content = block[kind].clone();
    if let Some(text) = content.get("rich_text") {
        rich_text::check(&format!("{place}.{kind}.rich_text"), text)?;
        content["rich_text"] = rich_text::normalised(text);
    } else if WITH_CHILDREN.contains(&kind) && !["column", "column_list", "synced_block", "table"].contains(&kind) {
        return Err(Refusal::should_be(&format!("{place}.{kind}.rich_text"), "defined", None));
    }
    let inner = content.as_object_mut().and_then(|content| content.remove("children"));
    let children = match inner {
        None => Vec::new(),
        Some(given) if depth == 0 => {
            return Err(Refusal::should_be(&format!("{place}.{kind}.children"), "not present", Some(&given)));
        }
        Some(given) => checked_level(&format!("{place}.{kind}.children"), &given, depth - 1, count)?,
    };
    Ok(NewBlock { kind, content, children })
}

impl Notion {
    /// Puts blocks under a parent. Answers their ids.
    pub(super) fn place(&mut self, parent: Uuid, blocks: Vec<NewBlock>, at: Place, now: OffsetDateTime) -> Vec<Uuid> {
        let first = match at {
            Place::Start => 0,
            Place::End => self.blocks.len(),
            Place::After(id) => {
                self.blocks.iter().position(|block| block.id == id).map_or(self.blocks.len(), |index| index + 1)
            }
        };
        let mut ids = Vec::new();
        let mut nested = Vec::new();
        for NewBlock { kind, content, children } in blocks {
            let id = Uuid::new_v4();
            self.blocks.insert(first + ids.len(), Block { id, parent, kind, content, written: now });
            ids.push(id);
            nested.push((id, children));
        }
        for (id, children) in nested.into_iter().filter(|(_, children)| !children.is_empty()) {
            self.place(id, children, Place::End, now);
        }
        ids
    }

    pub(super) fn append_children(&mut self, call: &Call<'_>, id: &str) -> Result<Value, Refusal> {
        let parent = self.parent_of_blocks(id)?;
        if call.body.get("children").is_none() {
            return Err(Refusal::should_be("body.children", "defined", None));
        }
        let blocks = checked(call.body.get("children"))?;
        let at = self.position(call, parent)?;
        let ids = self.place(parent, blocks, at, call.now);
        let results = self.blocks.iter().filter(|block| ids.contains(&block.id));
        let results: Vec<Value> = results.map(|block| self.object(block, call.version)).collect();
        Ok(list(&results, None))
    }

    pub(super) fn list_children(&self, call: &Call<'_>, id: &str) -> Result<Value, Refusal> {
        let parent = self.parent_of_blocks(id)?;
        let children: Vec<&Block> = self.blocks.iter().filter(|block| block.parent == parent).collect();
        let start = match call.query("start_cursor") {
            None => 0,
            Some(cursor) => children
                .iter()
                .position(|block| block.id.to_string() == cursor)
                .ok_or_else(|| Refusal::validation("The start_cursor provided is invalid."))?,
        };
        let size = match call.query("page_size") {
            None => 100,
            Some(size) => size.parse().ok().filter(|size| (1..=100).contains(size)).ok_or_else(|| {
                Refusal::should_be("query.page_size", "a number from `1` to `100`", Some(&Value::from(size)))
            })?,
        };
        let next = children.get(start + size).map(|block| block.id);
        let shown = children.into_iter().skip(start).take(size);
        let results: Vec<Value> = shown.map(|block| self.object(block, call.version)).collect();
        Ok(list(&results, next))
    }

    pub(super) fn retrieve_block(&self, call: &Call<'_>, id: &str) -> Result<Value, Refusal> {
        let id = path_uuid("path.block_id", id)?;
        let block = self.blocks.iter().find(|block| block.id == id).ok_or_else(|| no_block(id))?;
        Ok(self.object(block, call.version))
    }

    pub(super) fn delete_block(&mut self, call: &Call<'_>, id: &str) -> Result<Value, Refusal> {
        let id = path_uuid("path.block_id", id)?;
        let index = self.blocks.iter().position(|block| block.id == id).ok_or_else(|| no_block(id))?;
        let mut object = self.object(&self.blocks[index], call.version);
        self.blocks.remove(index);
        object["in_trash"] = json!(true);
        if call.version < IN_TRASH_SINCE {
            object["archived"] = json!(true);
        }
        Ok(object)
    }

    fn parent_of_blocks(&self, id: &str) -> Result<Uuid, Refusal> {
        let id = path_uuid("path.block_id", id)?;
        if let Some(page) = self.pages.iter().find(|page| page.id == id) {
            if page.in_trash {
                return Err(Refusal::validation(
                    "Can't edit block that is archived. You must unarchive the block before editing.",
                ));
            }
            return Ok(id);
        }
        match self.blocks.iter().find(|block| block.id == id) {
            None => Err(no_block(id)),
            Some(block) if WITHOUT_CHILDREN.contains(&block.kind) => {
                Err(Refusal::validation("Block does not support children."))
            }
            Some(_) => Ok(id),
        }
    }

    fn position(&self, call: &Call<'_>, parent: Uuid) -> Result<Place, Refusal> {
        let (place, given) = if call.version >= IN_TRASH_SINCE {
            if let Some(given) = call.body.get("after") {
                return Err(Refusal::should_be("body.after", "not present", Some(given)));
            }
            let kind = call.body.pointer("/position/type");
            match kind.and_then(Value::as_str) {
                Some("after_block") => ("body.position.after_block.id", call.body.pointer("/position/after_block/id")),
                Some("start") => return Ok(Place::Start),
                Some("end") => return Ok(Place::End),
                None if call.body.get("position").is_none() => return Ok(Place::End),
                _ => {
                    let expected = "`\"after_block\"`, `\"start\"` or `\"end\"`";
                    return Err(Refusal::should_be("body.position.type", expected, kind));
                }
            }
        } else {
            let Some(given) = call.body.get("after") else {
                return Ok(Place::End);
            };
            ("body.after", Some(given))
        };
        let after = body_uuid(place, given)?;
        let sibling = self.blocks.iter().any(|block| block.id == after && block.parent == parent);
        if sibling { Ok(Place::After(after)) } else { Err(no_block(after)) }
    }

    /// Every block, as a version of the API shows it.
    pub(super) fn kept_blocks(&self, version: &str) -> impl Iterator<Item = Kept> {
        self.blocks.iter().map(move |block| Kept::new("block", self.object(block, version)))
    }

    fn object(&self, block: &Block, version: &str) -> Value {
        let user = json!({ "object": "user", "id": BOT_ID });
        let has_children = self.blocks.iter().any(|other| other.parent == block.id);
        let on_page = self.pages.iter().any(|page| page.id == block.parent);
        let parent_kind = if on_page { "page_id" } else { "block_id" };
        let mut object = json!({
            "object": "block", "id": block.id, "parent": { "type": parent_kind, (parent_kind): block.parent },
            "created_time": time_text(block.written), "last_edited_time": time_text(block.written),
            "created_by": user, "last_edited_by": user, "has_children": has_children, "in_trash": false,
            "type": block.kind, (block.kind): answered(block.kind, &block.content),
        });
        if version < IN_TRASH_SINCE {
            object["archived"] = json!(false);
        }
        object
    }
}

/// The content with what Notion adds where nobody gave it.
fn answered(kind: &str, content: &Value) -> Value {
    let unset = match kind {
        "paragraph" | "callout" => json!({ "color": "default", "icon": null }),
        "heading_1" | "heading_2" | "heading_3" => json!({ "color": "default", "is_toggleable": false }),
        "to_do" => json!({ "color": "default", "checked": false }),
        "bulleted_list_item" | "numbered_list_item" | "quote" | "toggle" => json!({ "color": "default" }),
        "code" => json!({ "caption": [] }),
        _ => json!({}),
    };
    let mut answered = content.clone();
    if let (Value::Object(fields), Value::Object(unset)) = (&mut answered, unset) {
        for (name, value) in unset {
            fields.entry(name).or_insert(value);
        }
    }
    answered
}

fn list(results: &[Value], next: Option<Uuid>) -> Value {
    json!({
        "object": "list", "results": results, "next_cursor": next, "has_more": next.is_some(), "type": "block",
        "block": {},
    })
}

fn no_block(id: Uuid) -> Refusal {
    Refusal::not_found(format!(
        "Could not find block with ID: {id}. Make sure the relevant pages and databases are shared with your integration."
    ))
}
