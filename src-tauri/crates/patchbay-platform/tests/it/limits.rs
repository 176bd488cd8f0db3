//! Limits that hold, and tenants that do not feel each other's.

use crate::support::{Fixture, NAMESPACE, answering, figures};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Spins, burns CPU time in pieces, eats its heap or memory outside of it, or answers, as the request says.
const GREEDY: &str = "export default { async fetch(request) {
    const what = await request.text();
    const keep = [];
    if (what === 'spin') for (;;) {}
    if (what === 'pieces') for (;;) {
        for (let i = 0; i < 2e7; i++) keep.length = i % 2;
        await scheduler.wait(1);
    }
    if (what === 'heap') for (;;) keep.push(new Array(1000).fill(Math.random()));
    if (what === 'buffers') for (;;) { keep.push(new Uint8Array(4 << 20).fill(1)); await scheduler.wait(0); }
    if (what === 'wait') await scheduler.wait(1e9);
    return new Response('fine');
} }";

/// Tells its upstream of each request that it serves, and answers with the request's id.
const COUNTING: &str = "export default { async fetch(request) {
    const id = await request.text();
    await fetch(`https://counter.example/${id}`);
    return new Response(id);
} }";

fn limited(cpu_ms: u64) -> String {
    json!({ "cpuMs": cpu_ms }).to_string()
}

async fn thrown(fixture: &Fixture, adapter: &str, cpu_ms: u64, what: &str) -> String {
    let answer = fixture.deliver("customer-a", adapter, &[("x-limits", &limited(cpu_ms))], what).await;
    answer.json()["thrown"].as_str().unwrap_or_else(|| panic!("not thrown: {}", answer.text())).to_owned()
}

#[tokio::test]
async fn a_script_that_spins_or_burns_time_in_pieces_is_ended_soon_after_its_limit() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-greedy", GREEDY, json!([])).await;
    for what in ["spin", "pieces"] {
        assert_eq!(fixture.deliver("customer-a", "greedy", &[], "").await.text(), "fine");
        let since = Instant::now();
        assert_eq!(thrown(&fixture, "greedy", 200, what).await, "Worker exceeded CPU time limit.");
        let took = since.elapsed();
        assert!(took >= Duration::from_millis(200), "{what} has its time: {took:?}");
        // CPU time passes more slowly than the clock where others use the machine, too.
        assert!(took < Duration::from_secs(10), "{what}: {took:?}");
        assert_eq!(fixture.deliver("customer-a", "greedy", &[], "").await.text(), "fine", "after {what}");
    }
}

#[tokio::test]
async fn a_script_that_eats_memory_is_ended() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-greedy", GREEDY, json!([])).await;
    for what in ["heap", "buffers"] {
        assert_eq!(thrown(&fixture, "greedy", 60_000, what).await, "Worker exceeded memory limit.", "{what}");
        assert_eq!(fixture.deliver("customer-a", "greedy", &[], "").await.text(), "fine", "after {what}");
    }
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_answered() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-greedy", GREEDY, json!([])).await;
    let limits = json!({ "wallMs": 300 }).to_string();
    let since = Instant::now();
    let late = fixture.deliver("customer-a", "greedy", &[("x-limits", &limits)], "wait").await;
    assert_eq!(late.json()["thrown"], "Worker exceeded wall time limit.");
    assert!(since.elapsed() >= Duration::from_millis(300));
    assert_eq!(fixture.deliver("customer-a", "greedy", &[("x-limits", &limits)], "").await.text(), "fine");
    let negative = json!({ "wallMs": -1 }).to_string();
    let refused = fixture.deliver("customer-a", "greedy", &[("x-limits", &negative)], "").await;
    assert_eq!(refused.json()["thrown"], "limits.wallMs must be a number that is not negative");
}

