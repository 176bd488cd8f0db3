//! The methods of the Web API.

use super::reply::Refusal;
use super::{Slack, blocks};
use crate::fields::{holding, text as text_field};
use crate::upstream::Kept;
use patchbay_core::field::{Holds, KnownField, UpstreamFields};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// The bot that the token belongs to.
const BOT_USER: &str = "U000SIMBOT";
const BOT: &str = "B000SIMBOT";
const TEAM: &str = "T000SIMTEAM";
const APP: &str = "A000SIMAPP";
/// Longest text that is kept; Slack cuts the rest off.
const LONGEST_TEXT: usize = 40_000;

/// What a mapping may write: arguments of `chat.postMessage`. Other names are for the adapter's own blocks.
pub fn mapped() -> UpstreamFields {
    let texts = ["channel", "thread_ts", "username", "icon_emoji", "icon_url"].map(|name| holding(name, Holds::Text));
    let flags = ["mrkdwn", "unfurl_links", "unfurl_media", "reply_broadcast"].map(|name| holding(name, Holds::Boolean));
    let fields: Vec<KnownField> = texts.into_iter().chain(flags).chain([text_field("text", LONGEST_TEXT)]).collect();
    UpstreamFields { fields, ..UpstreamFields::open("slack", "Slack") }
}

type Arguments = Map<String, Value>;

/// One message in a channel.
pub struct Message {
    channel: String,
    ts: String,
    object: Value,
}

impl Message {
    pub fn kept(&self) -> Kept {
        Kept { kind: format!("message in {}", self.channel), id: self.ts.clone(), content: self.object.clone() }
    }
}

/// `api.test` answers what it was sent.
pub fn api_test(arguments: &Arguments) -> Value {
    json!({ "args": arguments })
}

impl Slack {
    pub(super) fn run(&mut self, method: &str, given: &Arguments, now: OffsetDateTime) -> Result<Value, Refusal> {
        match method {
            "auth.test" => Ok(json!({
                "url": "https://simulated.slack.com/", "team": "Simulated team", "user": "patchbay", "team_id": TEAM,
                "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": false,
            })),
            "chat.postMessage" => self.post(given, now),
            "chat.postEphemeral" => {
                channel(given)?;
                user(given)?;
                content(given)?;
                Ok(json!({ "message_ts": self.next_ts(now) }))
            }
            "chat.update" => self.update(given),
            "chat.delete" => {
                let index = self.find(given, "ts", "message_not_found")?;
                let message = self.messages.remove(index);
                Ok(json!({ "channel": message.channel, "ts": message.ts }))
            }
            "chat.getPermalink" => {
                let index = self.find(given, "message_ts", "message_not_found")?;
                let Message { channel, ts, .. } = &self.messages[index];
                let link = format!("https://simulated.slack.com/archives/{channel}/p{}", ts.replace('.', ""));
                Ok(json!({ "channel": channel, "permalink": link }))
            }
            "conversations.history" | "conversations.replies" => self.history(method, given),
            "conversations.info" | "conversations.join" => Ok(json!({ "channel": channel_object(&channel(given)?) })),
            "conversations.open" => {
                let users = text(given, "users").ok_or_else(|| Refusal::because("users_list_not_supplied"))?;
                Ok(json!({ "channel": { "id": id_for('D', users) } }))
            }
            "conversations.list" => {
                let mut ids: Vec<&str> = self.messages.iter().map(|message| message.channel.as_str()).collect();
                ids.sort_unstable();
                ids.dedup();
                let channels: Vec<Value> = ids.into_iter().map(channel_object).collect();
                Ok(json!({ "channels": channels, "response_metadata": { "next_cursor": "" } }))
            }
            "reactions.add" | "reactions.remove" => self.react(given, method == "reactions.add"),
            "reactions.get" => {
                let index = self.find(given, "timestamp", "message_not_found")?;
                let Message { channel, object, .. } = &self.messages[index];
                Ok(json!({ "type": "message", "channel": channel, "message": object }))
            }
            "users.info" => Ok(json!({ "user": user_object(&user(given)?, None) })),
            "users.lookupByEmail" => {
                let email = text(given, "email").filter(|email| email.contains('@'));
                let email = email.ok_or_else(|| Refusal::because("users_not_found"))?;
                Ok(json!({ "user": user_object(&id_for('U', email), Some(email)) }))
            }
            _ => Err(Refusal::because("unknown_method")),
        }
    }

    /// Puts a message into a channel, whoever sends it.
    pub(super) fn keep(&mut self, channel: &str, mut object: Value, now: OffsetDateTime) -> Message {
        let ts = self.next_ts(now);
        object["ts"] = ts.as_str().into();
        let kept = Message { channel: channel.to_owned(), ts: ts.clone(), object: object.clone() };
        self.messages.push(kept);
        Message { channel: channel.to_owned(), ts, object }
    }

