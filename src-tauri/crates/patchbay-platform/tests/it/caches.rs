//! The Cache API as scripts find it.

use crate::bindings::{ask, publish};
use crate::support::{Fixture, NAMESPACE};
use http::Method;
use serde_json::{Value, json};

const CACHING: &str = "const said = async (use) => { try { return await use() } catch (error) { return error.name } };
export default { async fetch(request) {
    const [what, cached, headers = {}] = JSON.parse(await request.text());
    const cache = cached === null ? caches.default : await caches.open(cached);
    const url = 'https://cached.example/größe?a=1';
    if (what === 'put') {
        const response = new Response('größe', { status: 200, headers: { 'cache-control': 'max-age=60', etag: '\"1\"', ...headers } });
        return Response.json(await said(() => cache.put(url, response)) ?? null);
    }
    if (what === 'delete') return Response.json(await said(() => cache.delete(url)));
    if (what === 'posted') return Response.json(await said(() => cache.put(new Request(url, { method: 'POST' }), new Response())));
    const found = await said(() => cache.match(new Request(url, { headers })));
    if (!(found instanceof Response)) return Response.json(found ?? null);
    return Response.json([found.status, await found.text(), found.headers.get('cf-cache-status'), cache instanceof Cache]);
} }";

async fn used(fixture: &Fixture, adapter: &str, what: Value) -> Value {
    ask(fixture, adapter, &what.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_of_an_untrusted_namespace_has_caches_of_its_own_and_no_default_one() {
    let fixture = Fixture::start().await;
    let store = json!([{ "name": "STORE", "type": "kv_namespace", "namespace_id": "n" }]);
    publish(&fixture, "acme-shared", CACHING, json!([]), json!({})).await;
    publish(&fixture, "acme-own", CACHING, store, json!({})).await;
    publish(&fixture, "acme-old", CACHING, json!([]), json!({ "compatibility_date": "2021-11-02" })).await;
    for adapter in ["shared", "own", "old"] {
        let nothing = used(&fixture, adapter, json!(["match", "one"])).await;
        assert_eq!(nothing, json!(null), "{adapter} sees nothing of the others");
        assert_eq!(used(&fixture, adapter, json!(["put", "one"])).await, json!(null));
        let hit = json!([200, "größe", "HIT", true]);
        assert_eq!(used(&fixture, adapter, json!(["match", "one"])).await, hit, "{adapter}");
        assert_eq!(used(&fixture, adapter, json!(["match", "other"])).await, json!(null), "by its name");
        let condition = json!(["match", "one", { "if-none-match": "\"1\"" }]);
        assert_eq!(used(&fixture, adapter, condition).await, json!([304, "", "HIT", true]));
        let range = json!(["match", "one", { "range": "bytes=0-1" }]);
        assert_eq!(used(&fixture, adapter, range).await[0], json!(206));
        assert_eq!(used(&fixture, adapter, json!(["posted", "one"])).await, json!("TypeError"));
        assert_eq!(used(&fixture, adapter, json!(["put", "one", { "vary": "*" }])).await, json!("TypeError"));
        for what in ["put", "match", "delete"] {
            assert_eq!(used(&fixture, adapter, json!([what, null])).await, json!("Error"), "the default one, {what}");
        }
    }
    assert!(fixture.gateway.calls.lock().expect("not poisoned").is_empty(), "nothing of it goes out");

    publish(&fixture, "acme-shared", &format!("{CACHING}// new"), json!([]), json!({})).await;
    let kept = used(&fixture, "shared", json!(["match", "one"])).await;
    assert_eq!(kept[0], json!(200), "a new version has the caches of the one before");
    assert_eq!(used(&fixture, "shared", json!(["delete", "one"])).await, json!(true));
    assert_eq!(used(&fixture, "shared", json!(["delete", "one"])).await, json!(false));
    assert_eq!(used(&fixture, "shared", json!(["match", "one"])).await, json!(null));
    used(&fixture, "shared", json!(["put", "one", { "set-cookie": "a=b" }])).await;
    assert_eq!(used(&fixture, "shared", json!(["match", "one"])).await, json!(null), "no cookie is kept");
    used(&fixture, "shared", json!(["put", "one", { "cache-control": "max-age=1" }])).await;
    crate::bindings::until(async || used(&fixture, "shared", json!(["match", "one"])).await.is_null().then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_a_trusted_namespace_share_their_caches() {
    let fixture = Fixture::start().await;
    let body = json!({ "name": NAMESPACE, "trusted_workers": true }).to_string();
    let path = format!("/workers/dispatch/namespaces/{NAMESPACE}");
    assert_eq!(fixture.api(Method::PUT, &path, body).await.status, 200);
    publish(&fixture, "acme-one", CACHING, json!([]), json!({})).await;
    publish(&fixture, "acme-two", CACHING, json!([]), json!({})).await;
    for cache in [json!(null), json!("named")] {
        assert_eq!(used(&fixture, "one", json!(["put", cache])).await, json!(null));
        assert_eq!(used(&fixture, "two", json!(["match", cache])).await, json!([200, "größe", "HIT", true]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn uses_of_a_cache_count_as_subrequests_and_large_answers_are_not_kept() {
    let fixture = Fixture::start().await;
    let source = "export default { async fetch(request) {
        const cache = await caches.open('one');
        const size = Number(await request.text());
        const headers = { 'cache-control': 'max-age=60' };
        const large = new Response(new Uint8Array(size), { headers });
        await cache.put('https://cached.example/', large);
        const kept = (await (await cache.match('https://cached.example/'))?.arrayBuffer())?.byteLength ?? null;
        let refused = null;
        try { for (let n = 2; n < 30; n++) await cache.match('https://cached.example/' + n) } catch (error) { refused = error.message }
        return Response.json({ kept, refused });
    } }";
    publish(&fixture, "acme-large", source, json!([]), json!({})).await;
    for (size, kept) in [(15 << 20, json!(15 << 20)), (17 << 20, json!(null))] {
        let limits = [("x-limits", "{\"subRequests\":20}")];
        let answer = fixture.deliver("acme", "large", &limits, &size.to_string()).await;
        assert_eq!(answer.json(), json!({ "kept": kept, "refused": "Too many subrequests." }));
    }
}
