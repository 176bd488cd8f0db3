//! Many at once: connections that say nothing, heads without end, and more tenants than there are places for.

use crate::support::{Fixture, NAMESPACE, answering, figures, options};
use futures_util::{StreamExt, stream};
use http::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn address(fixture: &Fixture) -> String {
    fixture.platform.dispatcher_url().trim_start_matches("http://").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_cost_nobody_else_a_request_and_are_hung_up_on() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("here"), json!([])).await;
    let before = fixture.process("dispatcher").await;
    // More than the number of files that a process may have open by default.
    let address = address(&fixture);
    let mut idle = Vec::new();
    for _ in 0..1500 {
        let mut connection = TcpStream::connect(&address).await.expect("connects");
        connection.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nx-cust").await.expect("writes");
        idle.push(connection);
    }
    let since = Instant::now();
    for _ in 0..20 {
        assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "here");
        assert_eq!(fixture.local(Method::GET, "/status", "").await.status, 200);
    }
    figures(&format!("20 requests beside {} idle connections: {:?}", idle.len(), since.elapsed()));
    let after = fixture.process("dispatcher").await;
    assert_eq!((after.pid, after.restarts), (before.pid, before.restarts), "the dispatcher is the same");
    for mut connection in idle {
        let ended = tokio::time::timeout(Duration::from_mins(1), connection.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok(), "a head that never ends is not waited for");
    }
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("here"), json!([])).await;
    let mut connection = TcpStream::connect(address(&fixture)).await.expect("connects");
    connection.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.expect("writes");
    let line = format!("x-filler: {}\r\n", "a".repeat(1000));
    let mut sent = 0;
    while connection.write_all(line.as_bytes()).await.is_ok() {
        sent += line.len();
        assert!(sent < 64 << 20, "it is refused");
    }
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "here");
}

/// Three hundred owners are more than there are slots; all are asked, and some again, by twelve senders at once.
#[tokio::test(flavor = "multi_thread")]
async fn more_tenants_than_places_are_all_answered_by_their_own_scripts() {
    const TENANTS: usize = 300;
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(folder.path());
    options.limits.memory_of_all = 900 << 20;
    let fixture = Fixture::start_with(options, folder).await.expect("starts");
    let names: Vec<String> = (0..TENANTS).map(|number| format!("t{number}")).collect();
    let (fixture, most) = (&fixture, &std::sync::atomic::AtomicUsize::new(0));
    stream::iter(&names)
        .for_each_concurrent(4, |name| async move {
            fixture.publish(&format!("{name}-one"), &answering(name), json!([])).await;
        })
        .await;
    let since = Instant::now();
    stream::iter(names.iter().chain(&names[..40]))
        .for_each_concurrent(12, |name| async move {
            let answer = fixture.deliver(name, "one", &[], "").await;
            assert_eq!((answer.status, answer.text()), (200, name.clone()));
            let running = fixture.processes().await.len();
            most.fetch_max(running, std::sync::atomic::Ordering::Relaxed);
        })
        .await;
    let most = most.load(std::sync::atomic::Ordering::Relaxed);
    figures(&format!("{TENANTS} tenants: {:?}, at most {most} processes, in {NAMESPACE}", since.elapsed()));
    assert!(most < 256, "processes go for others: {most}");
}
