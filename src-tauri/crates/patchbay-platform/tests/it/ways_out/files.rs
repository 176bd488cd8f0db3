//! The file system.

use super::{ADAPTERS, Prison};
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn the_disk_is_not_the_machines() {
    let prison = Prison::start().await;
    let state = prison.fixture.folder.path().join("token");
    let state = state.to_str().expect("a path");
    for adapter in ADAPTERS {
        for path in
            [state, "/etc/passwd", "/proc/self/environ", "/proc/self/maps", "/bundle/../../etc/passwd", "/dev/mem"]
        {
            let attempt = json!({ "way": "read", "path": path });
            prison.attempt(adapter, &attempt).await.refused(&attempt);
            let attempt = json!({ "way": "link", "path": "/tmp/link", "target": path });
            prison.attempt(adapter, &attempt).await.refused(&attempt);
        }
        let root = json!({ "way": "list", "path": "/bundle/../.." });
        assert_eq!(prison.attempt(adapter, &root).await.got(&root), json!(["bundle", "tmp", "dev"]));
        let devices = json!({ "way": "list", "path": "/dev" });
        assert_eq!(prison.attempt(adapter, &devices).await.got(&devices), json!(["null", "zero", "full", "random"]));
    }
}

#[tokio::test]
async fn what_an_adapter_writes_is_gone_after_its_request() {
    let prison = Prison::start().await;
    let path = format!("/tmp/written-by-{}", std::process::id());
    for adapter in ADAPTERS {
        let attempt = json!({ "way": "write", "path": path });
        assert_eq!(prison.attempt(adapter, &attempt).await.got(&attempt), "written");
        assert!(!Path::new(&path).exists(), "{path} is on this machine");
        let listed = json!({ "way": "list", "path": "/tmp" });
        assert_eq!(prison.attempt(adapter, &listed).await.got(&listed), json!([]));
        let own = json!({ "way": "write", "path": "/bundle/index.js" });
        prison.attempt(adapter, &own).await.refused(&own);
    }
}
