//! Changes beside those of scripts and routes: objects in a bucket, and versions with static assets.

use super::machine::Door;
use super::subject::{MULTIPART, part};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

const JAVASCRIPT: &str = "application/javascript+module";

/// Writes an object of some hundred kilobytes when it is asked to, and says whether what it reads is one of these.
const BUCKET: &str = "const content = (n) => `${n};`.repeat(50_000);
export default { async fetch(request, env) {
  const n = request.headers.get('x-put');
  if (n !== null) return Response.json(await env.FILES.put('n', content(n)) && n);
  const text = await (await env.FILES.get('n'))?.text();
  return Response.json(text === undefined ? null : { n: parseInt(text), whole: text === content(parseInt(text)) });
} }";

/// Shows its code and its file, which are published together.
const PAGE: &str = "export default { async fetch(request, env) {
  return Response.json({ code: CODE, file: await (await env.ASSETS.fetch('https://assets/n.json')).json() });
} }";

fn upload(metadata: &Value, source: &str) -> String {
    part("metadata", "application/json", &metadata.to_string())
        + &part("index.js", JAVASCRIPT, source)
        + "--boundary--\r\n"
}

fn accepted(answer: (u16, String)) -> Result<Value, String> {
    let (status, text) = answer;
    if !(200..300).contains(&status) {
        return Err(format!("{status} {text}"));
    }
    serde_json::from_str(&text).map_err(|_| text)
}

fn headers(script: &str) -> [(&'static str, &str); 2] {
    let (tenant, adapter) = script.rsplit_once('-').expect("a script of a tenant");
    [("x-customer-id", tenant), ("x-script-id", adapter)]
}

/// Puts an object, by a script that is published before the first one.
pub(super) async fn put_object(door: &Door, script: &str, number: u32, first: bool) -> Result<(), String> {
    let [tenant, adapter] = headers(script);
    if first {
        let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01",
            "bindings": [{ "type": "r2_bucket", "name": "FILES", "bucket_name": "kept-files" }],
            "tags": [format!("tenant:{}", tenant.1)] });
        accepted(door.script(Method::PUT, script, MULTIPART, upload(&metadata, BUCKET)).await?)?;
    }
    let number = number.to_string();
    accepted(door.deliver(&[tenant, adapter, ("x-put", &number)]).await?).map(drop)
}

pub(super) fn object(number: u32) -> Value {
    json!({ "n": number, "whole": true })
}

/// Publishes a version whose code and file have the same number.
pub(super) async fn publish_assets(door: &Door, script: &str, number: u32) -> Result<(), String> {
    let content = number.to_string();
    let hash = format!("{number:032x}");
    let manifest = json!({ "manifest": { "/n.json": { "hash": hash, "size": content.len() } } }).to_string();
    let path = format!("{script}/assets-upload-session");
    let session = accepted(door.script(Method::POST, &path, "application/json", manifest).await?)?;
    let jwt = session["result"]["jwt"].as_str().ok_or("no token")?;
    let body = part(&hash, "application/json", &STANDARD.encode(&content)) + "--boundary--\r\n";
    let sent = accepted(door.assets(jwt, MULTIPART, body).await?)?;
    let jwt = sent["result"]["jwt"].as_str().ok_or("the upload is not complete")?;
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "assets": { "jwt": jwt },
        "bindings": [{ "type": "assets", "name": "ASSETS" }], "tags": [format!("tenant:{}", headers(script)[0].1)] });
    let source = PAGE.replace("CODE", &content);
    accepted(door.script(Method::PUT, script, MULTIPART, upload(&metadata, &source)).await?).map(drop)
}

pub(super) fn page(number: u32) -> Value {
    json!({ "code": number, "file": number })
}
