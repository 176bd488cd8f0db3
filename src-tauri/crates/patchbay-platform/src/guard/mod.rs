//! Who may speak to the API: only programs on this machine that know the token, and no web page.

pub(crate) mod door;
mod head;

use crate::api::Api;
use crate::api::refusal::Refusal;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::{HeaderMap, StatusCode};
use patchbay_cloudflare::wire::codes::ApiCode;
use patchbay_cloudflare::wire::envelope::ApiMessage;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Set by browsers, and by nothing else (Fetch Metadata).
const FETCH_SITE: &str = "sec-fetch-site";

/// Checks host, origin, head, credentials and account, in this order.
pub(crate) async fn guard(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let checked = check_host(&request)
        .and_then(|()| check_origin(request.headers()))
        .and_then(|()| head::check(&request))
        .and_then(|()| check_credentials_of(&request, &api.token))
        .and_then(|()| check_account(request.uri().path(), &api.account_id));
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A web page that had its own host name resolve to this machine sends that name: DNS rebinding.
fn check_host(request: &Request) -> Result<(), Refusal> {
    let sent = request.headers().get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let mut names = sent.chain(request.uri().authority().map(http::uri::Authority::as_str)).peekable();
    // A request without any name comes from no browser, but nor from a client that the platform knows.
    if names.peek().is_some() && names.all(is_loopback) {
        return Ok(());
    }
    Err(Refusal::with(ApiCode::Unauthorized, "The Host header does not name this machine."))
}

/// A browser sends the origin of the page with every request that could change something.
fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_of_this_machine = |origin: &http::HeaderValue| {
        let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        authority.is_some_and(|(_, authority)| is_loopback(authority))
    };
    let is_foreign = headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site");
    if !is_foreign && headers.get_all(ORIGIN).iter().all(is_of_this_machine) {
        return Ok(());
    }
    Err(Refusal::with(ApiCode::Unauthorized, "Requests from web pages are not accepted."))
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host.eq_ignore_ascii_case("localhost") || matches!(host, "127.0.0.1" | "[::1]")
}

/// Files of assets come with the token of their own upload, which their handler checks.
fn check_credentials_of(request: &Request, token: &str) -> Result<(), Refusal> {
    let path = request.uri().path().strip_prefix("/client/v4/accounts/").and_then(|rest| rest.split_once('/'));
    if path.is_some_and(|(_, rest)| rest == "workers/assets/upload") {
        return Ok(());
    }
    check_credentials(request.headers(), token)
}

fn check_credentials(headers: &HeaderMap, token: &str) -> Result<(), Refusal> {
    // `wrangler` sends a key and an e-mail address where it was given these; the token is taken for either.
    let given = match headers.get(AUTHORIZATION) {
        Some(value) => value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(malformed)?,
        None => headers
            .get("x-auth-key")
            .filter(|_| headers.contains_key("x-auth-email"))
            .and_then(|key| key.to_str().ok())
            .ok_or(ApiCode::CredentialsMissing)?,
    };
    if is_same(given.trim(), token) {
        return Ok(());
    }
    Err(ApiCode::Authentication.into())
}

/// Compares digests: they have one length, and how far they agree says nothing about the token.
fn is_same(given: &str, token: &str) -> bool {
    Sha256::digest(given).ct_eq(&Sha256::digest(token)).into()
}

fn malformed() -> Refusal {
    let code = ApiCode::InvalidHeaders;
    let mut message = ApiMessage::new(code.code(), code.message());
    message.error_chain.push(ApiMessage::new(6111, "Invalid format for Authorization header"));
    Refusal::new(StatusCode::BAD_REQUEST, message)
}

/// The token speaks for one account only.
fn check_account(path: &str, account: &str) -> Result<(), Refusal> {
    let Some(rest) = path.strip_prefix("/client/v4/accounts/") else { return Ok(()) };
    let given = rest.split('/').next().unwrap_or_default();
    if given == account {
        return Ok(());
    }
    Err(ApiCode::Authentication.into())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for good in ["127.0.0.1", "127.0.0.1:8787", "localhost:1", "LOCALHOST", "[::1]:80", "[::1]"] {
            assert!(is_loopback(good), "{good} is this machine");
        }
        for bad in ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "127.0.0.1@evil", "::1x"]
        {
            assert!(!is_loopback(bad), "{bad} is not this machine");
        }
    }
}
