//! The Cache API as scripts find it.

use crate::bindings::{ask, publish};
use crate::support::Fixture;
use serde_json::json;

const CACHING: &str = "export default { async fetch() {
    const said = async (use) => { try { return await use() } catch (error) { return error.name } };
    const response = () => new Response('mine', { headers: { 'cache-control': 'max-age=60' } });
    const cache = await caches.open('shared');
    const url = 'https://cached.example/';
    return Response.json({
        put: await said(() => cache.put(url, response())) ?? null,
        found: await said(() => cache.match(url)) ?? null,
        deleted: await said(() => cache.delete(url)),
        posted: await said(() => cache.put(new Request(url, { method: 'POST' }), response())),
        default_put: await said(() => caches.default.put(url, response())),
        default_match: await said(() => caches.default.match(url)),
    });
} }";

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_cache_keeps_nothing_and_the_default_one_is_disabled() {
    let fixture = Fixture::start().await;
    let store = json!([{ "name": "STORE", "type": "kv_namespace", "namespace_id": "n" }]);
    publish(&fixture, "acme-shared", CACHING, json!([]), json!({})).await;
    publish(&fixture, "acme-dedicated", CACHING, store, json!({})).await;
    let expected = json!({ "put": null, "found": null, "deleted": false, "posted": "TypeError",
        "default_put": "Error", "default_match": "Error" });
    for adapter in ["shared", "dedicated", "shared"] {
        assert_eq!(ask(&fixture, adapter, "").await, expected, "{adapter}");
    }
}