#[tokio::test]
async fn a_tenants_other_scripts_are_kept_apart_from_the_one_that_went_over_its_limit() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-greedy", GREEDY, json!([])).await;
    fixture.publish("customer-a-other", &answering("here"), json!([])).await;
    assert_eq!(fixture.deliver("customer-a", "other", &[], "").await.text(), "here");
    assert_eq!(thrown(&fixture, "greedy", 100, "spin").await, "Worker exceeded CPU time limit.");
    assert_eq!(fixture.deliver("customer-a", "other", &[], "").await.text(), "here");
    let before = fixture.processes().await.into_iter().filter(|process| process.tenant.is_some()).count();
    assert_eq!(fixture.deliver("customer-a", "greedy", &[], "").await.text(), "fine");
    let after = fixture.processes().await;
    assert_eq!(after.iter().filter(|process| process.tenant.is_some()).count(), before + 1, "{after:?}");
    let spinning = thrown(&fixture, "greedy", 1500, "spin");
    let serving = async {
        for _ in 0..20 {
            let since = Instant::now();
            assert_eq!(fixture.deliver("customer-a", "other", &[], "").await.text(), "here");
            assert!(since.elapsed() < Duration::from_millis(1500), "it waited for the one that spins");
        }
    };
    assert_eq!(tokio::join!(spinning, serving).0, "Worker exceeded CPU time limit.");
}

/// Requests of customer-b at a rate, until told to stop. Answers how many there were.
async fn traffic(fixture: Arc<Fixture>, stop: Arc<AtomicBool>) -> Vec<(String, Duration)> {
    let mut requests = Vec::new();
    let mut rate = tokio::time::interval(Duration::from_millis(40));
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        rate.tick().await;
        number += 1;
        let (fixture, id) = (Arc::clone(&fixture), format!("request-{number}"));
        requests.push(tokio::spawn(async move {
            let since = Instant::now();
            let answer = fixture.deliver("customer-b", "counting", &[], &id).await;
            assert_eq!((answer.status, answer.text()), (200, id.clone()));
            (id, since.elapsed())
        }));
    }
    let mut done = Vec::new();
    for request in requests {
        done.push(request.await.expect("every request is answered correctly"));
    }
    done
}

#[tokio::test]
async fn a_tenant_that_loops_and_eats_memory_costs_nobody_else_a_request() {
    let fixture = Arc::new(Fixture::start().await);
    fixture.publish("customer-a-greedy", GREEDY, json!([])).await;
    fixture.publish("customer-b-counting", COUNTING, json!([])).await;
    fixture.deliver("customer-b", "counting", &[], "warm").await;
    let stop = Arc::new(AtomicBool::new(false));
    let neighbour = tokio::spawn(traffic(Arc::clone(&fixture), Arc::clone(&stop)));
    for what in ["spin", "heap", "pieces", "buffers", "spin"] {
        let burst: Vec<_> = (0..4)
            .map(|_| {
                let fixture = Arc::clone(&fixture);
                tokio::spawn(async move { thrown(&fixture, "greedy", 200, what).await })
            })
            .collect();
        for request in burst {
            let words = request.await.expect("it is answered");
            assert!(words.starts_with("Worker exceeded "), "{what}: {words}");
        }
        assert_eq!(fixture.deliver("customer-a", "greedy", &[], "").await.text(), "fine", "after {what}");
    }
    stop.store(true, Ordering::Relaxed);
    let mut done = neighbour.await.expect("the neighbour's requests are answered");
    assert_served_once(&fixture, &done.iter().map(|(id, _)| id.clone()).collect());
    done.sort_by_key(|(_, took)| *took);
    let (count, p50, max) = (done.len(), done[done.len() / 2].1, done[done.len() - 1].1);
    figures(&format!("the neighbour of a greedy tenant: {count} requests, p50 {p50:?}, slowest {max:?}"));
    assert!(count > 50, "{count}");
}

/// What reached the upstream: each id once.
pub(crate) fn assert_served_once(fixture: &Fixture, ids: &HashSet<String>) {
    let calls = fixture.gateway.calls.lock().expect("not poisoned");
    let served: Vec<&str> =
        calls.iter().filter_map(|(_, request)| request.url.strip_prefix("https://counter.example/")).collect();
    let unique: HashSet<String> = served.iter().map(|id| (*id).to_owned()).collect();
    let of_interest = served.iter().filter(|id| ids.contains(**id)).count();
    assert_eq!(of_interest, ids.len(), "none is lost and none runs twice");
    assert!(ids.is_subset(&unique));
}

