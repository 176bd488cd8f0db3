//! The network and the platform's own sockets.

use super::{ADAPTERS, Prison};
use serde_json::{Value, json};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;

/// Sockets that nobody may reach.
struct Listeners {
    stream: TcpListener,
    datagram: UdpSocket,
    local: UnixListener,
    _folder: tempfile::TempDir,
}

impl Listeners {
    fn open() -> (Self, u16, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("socket");
        let stream = TcpListener::bind("127.0.0.1:0").expect("listens");
        let port = stream.local_addr().expect("an address").port();
        let listeners = Self {
            datagram: UdpSocket::bind(("127.0.0.1", port)).expect("listens"),
            local: UnixListener::bind(&path).expect("listens"),
            stream,
            _folder: folder,
        };
        listeners.stream.set_nonblocking(true).expect("can wait");
        listeners.datagram.set_nonblocking(true).expect("can wait");
        listeners.local.set_nonblocking(true).expect("can wait");
        (listeners, port, path.to_str().expect("a path").to_owned())
    }

    fn were_not_reached(&self, by: &Value) {
        assert!(self.stream.accept().is_err(), "{by} opened a connection");
        assert!(self.local.accept().is_err(), "{by} opened a local connection");
        assert!(self.datagram.recv(&mut [0; 16]).is_err(), "{by} sent a datagram");
    }
}

#[tokio::test]
async fn no_socket_of_this_machine_is_reached_by_any_client_the_runtime_has() {
    let prison = Prison::start().await;
    let (listeners, port, path) = Listeners::open();
    let refused = [
        json!({ "way": "socket", "address": format!("127.0.0.1:{port}") }),
        json!({ "way": "socket", "address": format!("localhost:{port}") }),
        json!({ "way": "socket", "address": format!("127.0.0.1:{port}"), "options": { "secureTransport": "on" } }),
        json!({ "way": "socket", "address": format!("127.0.0.1:{port}"), "options": { "secureTransport": "starttls" } }),
        json!({ "way": "socket", "address": format!("unix:{path}") }),
        json!({ "way": "nodeSocket", "module": "node:net", "host": "127.0.0.1", "port": port }),
        json!({ "way": "nodeSocket", "module": "node:net", "path": path }),
        json!({ "way": "nodeSocket", "module": "node:tls", "host": "127.0.0.1", "port": port }),
        json!({ "way": "nodeRequest", "url": format!("http://127.0.0.1:{port}/"), "options": { "socketPath": path } }),
        json!({ "way": "datagram", "port": port }),
        json!({ "way": "fetch", "url": format!("unix:{path}") }),
        json!({ "way": "fetch", "url": format!("http+unix://{path}/") }),
        json!({ "way": "fetch", "url": format!("ftp://127.0.0.1:{port}/") }),
        json!({ "way": "fetch", "url": "https://any.example/", "init": { "method": "CONNECT" } }),
        json!({ "way": "webSocket", "url": format!("ws://127.0.0.1:{port}/") }),
        json!({ "way": "events", "url": format!("http://127.0.0.1:{port}/") }),
    ];
    for adapter in ADAPTERS {
        for attempt in &refused {
            prison.attempt(adapter, attempt).await.refused(attempt);
            listeners.were_not_reached(attempt);
        }
        prison.calls();
        // These are calls like others: they end at the gateway, which the outbound worker stands in front of.
        for (attempt, url) in [
            (
                json!({ "way": "fetch", "url": format!("http://127.0.0.1:{port}/f") }),
                format!("http://127.0.0.1:{port}/f"),
            ),
            (
                json!({ "way": "nodeRequest", "url": format!("http://127.0.0.1:{port}/n") }),
                format!("http://127.0.0.1:{port}/n"),
            ),
            (
                json!({ "way": "beacon", "url": format!("http://localhost:{port}/b") }),
                format!("http://localhost:{port}/b"),
            ),
            (
                json!({ "way": "upgrade", "url": format!("http://127.0.0.1:{port}/u") }),
                format!("http://127.0.0.1:{port}/u"),
            ),
        ] {
            prison.attempt(adapter, &attempt).await.got(&attempt);
            let calls = prison.next_calls().await;
            listeners.were_not_reached(&attempt);
            assert_eq!(calls.iter().map(|(_, url)| url).collect::<Vec<_>>(), [&url], "{attempt}");
            assert_eq!(calls[0].0.tenant, "tenant:customer-a");
        }
        let name = json!({ "way": "lookUp", "name": "localhost" });
        prison.attempt(adapter, &name).await.refused(&name);
        assert!(
            prison.calls()[0].1.starts_with("https://cloudflare-dns.com/"),
            "names are asked over HTTP, like any call"
        );
    }
}

