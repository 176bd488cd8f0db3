//! How many requests the API takes: as on Cloudflare, a number per window, announced with every answer.

use super::Api;
use super::refusal::Refusal;
use crate::config::ApiRate;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{HeaderName, RETRY_AFTER};
use patchbay_cloudflare::wire::codes::ApiCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Counts the requests of the one token in windows that begin with a request.
pub(crate) struct Throttle {
    rate: ApiRate,
    window: Mutex<Window>,
}

struct Window {
    began: Instant,
    used: u32,
}

/// What is left of a window.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    requests: u32,
    seconds: u64,
}

impl Throttle {
    pub(crate) fn new(rate: ApiRate) -> Self {
        Self { rate, window: Mutex::new(Window { began: Instant::now(), used: 0 }) }
    }

    fn at(&self, now: Instant, take: bool) -> Result<Left, Left> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(window.began) >= self.rate.window {
            *window = Window { began: now, used: 0 };
        }
        let rest = self.rate.window.saturating_sub(now.duration_since(window.began));
        // Rounded up, so that whoever waits so long finds a new window.
        let seconds = rest.as_secs() + u64::from(rest.subsec_nanos() > 0);
        let left = |used: u32| Left { requests: self.rate.requests.saturating_sub(used), seconds };
        if !take {
            return Ok(left(window.used));
        }
        if window.used >= self.rate.requests {
            return Err(left(window.used));
        }
        window.used += 1;
        Ok(left(window.used))
    }
}

/// Takes a request of the window, or refuses. It stands behind the guard: strangers use up nobody's requests.
pub(super) async fn admit(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    if !is_counted(&request) {
        return next.run(request).await;
    }
    match api.throttle.at(Instant::now(), true) {
        Ok(_) => next.run(request).await,
        Err(Left { seconds, .. }) => {
            let mut response = Refusal::from(ApiCode::Throttled).into_response();
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
    }
}

/// Says with every answer what is left.
pub(super) async fn announce(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let counted = is_counted(&request);
    let mut response = next.run(request).await;
    if let (true, Ok(left)) = (counted, api.throttle.at(Instant::now(), false)) {
        let ApiRate { requests, window } = api.throttle.rate;
        let texts = [
            (RATELIMIT, format!("\"default\";r={};t={}", left.requests, left.seconds)),
            (POLICY, format!("\"default\";q={requests};w={}", window.max(Duration::from_secs(1)).as_secs())),
        ];
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::try_from(text) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}

/// Patchbay's own routes are no part of Cloudflare's API.
fn is_counted(request: &Request) -> bool {
    request.uri().path().starts_with("/client/v4")
}

#[cfg(test)]
mod tests {
    use super::{Left, Throttle};
    use crate::config::ApiRate;
    use std::time::{Duration, Instant};

    #[test]
    fn a_window_ends_and_a_new_one_begins() {
        let throttle = Throttle::new(ApiRate { requests: 2, window: Duration::from_mins(5) });
        let now = Instant::now();
        assert!(throttle.at(now, true).is_ok() && throttle.at(now, true).is_ok());
        let later = now + Duration::from_secs(10);
        let refused = throttle.at(later, true).expect_err("both are used");
        assert_eq!(refused.requests, 0);
        assert!((289..=290).contains(&refused.seconds), "{refused:?}");
        let next = now + Duration::from_secs(refused.seconds + 10);
        assert_eq!(throttle.at(next, true), Ok(Left { requests: 1, seconds: 300 }));
    }
}