/// Makes calls, some of them at once and one after the answer, and tells how each went.
const CALLING: &str = "const early = fetch;
export default { async fetch(request, env, ctx) {
    const { calls, how, wait } = await request.json();
    const send = how === 'captured' ? early : (url) => fetch(url);
    const results = [];
    for (let number = 0; number < calls; number++) {
        try { results.push((await send('https://api.example/' + number)).status); }
        catch (error) { results.push(error.message); }
        await scheduler.wait(wait ?? 0);
    }
    return Response.json(results);
} }";

fn outcome(calls: usize, allowed: usize) -> Value {
    (0..calls).map(|number| if number < allowed { json!(201) } else { json!("Too many subrequests.") }).collect()
}

#[tokio::test]
async fn subrequests_are_counted_for_each_request_also_when_they_run_at_once() {
    let fixture = Arc::new(Fixture::start().await);
    fixture.publish("customer-a-calling", CALLING, json!([])).await;
    let limits = json!({ "subRequests": 3 }).to_string();
    for how in ["global", "captured"] {
        let requests: Vec<_> = (0..12)
            .map(|number| {
                let (fixture, limits) = (Arc::clone(&fixture), limits.clone());
                let calls = number % 6;
                let body = json!({ "calls": calls, "how": how, "wait": 5 }).to_string();
                tokio::spawn(async move {
                    let answer = fixture.deliver("customer-a", "calling", &[("x-limits", &limits)], &body).await;
                    assert_eq!(answer.json(), outcome(calls, 3), "{how}");
                })
            })
            .collect();
        for request in requests {
            request.await.expect("the count is that of the request");
        }
    }
    let unlimited = fixture.deliver("customer-a", "calling", &[], &json!({ "calls": 6 }).to_string()).await;
    assert_eq!(unlimited.json(), outcome(6, 6));
}

#[tokio::test]
async fn a_script_has_the_limits_of_its_own_upload_where_they_are_less() {
    let fixture = Fixture::start().await;
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "bindings": [],
        "tags": ["tenant:customer-a"], "limits": { "subrequests": 2 } });
    let modules = [("index.js", "application/javascript+module", CALLING.as_bytes())];
    let path = format!("{NAMESPACE}/scripts/customer-a-calling");
    assert_eq!(fixture.upload_parts(&path, &metadata, &modules).await.status, 200);
    let body = json!({ "calls": 4 }).to_string();
    for (given, allowed) in [(3, 2), (1, 1)] {
        let limits = json!({ "subRequests": given }).to_string();
        let answer = fixture.deliver("customer-a", "calling", &[("x-limits", &limits)], &body).await;
        assert_eq!(answer.json(), outcome(4, allowed), "the dispatcher says {given}");
    }
}

#[tokio::test]
async fn a_script_that_hides_whose_a_call_is_gains_nothing() {
    let fixture = Fixture::start().await;
    let hiding = format!(
        "import {{ AsyncLocalStorage }} from 'node:async_hooks';
        AsyncLocalStorage.prototype.getStore = () => undefined;
        {CALLING}"
    );
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01",
        "compatibility_flags": ["nodejs_als"], "tags": ["tenant:customer-a"] });
    let path = format!("{NAMESPACE}/scripts/customer-a-calling");
    let modules = [("index.js", "application/javascript+module", hiding.as_bytes())];
    assert_eq!(fixture.upload_parts(&path, &metadata, &modules).await.status, 200);
    let limits = json!({ "subRequests": 3 }).to_string();
    let body = json!({ "calls": 5 }).to_string();
    for _ in 0..2 {
        let answer = fixture.deliver("customer-a", "calling", &[("x-limits", &limits)], &body).await;
        assert_eq!(answer.json(), outcome(5, 3));
    }
}