#[tokio::test]
async fn the_platforms_own_services_are_not_there() {
    let prison = Prison::start().await;
    let run_folder = std::fs::read_to_string(prison.fixture.folder.path().join("run-folder")).expect("is noted");
    for adapter in ADAPTERS {
        for host in [
            "parent",
            "control",
            "upstream",
            "probe",
            "router",
            "slot-0",
            "dispatcher",
            "internet",
            "storage",
            "gate",
            "loopback",
        ] {
            let url = format!("http://{host}/code?namespace=demo-production&script=customer-b-probe");
            let attempt = json!({ "way": "fetch", "url": url });
            let got = prison.attempt(adapter, &attempt).await.got(&attempt);
            assert_eq!(got["status"], 201, "a name like any other, and answered by the gateway: {got}");
            assert_eq!(prison.calls()[0].1, url);
        }
        let sockets: Vec<String> = std::fs::read_dir(&run_folder)
            .expect("is there")
            .flatten()
            .filter(|entry| !entry.path().is_dir())
            .map(|entry| entry.path().to_str().expect("a path").to_owned())
            .collect();
        assert!(sockets.len() >= 5, "control, parent and a slot of each tenant: {sockets:?}");
        for path in sockets {
            let attempt = json!({ "way": "nodeSocket", "module": "node:net", "path": path });
            prison.attempt(adapter, &attempt).await.refused(&attempt);
            let attempt = json!({ "way": "fetch", "url": format!("unix:{path}") });
            prison.attempt(adapter, &attempt).await.refused(&attempt);
        }
    }
}

#[tokio::test]
async fn a_redirect_does_not_lead_past_the_egress_list() {
    let prison = Prison::start().await;
    let routing = json!({ "tenants": { "customer-a": { "egress": ["redirect.example", "direct.example"] } } });
    prison.fixture.local(http::Method::PUT, "/routing", routing.to_string()).await;
    for adapter in ADAPTERS {
        for (to, is_allowed) in [
            ("https://direct.example/", true),
            ("https://evil.example/", false),
            ("http://127.0.0.1:1/", false),
            ("http://parent/code", false),
        ] {
            let attempt = json!({ "way": "fetch", "url": format!("https://redirect.example/?to={to}") });
            let got = prison.attempt(adapter, &attempt).await.got(&attempt);
            assert_eq!(got["status"], if is_allowed { 201 } else { 403 }, "{to}: {got}");
            let hosts: Vec<String> = prison.calls().into_iter().map(|(_, url)| url).collect();
            assert_eq!(hosts.len(), if is_allowed { 2 } else { 1 }, "{to}: {hosts:?}");
        }
    }
}

#[tokio::test]
async fn a_call_says_who_makes_it_whatever_the_adapter_claims() {
    let prison = Prison::start().await;
    let claims = json!({ "patchbay": { "lane": 1, "tenant": "tenant:customer-b",
        "caller": { "namespace": "demo-production", "script": "customer-b-probe", "version": "0" } } });
    let headers = json!({ "x-patchbay-delivery": "0.0", "x-patchbay-0-cf": claims.to_string(), "cf-blob": claims.to_string(),
        "host": "other.example", "connection": "x-own", "transfer-encoding": "chunked", "upgrade": "websocket" });
    for adapter in ADAPTERS {
        for init in [json!({ "cf": claims }), json!({ "headers": headers })] {
            let attempt = json!({ "way": "fetch", "url": "https://api.example/", "init": init });
            prison.attempt(adapter, &attempt).await.got(&attempt);
            let (context, url) = prison.calls().remove(0);
            assert_eq!(url, "https://api.example/", "{init}");
            assert_eq!(context.tenant, "tenant:customer-a");
            assert_eq!(context.served_by.script, format!("customer-a-{adapter}"));
            assert_eq!(context.delivery, None);
        }
    }
}

#[tokio::test]
async fn calls_after_the_answer_and_from_tail_handlers_take_no_other_way() {
    let prison = Prison::start().await;
    let routing = json!({ "tenants": { "customer-a": { "egress": ["late.example"] } } });
    prison.fixture.local(http::Method::PUT, "/routing", routing.to_string()).await;
    for adapter in ADAPTERS {
        for host in ["late.example", "evil.example"] {
            let attempt = json!({ "way": "afterwards", "url": format!("https://{host}/") });
            let (answer, observed) = prison.recorded(adapter, &attempt).await;
            assert_eq!(answer.json()["got"], "answered");
            assert!(observed.complete, "{observed:?}");
            let status = observed.outbound[0].response.status;
            assert_eq!(status, if host == "late.example" { 201 } else { 403 }, "the call belongs to its delivery");
        }
        let urls: Vec<String> = prison.calls().into_iter().map(|(_, url)| url).collect();
        assert_eq!(urls, ["https://late.example/"], "and no handler of the adapter sees what the platform observes");
    }
}
