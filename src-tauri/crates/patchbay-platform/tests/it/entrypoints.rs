//! Methods, named entrypoints and Durable Objects of one script, called by another of the same tenant.

use crate::bindings::{ask, kill, publish, until};
use crate::support::{Fixture, NAMESPACE};
use serde_json::{Value, json};

/// A class with methods as the default export, another beside it, and Durable Objects.
const CALLEE: &str = "import { DurableObject, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
    class Session extends RpcTarget { #n = 0; next() { return ++this.#n } }
    export default class extends WorkerEntrypoint {
        fetch() { return new Response('default') }
        add(a, b) { return a + b }
        session() { return new Session() }
        each(use) { return use(3) }
        fail() { throw new TypeError('with ' + this.env.TOKEN) }
        stream() { return new Response('streamed').body }
    }
    export class Admin extends WorkerEntrypoint {
        who() { return 'admin VERSION' }
        async fetch(request) { return new Response(request.method + ' ' + request.url + ' ' + await request.text(), { status: 207 }) }
    }
    export class Room extends DurableObject {
        async enter() { const n = (await this.ctx.storage.get('n') ?? 0) + 1; await this.ctx.storage.put('n', n); return [this.ctx.id.toString(), n] }
        fail() { throw new RangeError('with ' + this.env.TOKEN) }
        fetch(request) {
            if (request.headers.get('upgrade') !== 'websocket') return new Response('room ' + new URL(request.url).pathname);
            const [ours, theirs] = Object.values(new WebSocketPair());
            ours.accept();
            ours.addEventListener('message', ({ data }) => ours.send('heard ' + data));
            return new Response(null, { status: 101, webSocket: theirs });
        }
    }";

const SAID: &str = "const said = async (call) => { try { return await call() } catch (error) { return error.name + ': ' + error.message } };";

fn token() -> Value {
    json!({ "name": "TOKEN", "type": "secret_text", "text": "canary-of-the-callee" })
}

fn room(script: &str) -> Value {
    json!({ "name": "ROOM", "type": "durable_object_namespace", "class_name": "Room", "script_name": script })
}

async fn publish_callee(fixture: &Fixture, script: &str, version: &str, more: Value) {
    let own = json!({ "name": "ROOM", "type": "durable_object_namespace", "class_name": "Room" });
    publish(fixture, script, &CALLEE.replace("VERSION", version), json!([token(), own]), more).await;
}

fn with_rooms() -> Value {
    json!({ "migrations": { "new_tag": "v1", "steps": [{ "new_sqlite_classes": ["Room"] }] } })
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_named_entrypoints_of_a_script_are_called_by_others_of_its_tenant() {
    let fixture = Fixture::start().await;
    publish(&fixture, "acme-callee", CALLEE, json!([token()]), json!({})).await;
    publish(&fixture, "rival-callee", CALLEE, json!([token()]), json!({})).await;
    let source = format!(
        "{SAID} export default {{ async fetch(request, env) {{
            const session = async () => {{ using one = await env.CALLEE.session(); return [await one.next(), await one.next()] }};
            const put = {{ method: 'PUT', body: 'body' }};
            return Response.json({{
                fetch: await said(async () => (await env.CALLEE.fetch('https://callee/')).text()),
                add: await said(() => env.CALLEE.add(1, 2)),
                session: await said(session),
                pipelined: await said(() => env.CALLEE.session().next()),
                each: await said(() => env.CALLEE.each((n) => n * 2)),
                stream: await said(async () => new Response(await env.CALLEE.stream()).text()),
                fail: await said(() => env.CALLEE.fail()),
                who: await said(() => env.ADMIN.who()),
                admin: await said(async () => {{ const a = await env.ADMIN.fetch('https://callee/a?b', put); return a.status + ' ' + await a.text() }}),
                rival: await said(() => env.RIVAL.add(1, 2)),
            }});
        }} }}"
    );
    let bindings = json!([{ "name": "CALLEE", "type": "service", "service": "acme-callee" },
        { "name": "ADMIN", "type": "service", "service": "acme-callee", "entrypoint": "Admin" },
        { "name": "RIVAL", "type": "service", "service": "rival-callee" }]);
    publish(&fixture, "acme-caller", &source, bindings, json!({})).await;
    let found = ask(&fixture, "caller", "").await;
    let expected = json!({ "fetch": "default", "add": 3, "session": [1, 2],
        "pipelined": 1, "each": 6, "stream": "streamed", "fail": "TypeError: with <redacted:TOKEN>", "who": "admin VERSION",
        "admin": "207 PUT https://callee/a?b body", "rival": "Error: Worker not found: rival-callee" });
    assert_eq!(found, expected);

    publish(&fixture, "acme-callee", &CALLEE.replace("VERSION", "2"), json!([token()]), json!({})).await;
    assert_eq!(ask(&fixture, "caller", "").await["who"], "admin 2", "the next call sees the new version");
}