    fn next_ts(&mut self, now: OffsetDateTime) -> String {
        self.newest = (now.unix_timestamp_nanos() / 1000).max(self.newest + 1);
        format!("{}.{:06}", self.newest / 1_000_000, self.newest % 1_000_000)
    }

    fn post(&mut self, given: &Arguments, now: OffsetDateTime) -> Result<Value, Refusal> {
        let channel = channel(given)?;
        let (mut object, cut) = content(given)?;
        metadata(given)?;
        self.posting.take(&channel, now).map_err(|early| Refusal::rate_limited(early.seconds()))?;
        for name in ["thread_ts", "metadata"] {
            if let Some(value) = given.get(name).filter(|value| !value.is_null()) {
                object[name] = value.clone();
            }
        }
        object["user"] = BOT_USER.into();
        object["bot_id"] = BOT.into();
        object["app_id"] = APP.into();
        object["team"] = TEAM.into();
        object["bot_profile"] =
            json!({ "id": BOT, "app_id": APP, "name": "patchbay", "deleted": false, "team_id": TEAM });
        let Message { channel, ts, object } = self.keep(&channel, object, now);
        let mut answer = json!({ "channel": channel, "ts": ts, "message": object });
        if cut {
            answer["warning"] = "message_truncated".into();
            answer["response_metadata"] = json!({ "warnings": ["message_truncated"] });
        }
        Ok(answer)
    }

    fn update(&mut self, given: &Arguments) -> Result<Value, Refusal> {
        let index = self.find(given, "ts", "message_not_found")?;
        let (object, _) = content(given)?;
        let message = &mut self.messages[index];
        for (name, value) in object.as_object().into_iter().flatten() {
            message.object[name] = value.clone();
        }
        message.object["edited"] = json!({ "user": BOT_USER, "ts": message.ts });
        let text = message.object["text"].clone();
        // Unlike a message in a list, this one does not repeat its name.
        let mut shown = message.object.clone();
        if let Some(fields) = shown.as_object_mut() {
            fields.shift_remove("ts");
        }
        Ok(json!({ "channel": message.channel, "ts": message.ts, "text": text, "message": shown }))
    }

    fn history(&self, method: &str, given: &Arguments) -> Result<Value, Refusal> {
        let channel = channel(given)?;
        let thread = text(given, "ts");
        if method == "conversations.replies" && thread.is_none() {
            return Err(Refusal::because("thread_not_found"));
        }
        let limit = match given.get("limit").map(|limit| limit.as_u64().or_else(|| limit.as_str()?.parse().ok())) {
            None => 100,
            Some(limit) => {
                limit.filter(|limit| (1..1000).contains(limit)).ok_or_else(|| Refusal::because("invalid_limit"))?
            }
        };
        // Without `inclusive` the two times themselves are left out.
        let inclusive = flag(given, "inclusive");
        let is_after = |ts: &str, oldest: &str| ts > oldest || (inclusive && ts == oldest);
        let is_before = |ts: &str, latest: &str| ts < latest || (inclusive && ts == latest);
        let in_thread = |message: &&Message| {
            message.channel == channel
                && match (method, thread) {
                    ("conversations.replies", Some(thread)) => {
                        message.ts == thread || message.object["thread_ts"] == thread
                    }
                    _ => message.object.get("thread_ts").is_none_or(|parent| *parent == message.ts.as_str()),
                }
                && text(given, "oldest").is_none_or(|oldest| is_after(&message.ts, oldest))
                && text(given, "latest").is_none_or(|latest| is_before(&message.ts, latest))
        };
        let mut found: Vec<Value> =
            self.messages.iter().filter(in_thread).map(|message| message.object.clone()).collect();
        if !flag(given, "include_all_metadata") {
            found.iter_mut().filter_map(Value::as_object_mut).for_each(|message| {
                message.shift_remove("metadata");
            });
        }
        if method == "conversations.history" {
            found.reverse();
        }
        let limit = usize::try_from(limit).unwrap_or(100);
        let more = found.len() > limit;
        found.truncate(limit);
        let mut answer = json!({ "messages": found, "has_more": more });
        if method == "conversations.history" {
            answer["pin_count"] = 0.into();
        }
        Ok(answer)
    }

