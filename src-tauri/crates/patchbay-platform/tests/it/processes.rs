//! Processes that come when they are needed and go when they are not.

use crate::limits::assert_served_once;
use crate::support::{Fixture, answering, figures};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

const COUNTING: &str = "export default { async fetch(request, env, ctx) {
    const id = await request.text();
    await fetch(`https://counter.example/${id}`);
    ctx.waitUntil((async () => { await scheduler.wait(20); await fetch(`https://counter.example/${id}-afterwards`); })());
    return new Response(id);
} }";

/// The processes that serve scripts.
async fn serving(fixture: &Fixture) -> Vec<u32> {
    let processes = fixture.processes().await;
    processes.into_iter().filter(|process| process.tenant.is_some()).filter_map(|process| process.pid).collect()
}

#[tokio::test]
async fn a_process_starts_with_the_first_request_and_goes_when_nobody_uses_it() {
    let fixture = Fixture::with_limits(|limits| limits.idle = Duration::from_millis(400)).await;
    fixture.publish("customer-a-notion", &answering("here"), json!([])).await;
    assert!(serving(&fixture).await.is_empty(), "a publish needs no process");
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "here");
    let first = serving(&fixture).await;
    assert_eq!(first.len(), 1);
    let since = Instant::now();
    while !serving(&fixture).await.is_empty() {
        assert!(since.elapsed() < Duration::from_secs(20), "an idle process goes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "here", "the next request gets another");
    assert_ne!(serving(&fixture).await, first);
}

#[tokio::test]
async fn a_start_begins_with_the_process_of_the_script_that_was_served_last() {
    let fixture = Fixture::start().await;
    for tenant in ["customer-a", "customer-b"] {
        fixture.publish(&format!("{tenant}-notion"), &answering(tenant), json!([])).await;
        assert_eq!(fixture.deliver(tenant, "notion", &[], "").await.text(), tenant);
    }
    let again = Fixture::start_in(fixture.stop().await).await.expect("it starts again");
    let since = Instant::now();
    while serving(&again).await.is_empty() {
        assert!(since.elapsed() < Duration::from_secs(20), "its process starts without a request");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let started = serving(&again).await;
    assert_eq!(again.deliver("customer-b", "notion", &[], "").await.text(), "customer-b");
    assert_eq!(serving(&again).await, started, "the request finds the process that is there");
}

#[tokio::test]
async fn a_request_that_waits_keeps_its_process() {
    let fixture = Fixture::with_limits(|limits| limits.idle = Duration::from_millis(200)).await;
    let source = "export default { async fetch() { await scheduler.wait(2500); return new Response('late'); } }";
    fixture.publish("customer-a-slow", source, json!([])).await;
    assert_eq!(fixture.deliver("customer-a", "slow", &[], "").await.text(), "late");
}

#[tokio::test]
async fn processes_go_under_traffic_without_a_request_lost_or_run_twice() {
    // No process may stay that another one would need the memory of: each is let go as soon as it is idle for a moment.
    let fixture = Arc::new(Fixture::with_limits(|limits| limits.memory_of_all = 1).await);
    let tenants = ["customer-a", "customer-b", "customer-c"];
    for tenant in tenants {
        fixture.publish(&format!("{tenant}-counting"), COUNTING, json!([])).await;
    }
    let mut seen = HashSet::new();
    let mut ids = HashSet::new();
    // On a busy machine it takes longer until a process is seen to be idle.
    let since = Instant::now();
    let mut round = 0;
    while round < 12 || (seen.len() <= tenants.len() * 2 && since.elapsed() < Duration::from_mins(1)) {
        round += 1;
        let requests: Vec<_> = (0..24)
            .map(|number| {
                let (fixture, tenant) = (Arc::clone(&fixture), tenants[number % tenants.len()]);
                let id = format!("{round}-{number}");
                ids.extend([id.clone(), format!("{id}-afterwards")]);
                tokio::spawn(async move {
                    // Spread over the time in which the processes are let go.
                    tokio::time::sleep(Duration::from_millis(number as u64 * 13)).await;
                    let answer = fixture.deliver(tenant, "counting", &[], &id).await;
                    assert_eq!((answer.status, answer.text()), (200, id));
                })
            })
            .collect();
        for request in requests {
            request.await.expect("every request is answered correctly");
        }
        seen.extend(serving(&fixture).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let since = Instant::now();
    while fixture.gateway.calls.lock().expect("not poisoned").len() < ids.len() {
        assert!(since.elapsed() < Duration::from_secs(10), "what a request does after its answer is done, too");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_served_once(&fixture, &ids);
    figures(&format!("{} requests over {} processes", ids.len() / 2, seen.len()));
    assert!(seen.len() > tenants.len() * 2, "processes were let go: {seen:?}");
}

#[tokio::test]
async fn many_tenants_share_little_memory_one_after_another() {
    let fixture = Fixture::with_limits(|limits| limits.memory_of_all = 500 << 20).await;
    let tenants = 20;
    for tenant in 0..tenants {
        fixture.publish(&format!("tenant{tenant}-one"), &answering(&format!("one of {tenant}")), json!([])).await;
    }
    let mut largest = 0;
    for round in 0..2 {
        for tenant in 0..tenants {
            let answer = fixture.deliver(&format!("tenant{tenant}"), "one", &[], "").await;
            assert_eq!(answer.text(), format!("one of {tenant}"), "round {round}");
            let processes = fixture.processes().await;
            largest = largest.max(processes.iter().filter_map(|process| process.rss).sum());
        }
    }
    figures(&format!("{tenants} tenants, two rounds: at most {} MiB", largest >> 20));
    assert!(largest < 700 << 20, "{largest}");
    assert!(serving(&fixture).await.len() < tenants, "processes were let go");
}