#[tokio::test(flavor = "multi_thread")]
async fn durable_objects_of_another_script_are_its_own_objects() {
    let fixture = Fixture::start().await;
    publish_callee(&fixture, "acme-rooms", "1", with_rooms()).await;
    publish_callee(&fixture, "rival-rooms", "1", with_rooms()).await;
    let source = format!(
        "{SAID} export default {{ async fetch(request, env) {{
            const room = env.ROOM.getByName('one');
            const socket = async () => {{
                const {{ webSocket }} = await room.fetch('https://room/', {{ headers: {{ upgrade: 'websocket' }} }});
                webSocket.accept();
                const heard = new Promise((resolve) => webSocket.addEventListener('message', ({{ data }}) => resolve(data)));
                webSocket.send('hello');
                try {{ return await heard }} finally {{ webSocket.close() }}
            }};
            return Response.json({{
                entered: await said(() => room.enter()),
                by_id: await said(() => env.ROOM.get(env.ROOM.idFromString(room.id.toString())).enter()),
                same_id: room.id.toString(),
                path: await said(async () => (await room.fetch('https://room/path')).text()),
                socket: await said(socket),
                fail: await said(() => room.fail()),
                rival: await said(() => env.RIVAL.getByName('one').enter()),
            }});
        }} }}"
    );
    let mut rival = room("rival-rooms");
    rival["name"] = json!("RIVAL");
    publish(&fixture, "acme-visitor", &source, json!([room("acme-rooms"), rival]), json!({})).await;
    let found = ask(&fixture, "visitor", "").await;
    assert_eq!((&found["entered"][1], &found["by_id"][1]), (&json!(1), &json!(2)), "{found}");
    assert_eq!(found["entered"][0], found["same_id"], "ids are those of the other script");
    assert_eq!(
        (&found["path"], &found["socket"], &found["fail"], &found["rival"]),
        (
            &json!("room /path"),
            &json!("heard hello"),
            &json!("RangeError: with <redacted:TOKEN>"),
            &json!("Error: Worker not found: rival-rooms")
        ),
        "{found}"
    );

    // The other script's own process goes on with the same object, over a new version and a kill.
    publish_callee(&fixture, "acme-rooms", "2", json!({})).await;
    assert_eq!(ask(&fixture, "visitor", "").await["entered"][1], 3);
    let processes = fixture.processes().await;
    let is_of = |owner: &str| processes.iter().rfind(|process| process.tenant.as_deref() == Some(owner));
    assert!(is_of("tenant:rival").is_none(), "nobody starts a process of somebody else");
    kill(is_of("tenant:acme").and_then(|callee| callee.pid).expect("the one that started last"));
    let entered = until(async || ask(&fixture, "visitor", "").await["entered"][1].as_u64()).await;
    // A visit that met the kill may have entered once.
    assert!((5..=6).contains(&entered), "it goes on where it was: {entered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_to_be_called_is_refused_when_it_is_bound() {
    let fixture = Fixture::start().await;
    publish_callee(&fixture, "acme-rooms", "1", with_rooms()).await;
    let source = "export default { fetch() { return new Response() } }";
    let service =
        |entrypoint: &str| json!({ "name": "B", "type": "service", "service": "acme-rooms", "entrypoint": entrypoint });
    let (status, _, message) = fixture.upload("acme-caller", source, json!([service("Absent")])).await.refusal();
    assert!(status == 400 && message.contains("'B'") && message.contains("'Absent'"), "{message}");
    assert_eq!(fixture.upload("acme-caller", source, json!([service("default")])).await.status, 200);
    let mut other_class = room("acme-rooms");
    other_class["class_name"] = json!("Hall");
    for binding in [other_class, room("acme-nobody")] {
        let (status, code, message) = fixture.upload("acme-caller", source, json!([binding])).await.refusal();
        assert_eq!((status, code), (400, 10061), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_called_script_has_its_own_limits() {
    let fixture = Fixture::start().await;
    let routing = json!({ "tenants": { "acme": { "egress": ["api.notion.com"], "limits": { "subrequests": 4 } } } });
    fixture.local(http::Method::PUT, "/routing", routing.to_string()).await;
    let callee = "import { WorkerEntrypoint } from 'cloudflare:workers';
        export default class extends WorkerEntrypoint {
            async calls() { let n = 0; try { for (;;) { await fetch('https://api.notion.com/v1/users'); n++ } } catch (error) { return n + ' ' + error.message } }
            async fetch() { return new Response(await this.calls()) }
        }";
    publish(&fixture, "acme-stored", callee, json!([]), json!({})).await;
    publish(&fixture, "acme-uploaded", callee, json!([]), json!({ "limits": { "subrequests": 2 } })).await;
    let source = "export default { async fetch(request, env) {
        const text = async (answer) => (await answer).text();
        return Response.json([await text(env.STORED.fetch('https://callee/')), await env.STORED.calls(),
            await text(env.UPLOADED.fetch('https://callee/')), await env.UPLOADED.calls(),
            await text(env.SCRIPTS.get('acme-uploaded').fetch('https://callee/'))]);
    } }";
    let bindings = json!([{ "name": "STORED", "type": "service", "service": "acme-stored" },
        { "name": "UPLOADED", "type": "service", "service": "acme-uploaded" },
        { "name": "SCRIPTS", "type": "dispatch_namespace", "namespace": NAMESPACE }]);
    publish(&fixture, "acme-caller", source, bindings, json!({})).await;
    let after = |calls: u64| format!("{calls} Too many subrequests.");
    assert_eq!(ask(&fixture, "caller", "").await, json!([after(4), after(4), after(2), after(2), after(2)]));
}
