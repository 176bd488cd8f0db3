//! Runs of one tenant that go on at the same time.

use patchbay_core::{HttpMessageHeaders, HttpRequest};
use patchbay_upstream::{Fault, Outcome, ScopeState, Upstreams};

const TENANT: &str = "tenant:acme";

fn post(upstreams: &Upstreams, delivery: Option<&str>) -> u16 {
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer example-token"),
        ("notion-version", "2025-09-03"),
    ];
    let request = HttpRequest {
        method: "POST".into(),
        url: "https://api.notion.com/v1/pages".into(),
        headers: HttpMessageHeaders::from_iter(headers),
        body: r#"{"parent":{"type":"data_source_id","data_source_id":"00000000-0000-4000-8000-00000000da7a"},"properties":{}}"#
            .into(),
    };
    match upstreams.answer_delivery(TENANT, delivery, &request, None) {
        Outcome::Respond(response) => response.status,
        other => panic!("an answer was expected: {other:?}"),
    }
}

fn pages(upstreams: &Upstreams) -> usize {
    upstreams.kept(TENANT, "notion").expect("notion").iter().filter(|kept| kept.kind == "page").count()
}

fn pages_in(upstreams: &Upstreams, scope: &str) -> usize {
    upstreams.kept_in_scope(scope).expect("a scope").iter().filter(|(_, kept)| kept.kind == "page").count()
}

fn fault(given: &str) -> Vec<Fault> {
    vec![given.parse().expect("a fault")]
}

#[test]
fn runs_at_the_same_time_break_by_their_own_faults() {
    let upstreams = Upstreams::new();
    upstreams.set_faults(TENANT, fault("notion:529"));
    upstreams.open_scope("one", TENANT, ScopeState::Shared, fault("notion#1:503"));
    upstreams.open_scope("two", TENANT, ScopeState::Shared, fault("notion#2:500"));
    assert!(upstreams.admit("one", "d1") && upstreams.admit("two", "d2"));
    let answers: Vec<u16> =
        [Some("d1"), Some("d2"), Some("d1"), Some("d2"), Some("d3")].map(|d| post(&upstreams, d)).to_vec();
    assert_eq!(answers, [503, 200, 200, 500, 529], "each run counts its own calls, others go by the person's faults");
    assert_eq!(pages(&upstreams), 2, "what they made is the tenant's");
    upstreams.close_scope("one");
    assert_eq!(post(&upstreams, Some("d1")), 529);
}

#[test]
fn a_state_of_its_own_begins_empty_and_leaves_the_tenants_alone() {
    let upstreams = Upstreams::new();
    assert_eq!(post(&upstreams, None), 200);
    upstreams.open_scope("cell", TENANT, ScopeState::Own, Vec::new());
    assert!(upstreams.admit("cell", "d1"));
    assert_eq!(pages_in(&upstreams, "cell"), 0);
    assert_eq!([post(&upstreams, Some("d1")), post(&upstreams, Some("d1"))], [200, 200]);
    assert_eq!((pages_in(&upstreams, "cell"), pages(&upstreams)), (2, 1));
    upstreams.close_scope("cell");
    assert_eq!(upstreams.kept_in_scope("cell"), None);
    assert!(!upstreams.admit("cell", "d2"));
    assert_eq!(pages(&upstreams), 1);
}
