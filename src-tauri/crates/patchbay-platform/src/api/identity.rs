//! Who the token belongs to: one person with one account.

use super::refusal::Query;
use super::{Api, Shared};
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use patchbay_cloudflare::wire::envelope::{ApiMessage, Envelope, ResultInfo};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const ACCOUNT_NAME: &str = "Patchbay on this machine";
const EMAIL: &str = "patchbay@localhost";

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/user/tokens/verify", get(verify))
        .route("/accounts/{account}/tokens/verify", get(verify))
        .route("/user", get(user))
        .route("/accounts", get(accounts))
        .route("/memberships", get(memberships))
}

async fn verify(State(api): Shared) -> Response {
    let mut envelope = Envelope::of(json!({ "id": api.account_id, "status": "active" }));
    envelope.messages.push(ApiMessage::new(10000, "This API Token is valid and active"));
    Json(envelope).into_response()
}

async fn user(State(api): Shared) -> Response {
    Json(Envelope::of(json!({ "id": api.account_id, "email": EMAIL }))).into_response()
}

async fn accounts(State(api): Shared, Query(query): Query<PageQuery>) -> Response {
    page(&query, json!({ "id": api.account_id, "name": ACCOUNT_NAME, "type": "standard" }))
}

async fn memberships(State(api): Shared, Query(query): Query<PageQuery>) -> Response {
    page(
        &query,
        json!({
            "id": api.account_id,
            "account": { "id": api.account_id, "name": ACCOUNT_NAME, "type": "standard" },
            "roles": ["Administrator"],
            "status": "accepted",
        }),
    )
}

#[derive(Deserialize)]
struct PageQuery {
    page: Option<u32>,
}

/// The one entry there is stands on the first page.
fn page(query: &PageQuery, only: Value) -> Response {
    let number = query.page.unwrap_or(1).max(1);
    let entries = if number == 1 { vec![only] } else { Vec::new() };
    let count = Some(u32::from(number == 1));
    let mut envelope = Envelope::of(entries);
    envelope.result_info =
        Some(ResultInfo { page: Some(number), per_page: Some(20), count, total_count: Some(1), cursor: None });
    Json(envelope).into_response()
}
