//! What the program's own log says at its most talkative.

use crate::support::{Fixture, send};
use base64::Engine as _;
use http::Method;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("not poisoned")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The test's runtime has one thread, so a subscriber of that thread hears every task of the platform.
#[tokio::test]
async fn neither_the_token_nor_a_secret_is_logged_at_any_level() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _heard = tracing::subscriber::set_default(subscriber);
    let fixture = Fixture::start().await;
    let secret = ["canary", "of", "the", "log"].join("/");
    let source = "export default { async fetch(request, env, context) {
        console.log(env.TOKEN, { nested: env.TOKEN });
        console.error(new Error(env.TOKEN));
        context.waitUntil(Promise.reject(new Error(`late ${env.TOKEN}`)));
        await fetch(`https://api.example/?token=${encodeURIComponent(env.TOKEN)}`, { headers: { authorization: env.TOKEN } });
        throw new Error(`thrown ${env.TOKEN}`);
    } }";
    let bindings = json!([{ "name": "TOKEN", "type": "secret_text", "text": secret }]);
    fixture.publish("customer-a-leaking", source, bindings.clone()).await;
    let broken = format!("throw new Error('at start {secret}'); export default {{ fetch() {{}} }}");
    assert_eq!(fixture.upload("customer-a-broken", &broken, bindings).await.status, 400);
    let changed = json!({ "name": "TOKEN", "text": secret, "type": "secret_text" }).to_string();
    assert_eq!(fixture.script(Method::PUT, "customer-a-leaking/secrets", changed).await.status, 200);
    let damaged = format!("{{\"name\":\"TOKEN\",\"text\":\"{secret}\"");
    assert_eq!(fixture.script(Method::PUT, "customer-a-leaking/secrets", damaged).await.status, 400);
    for _ in 0..3 {
        assert_eq!(fixture.deliver("customer-a", "leaking", &[("authorization", &secret)], &secret).await.status, 500);
    }
    let refused = [("authorization", format!("Basic {secret}")), ("authorization", format!("Bearer {secret}"))];
    for (name, value) in &refused {
        let headers = [(*name, value.as_str())];
        assert_ne!(send(Method::GET, &format!("{}/user", fixture.platform.api_url()), &headers, "").await.status, 200);
    }
    let bearer = fixture.bearer();
    fixture.stop().await;

    let log = log.text();
    assert!(log.contains("TRACE"), "everything was really listened to: {log}");
    assert!(log.contains("dispatch failed: thrown <redacted:TOKEN>"), "the dispatcher's own lines are in it: {log}");
    for value in [secret.as_str(), bearer.trim_start_matches("Bearer ")] {
        let encoded = base64::engine::general_purpose::STANDARD.encode(value);
        for form in [value, &encoded, &hex::encode(value), &value.replace('/', "%2F")] {
            assert!(!log.contains(form), "`{form}` is in the log:\n{log}");
        }
    }
}