    fn react(&mut self, given: &Arguments, add: bool) -> Result<Value, Refusal> {
        let name = text(given, "name").map(|name| name.trim_matches(':')).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::because("invalid_name"))?.to_owned();
        let index = self.find(given, "timestamp", "message_not_found")?;
        let object = &mut self.messages[index].object;
        let mut reactions = object.get("reactions").and_then(Value::as_array).cloned().unwrap_or_default();
        let present = reactions.iter().position(|reaction| reaction["name"] == name.as_str());
        match (add, present) {
            (true, Some(_)) => return Err(Refusal::because("already_reacted")),
            (false, None) => return Err(Refusal::because("no_reaction")),
            (true, None) => reactions.push(json!({ "name": name, "count": 1, "users": [BOT_USER] })),
            (false, Some(index)) => {
                reactions.remove(index);
            }
        }
        object["reactions"] = reactions.into();
        Ok(json!({}))
    }

    fn find(&self, given: &Arguments, name: &str, missing: &str) -> Result<usize, Refusal> {
        let channel = channel(given)?;
        let ts = text(given, name).ok_or_else(|| Refusal::because("no_item_specified"))?;
        let found = self.messages.iter().position(|message| message.channel == channel && message.ts == ts);
        found.ok_or_else(|| Refusal::because(missing))
    }
}

fn text<'a>(given: &'a Arguments, name: &str) -> Option<&'a str> {
    given.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A form and a query have texts where JSON has booleans.
fn flag(given: &Arguments, name: &str) -> bool {
    given.get(name).is_some_and(|value| *value == true || value == "true" || value == "1")
}

/// What an app hides in a message: a name and an object, which a form carries as JSON text.
fn metadata(given: &Arguments) -> Result<(), Refusal> {
    let Some(value) = given.get("metadata").filter(|value| !value.is_null()) else { return Ok(()) };
    let decoded = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let value = decoded.as_ref().unwrap_or(value);
    if value["event_type"].is_string() && value["event_payload"].is_object() {
        return Ok(());
    }
    Err(Refusal::because("invalid_metadata_format"))
}

/// The id of the channel that a call names; a user's id stands for the conversation with them.
fn channel(given: &Arguments) -> Result<String, Refusal> {
    let named = text(given, "channel").ok_or_else(|| Refusal::because("channel_not_found"))?;
    if has_id_shape(named, "CDGU") {
        return Ok(if named.starts_with('U') { id_for('D', named) } else { named.to_owned() });
    }
    let name = named.strip_prefix('#').unwrap_or(named);
    let well_formed = !name.is_empty()
        && name.chars().count() <= 80
        && name.chars().all(|c| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_');
    if well_formed { Ok(id_for('C', name)) } else { Err(Refusal::because("channel_not_found")) }
}

fn user(given: &Arguments) -> Result<String, Refusal> {
    let named = text(given, "user").filter(|user| has_id_shape(user, "UW"));
    named.map(str::to_owned).ok_or_else(|| Refusal::because("user_not_found"))
}

fn has_id_shape(id: &str, kinds: &str) -> bool {
    id.starts_with(|first| kinds.contains(first))
        && (7..=15).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// An id that stays the same for a name.
fn id_for(kind: char, name: &str) -> String {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{kind}{:010X}", hash >> 24)
}

fn channel_object(id: impl AsRef<str>) -> Value {
    let id = id.as_ref();
    json!({
        "id": id, "name": id.to_lowercase(), "is_channel": id.starts_with('C'), "is_im": id.starts_with('D'),
        "is_private": id.starts_with('G'), "is_archived": false, "is_member": true, "context_team_id": TEAM,
    })
}

fn user_object(id: &str, email: Option<&str>) -> Value {
    let name = email.and_then(|email| email.split('@').next()).map_or_else(|| id.to_lowercase(), str::to_owned);
    let address = email.map_or_else(|| format!("{name}@example.com"), str::to_owned);
    json!({
        "id": id, "team_id": TEAM, "name": name, "real_name": name, "deleted": false, "is_bot": id == BOT_USER,
        "tz": "Europe/Berlin", "profile": { "real_name": name, "display_name": name, "email": address },
    })
}

/// The message that `text`, `blocks` and `attachments` make, and whether its text had to be cut.
pub fn content(given: &Arguments) -> Result<(Value, bool), Refusal> {
    let blocks = blocks::read(given.get("blocks"))?;
    let attachments = match given.get("attachments") {
        Some(Value::String(text)) if !text.is_empty() => {
            Some(serde_json::from_str(text).map_err(|_| Refusal::because("invalid_attachments"))?)
        }
        Some(Value::Array(items)) if !items.is_empty() => Some(Value::Array(items.clone())),
        _ => None,
    };
    if attachments.as_ref().and_then(Value::as_array).is_some_and(|items| items.len() > 100) {
        return Err(Refusal::because("too_many_attachments"));
    }
    let text = match given.get("text") {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err(Refusal::at("invalid_arguments", "must be a string", "/text")),
    };
    if text.trim().is_empty() && blocks.is_none() && attachments.is_none() {
        return Err(Refusal::because("no_text"));
    }
    let kept: String = text.chars().take(LONGEST_TEXT).collect();
    let cut = kept.len() < text.len();
    let mut object = json!({ "type": "message", "text": kept });
    for (name, value) in [("blocks", blocks), ("attachments", attachments)] {
        if let Some(value) = value {
            object[name] = value;
        }
    }
    Ok((object, cut))
}
