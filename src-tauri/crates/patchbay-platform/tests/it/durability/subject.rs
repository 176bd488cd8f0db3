//! What is changed and read: scripts whose answer shows code, bindings and secrets of one version, and the routing table.

use super::machine::Door;
use super::stored;
use http::Method;
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The states that a subject was asked to have, in order. Everything up to `acknowledged` was confirmed.
#[derive(Clone)]
pub(crate) struct Track {
    states: Vec<Value>,
    acknowledged: usize,
}

impl Track {
    /// Nothing is there yet.
    pub(crate) fn new() -> Self {
        Self::at(Value::Null)
    }

    /// A known state.
    pub(crate) fn at(state: Value) -> Self {
        Self { states: vec![state], acknowledged: 0 }
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    pub(crate) fn acknowledged_count(&self) -> u32 {
        u32::try_from(self.acknowledged).expect("few")
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.acknowledged + 1 < self.states.len()
    }

    pub(crate) fn newest(&self) -> &Value {
        self.states.last().expect("never empty")
    }

    /// Whether a state is the one that was confirmed at that time or one that was asked for later.
    pub(crate) fn explains(&self, confirmed: usize, state: &Value) -> bool {
        self.states[confirmed..].contains(state)
    }

    pub(crate) fn from(&self, confirmed: usize) -> Value {
        Value::from(self.states[confirmed..].to_vec())
    }
}

#[derive(Clone)]
pub(crate) enum Subject {
    Script {
        tenant: &'static str,
        adapter: &'static str,
        has_store: bool,
    },
    /// An object in a bucket.
    Object,
    /// A version with a file.
    Assets,
    Routing,
}

const SCRIPT: &str = "import { part } from './part.js';
export default { async fetch(request, env) {
  await env.STORE?.get('n');
  return Response.json({ code: CODE, part, plain: env.PLAIN, secret: env.SECRET, extra: env.EXTRA ?? null, other: env.OTHER ?? null });
} }";

impl Subject {
    /// Two scripts share a tenant, and with it a process. One has a KV namespace, and with it a process of its own.
    pub(crate) fn all() -> Vec<Self> {
        let script = |tenant, adapter| Self::Script { tenant, adapter, has_store: false };
        vec![
            script("customer-a", "notion"),
            script("customer-a", "airtable"),
            script("customer-b", "notion"),
            script("customer-c", "hooks"),
            Self::Script { tenant: "customer-d", adapter: "store", has_store: true },
            Self::Object,
            Self::Assets,
            Self::Routing,
        ]
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Script { tenant, adapter, .. } => format!("{tenant}-{adapter}"),
            Self::Object => "customer-e-files".into(),
            Self::Assets => "customer-f-page".into(),
            Self::Routing => "routing".into(),
        }
    }

    /// Asks for one more change and waits for its confirmation.
    pub(crate) async fn change(&self, door: &Door, track: &Mutex<Track>, random: &mut StdRng) -> Result<(), String> {
        let number: u32 = random.random();
        let before = track.lock().expect("not poisoned").newest().clone();
        let kind = if before.is_null() { 0 } else { random.random_range(0..8) };
        let begin = |after| track.lock().expect("not poisoned").states.push(after);
        let answer = match self {
            Self::Routing => {
                begin(json!({ "n": number }));
                let body = json!({ "keys": { "check": { "n": number } } }).to_string();
                door.local(Method::PUT, "/routing", body).await?
            }
            Self::Script { tenant, has_store, .. } => {
                let change = script_change(kind, number, &before, (tenant, *has_store), &self.name());
                let (after, method, path, content_type, body) = change;
                begin(after);
                door.script(method, &path, content_type, body).await?
            }
            Self::Object => {
                begin(stored::object(number));
                stored::put_object(door, &self.name(), number, before.is_null()).await?;
                (200, String::new())
            }
            Self::Assets => {
                begin(stored::page(number));
                stored::publish_assets(door, &self.name(), number).await?;
                (200, String::new())
            }
        };
        if !(200..300).contains(&answer.0) {
            return Err(format!("{} {}", answer.0, answer.1));
        }
        let mut track = track.lock().expect("not poisoned");
        track.acknowledged = track.states.len() - 1;
        Ok(())
    }

    /// The state that a request through the dispatcher sees; `null` where there is none.
    pub(crate) async fn read(&self, door: &Door) -> Result<Value, String> {
        let (status, text) = match self {
            Self::Script { .. } | Self::Object | Self::Assets => {
                let name = self.name();
                let (tenant, adapter) = name.rsplit_once('-').expect("a script of a tenant");
                door.deliver(&[("x-customer-id", tenant), ("x-script-id", adapter)]).await?
            }
            Self::Routing => door.deliver(&[("x-route", "key:check")]).await?,
        };
        let body: Value = serde_json::from_str(&text).map_err(|_| format!("{status} {text}"))?;
        if body["thrown"].as_str().is_some_and(|thrown| thrown.contains("Worker not found")) {
            return Ok(Value::Null);
        }
        if status == 200 { Ok(body) } else { Err(format!("{status} {text}")) }
    }

