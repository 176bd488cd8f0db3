//! Alarms of Durable Objects: they ring without a request, also when the process of their script is gone.

use crate::bindings::{ask, kill, publish, until};
use crate::support::Fixture;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Its alarm calls two hosts and keeps what they answered. A request with a body sets the alarm so many milliseconds ahead.
const CLOCK: &str = "import { DurableObject } from 'cloudflare:workers';
    export class Clock extends DurableObject {
        set(ahead) { return this.ctx.storage.put('due', Date.now() + ahead).then(() => this.ctx.storage.setAlarm(Date.now() + ahead)) }
        async alarm() {
            const late = Date.now() - await this.ctx.storage.get('due');
            const calls = ['allowed.example', 'foreign.example'].map((host) => fetch(`https://${host}/rang?late=${late}`));
            await this.ctx.storage.put('statuses', (await Promise.all(calls)).map(({ status }) => status));
        }
        statuses() { return this.ctx.storage.get('statuses') }
    }
    export default { async fetch(request, env) {
        const clock = env.CLOCK.getByName('one');
        const ahead = await request.text();
        if (ahead) await clock.set(Number(ahead));
        return Response.json(await clock.statuses() ?? null);
    } }";

async fn publish_clock(fixture: &Fixture) {
    let bindings = json!([{ "name": "CLOCK", "type": "durable_object_namespace", "class_name": "Clock" }]);
    let migrations = json!({ "migrations": { "new_tag": "v1", "steps": [{ "new_sqlite_classes": ["Clock"] }] } });
    publish(fixture, "acme-clock", CLOCK, bindings, migrations).await;
    let routing = json!({ "tenants": { "acme": { "egress": ["allowed.example"] } } });
    assert_eq!(fixture.local(Method::PUT, "/routing", routing.to_string()).await.status, 204);
}

/// The URLs that alarms have called.
fn rang(fixture: &Fixture) -> Vec<String> {
    fixture.gateway.calls.lock().expect("not poisoned").iter().map(|(_, request)| request.url.clone()).collect()
}

/// How late an alarm rang, in milliseconds.
fn lateness(url: &str) -> i64 {
    url.strip_prefix("https://allowed.example/rang?late=").expect("an allowed call").parse().expect("a number")
}

async fn serving(fixture: &Fixture) -> Vec<u32> {
    fixture
        .processes()
        .await
        .into_iter()
        .filter(|process| process.role == "tenant")
        .filter_map(|found| found.pid)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_rings_although_its_process_has_gone() {
    let fixture = Fixture::with_limits(|limits| limits.idle = Duration::from_millis(200)).await;
    publish_clock(&fixture).await;
    assert_eq!(ask(&fixture, "clock", "4000").await, Value::Null);
    until(async || serving(&fixture).await.is_empty().then_some(())).await;
    assert_eq!(rang(&fixture), Vec::<String>::new(), "the process has gone before its alarm");

    let called = until(async || rang(&fixture).pop()).await;
    assert!((0..2000).contains(&lateness(&called)), "{called}");
    until(async || serving(&fixture).await.is_empty().then_some(())).await;
    assert_eq!(rang(&fixture).len(), 1, "once, and when it has rung, nothing keeps the process");
    assert_eq!(ask(&fixture, "clock", "").await, json!([201, 403]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_rings_after_a_kill_and_a_restart_and_may_call_what_its_tenant_may() {
    let fixture = Fixture::start().await;
    publish_clock(&fixture).await;
    // The last request says nothing about egress, and the outbound worker of these tests lets such a one call anybody.
    let answer = fixture.deliver("acme", "clock", &[("x-no-outbound", "1")], "3000").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    kill(serving(&fixture).await[0]);
    let folder = fixture.stop().await;

    let fixture = Fixture::start_in(folder).await.expect("starts again");
    let called = until(async || rang(&fixture).pop()).await;
    assert!(lateness(&called) >= 0, "{called}");
    let statuses = until(async || Some(ask(&fixture, "clock", "").await).filter(Value::is_array)).await;
    assert_eq!(statuses, json!([201, 403]), "the foreign host is refused");
    assert_eq!(rang(&fixture).len(), 1, "the foreign host was not called");
}

/// Its alarm takes two seconds between two calls.
const SLOW: &str = "import { DurableObject } from 'cloudflare:workers';
    export class Clock extends DurableObject {
        set() { return this.ctx.storage.setAlarm(Date.now() + 10) }
        async alarm() {
            await fetch('https://allowed.example/begins');
            await scheduler.wait(2000);
            await fetch('https://allowed.example/ends');
        }
    }
    export default { async fetch(request, env) {
        if (await request.text()) await env.CLOCK.getByName('one').set();
        return Response.json('VERSION');
    } }";

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_rings_keeps_its_process_and_rings_once() {
    let fixture = Fixture::start().await;
    publish_clock(&fixture).await;
    let bindings = json!([{ "name": "CLOCK", "type": "durable_object_namespace", "class_name": "Clock" }]);
    publish(&fixture, "acme-clock", SLOW, bindings.clone(), json!({})).await;
    ask(&fixture, "clock", "now").await;
    until(async || rang(&fixture).pop()).await;
    // The process of the old version has to go for that of the new one.
    publish(&fixture, "acme-clock", &SLOW.replace("VERSION", "2"), bindings, json!({})).await;
    assert_eq!(ask(&fixture, "clock", "").await, json!("2"));
    let begins_and_ends = ["https://allowed.example/begins", "https://allowed.example/ends"];
    assert_eq!(rang(&fixture), begins_and_ends, "it came to its end before the new version served, and only once");
}
