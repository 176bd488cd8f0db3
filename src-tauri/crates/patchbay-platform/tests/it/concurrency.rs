//! Several clients change one script at once: one of them wins, and nobody ever sees a mixture.

use crate::support::{Answer, Fixture, NAMESPACE};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const SCRIPT: &str = "import { part } from './part.js';
export default { fetch(_, env) {
  return Response.json([CODE, part, Number(env.PLAIN), Number(env.SECRET), Number(env.LEFT ?? 0), Number(env.RIGHT ?? 0)]);
} }";

/// Uploads a version in which everything says the same number. Secrets that are set beside it stay.
async fn upload(fixture: &Fixture, number: u32) -> Answer {
    let text = number.to_string();
    let metadata = json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": ["tenant:customer-a"],
        "keep_bindings": ["secret_text"],
        "bindings": [{ "type": "plain_text", "name": "PLAIN", "text": text }, { "type": "secret_text", "name": "SECRET", "text": text }] });
    let index = SCRIPT.replace("CODE", &text);
    let part = format!("export const part = {number};");
    let javascript = "application/javascript+module";
    let files = [("index.js", javascript, index.as_bytes()), ("part.js", javascript, part.as_bytes())];
    fixture.upload_parts(&format!("{NAMESPACE}/scripts/customer-a-notion"), &metadata, &files).await
}

/// Sets two secrets to one number in one request.
async fn set_both(fixture: &Fixture, number: u32) -> Answer {
    let secret = |name: &str| json!({ "type": "secret_text", "name": name, "text": number.to_string() });
    let body = json!({ "secrets": { "LEFT": secret("LEFT"), "RIGHT": secret("RIGHT") } });
    fixture.script(Method::PATCH, "customer-a-notion/secrets-bulk", body.to_string()).await
}

/// What the script answers: the number of its version, and that of its two secrets.
async fn read(fixture: &Fixture) -> (u64, u64) {
    let answer = fixture.deliver("customer-a", "notion", &[], "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let Value::Array(numbers) = answer.json() else { panic!("{}", answer.text()) };
    let numbers: Vec<u64> = numbers.iter().map(|number| number.as_u64().expect("a number")).collect();
    assert!(numbers[..4].iter().all(|number| *number == numbers[0]), "code and bindings of one version: {numbers:?}");
    assert_eq!(numbers[4], numbers[5], "secrets that are set at once are seen at once: {numbers:?}");
    (numbers[0], numbers[4])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_uploads_and_secrets_at_once_each_is_whole_and_the_last_ones_stay() {
    const WRITERS: u32 = 6;
    const ROUNDS: u32 = 5;
    let fixture = Arc::new(Fixture::start().await);
    assert_eq!(upload(&fixture, 0).await.status, 200);
    assert_eq!(set_both(&fixture, 0).await.status, 200);
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let (fixture, over) = (Arc::clone(&fixture), Arc::clone(&over));
            tokio::spawn(async move {
                let mut seen = BTreeSet::new();
                while !over.load(Ordering::Relaxed) {
                    seen.insert(read(&fixture).await);
                }
                seen.len()
            })
        })
        .collect();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let fixture = Arc::clone(&fixture);
            tokio::spawn(async move {
                for round in 0..ROUNDS {
                    let number = 1 + writer + WRITERS * round;
                    let answer =
                        if writer % 2 == 0 { upload(&fixture, number).await } else { set_both(&fixture, number).await };
                    assert_eq!(answer.status, 200, "{}", answer.text());
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("every change is accepted");
    }
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.expect("never a mixture") > 1, "versions went by");
    }
    let (version, secrets) = read(&fixture).await;
    let last_round = u64::from(WRITERS * (ROUNDS - 1) + 1)..=u64::from(WRITERS * ROUNDS);
    assert!(last_round.contains(&version) && last_round.contains(&secrets), "the last ones won: {version}, {secrets}");
    let kept: Value = fixture.script(Method::GET, "customer-a-notion", "").await.json();
    assert!(
        kept["result"]["script"]["deployment_id"].is_string() || kept["result"]["deployment_id"].is_string(),
        "{kept}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_meets_a_delete_is_answered_by_the_script_or_told_that_there_is_none() {
    const ROUNDS: u32 = 60;
    let fixture = Arc::new(Fixture::start().await);
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..6)
        .map(|_| {
            let (fixture, over) = (Arc::clone(&fixture), Arc::clone(&over));
            tokio::spawn(async move {
                let mut answered = 0;
                while !over.load(Ordering::Relaxed) {
                    let answer = fixture.deliver("customer-a", "notion", &[], "").await;
                    let text = answer.text();
                    let is_told = answer.status == 500 && text.contains("Worker not found: customer-a-notion");
                    assert!(answer.status == 200 || is_told, "{} {text}", answer.status);
                    answered += u32::from(answer.status == 200);
                }
                answered
            })
        })
        .collect();
    for number in 0..ROUNDS {
        assert_eq!(upload(&fixture, number).await.status, 200);
        let answer = fixture.script(Method::DELETE, "customer-a-notion", "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.expect("no other answer");
    }
}