    /// The state once what was killed is back, for which it has a while.
    pub(crate) async fn settled(&self, door: &Door, place: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            match self.read(door).await {
                Ok(state) => return state,
                Err(error) => assert!(Instant::now() < deadline, "{place}: {} does not answer: {error}", self.name()),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What the API says about a script is what its answers show.
    pub(crate) async fn agrees_with_the_api(&self, door: &Door, state: &Value, place: &str) {
        if !matches!(self, Self::Script { .. }) {
            return;
        }
        let path = format!("{}/bindings", self.name());
        let (status, text) = door.script(Method::GET, &path, "application/json", String::new()).await.expect(place);
        if state.is_null() {
            assert_eq!(status, 404, "{place}: {text}");
            return;
        }
        let body: Value = serde_json::from_str(&text).expect(place);
        let bindings = body["result"].as_array().expect(place);
        let named = |name: &str| bindings.iter().find(|binding| binding["name"] == name);
        assert_eq!(named("PLAIN").expect(place)["text"], state["plain"], "{place}");
        for (name, field) in [("SECRET", "secret"), ("EXTRA", "extra"), ("OTHER", "other")] {
            assert_eq!(named(name).is_some(), !state[field].is_null(), "{place}: {name} in {body}, {state}");
        }
    }
}

/// State after a change, and the request for it: method, path after `/scripts/`, content type, body.
fn script_change(
    kind: u32,
    number: u32,
    before: &Value,
    (tenant, has_store): (&str, bool),
    script: &str,
) -> (Value, Method, String, &'static str, String) {
    let text = number.to_string();
    let mut after = before.clone();
    let secret = |name: &str| json!({ "type": "secret_text", "name": name, "text": text });
    let store = json!({ "type": "kv_namespace", "name": "STORE", "namespace_id": "kept" });
    let with_store = |mut bindings: Vec<Value>| {
        bindings.extend(has_store.then(|| store.clone()));
        bindings
    };
    let plain = json!({ "type": "plain_text", "name": "PLAIN", "text": text });
    match kind {
        // Code, variable and secret at once; secrets that the upload does not name stay.
        0..=2 => {
            after = json!({ "code": number, "part": number, "plain": text, "secret": text,
                "extra": before["extra"], "other": before["other"] });
            let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01",
                "bindings": with_store(vec![plain, secret("SECRET")]),
                "tags": [format!("tenant:{tenant}")], "keep_bindings": ["secret_text"] });
            (after, Method::PUT, script.into(), MULTIPART, modules(&metadata, number))
        }
        3 => {
            after["code"] = number.into();
            after["part"] = number.into();
            let metadata = json!({ "main_module": "index.js" });
            (after, Method::PUT, format!("{script}/content"), MULTIPART, modules(&metadata, number))
        }
        4 => {
            after["plain"] = text.clone().into();
            let settings = json!({ "bindings": with_store(vec![plain]) });
            let body = part("settings", "application/json", &settings.to_string()) + "--boundary--\r\n";
            (after, Method::PATCH, format!("{script}/settings"), MULTIPART, body)
        }
        5 if before["extra"].is_null() => {
            after["extra"] = text.clone().into();
            (after, Method::PUT, format!("{script}/secrets"), "application/json", secret("EXTRA").to_string())
        }
        5 => {
            after["extra"] = Value::Null;
            (after, Method::DELETE, format!("{script}/secrets/EXTRA"), "application/json", String::new())
        }
        // Several secrets at once, one of them removed every other time.
        6 => {
            let other = if number.is_multiple_of(2) { Value::Null } else { json!(text) };
            after["secret"] = text.clone().into();
            after["extra"] = text.clone().into();
            after["other"] = other.clone();
            let other = if other.is_null() { Value::Null } else { secret("OTHER") };
            let secrets = json!({ "SECRET": secret("SECRET"), "EXTRA": secret("EXTRA"), "OTHER": other });
            let body = json!({ "secrets": secrets }).to_string();
            (after, Method::PATCH, format!("{script}/secrets-bulk"), "application/json", body)
        }
        _ => (Value::Null, Method::DELETE, script.into(), "application/json", String::new()),
    }
}

pub(super) const MULTIPART: &str = "multipart/form-data; boundary=boundary";

fn modules(metadata: &Value, number: u32) -> String {
    let javascript = "application/javascript+module";
    part("metadata", "application/json", &metadata.to_string())
        + &part("index.js", javascript, &SCRIPT.replace("CODE", &number.to_string()))
        + &part("part.js", javascript, &format!("export const part = {number};"))
        + "--boundary--\r\n"
}

pub(super) fn part(name: &str, content_type: &str, content: &str) -> String {
    format!(
        "--boundary\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {content_type}\r\n\r\n{content}\r\n"
    )
}
