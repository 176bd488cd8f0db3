//! Whether an answer may be kept, and for how long: by its headers as a shared cache reads them (RFC 9111), and without
//! any by Cloudflare's defaults for its status.

use super::Head;
use http::header::{CACHE_CONTROL, EXPIRES, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_cache_semantics::CachePolicy;
use std::time::{Duration, SystemTime};

/// How long an answer is kept that does not say it itself, in minutes:
/// <https://developers.cloudflare.com/cache/how-to/configure-cache-status-code/#edge-ttl>.
const DEFAULT_MINUTES: [(u16, u64); 9] =
    [(200, 120), (206, 120), (301, 120), (302, 20), (303, 20), (404, 3), (410, 3), (403, 1), (307, 20)];

/// The answer as it is kept, and until when; nothing when it may not be.
pub(super) fn storable(mut head: Head, url: &str, now: SystemTime) -> Option<(Head, SystemTime)> {
    // Never with cookies, unless they are said to be private and left out:
    // https://developers.cloudflare.com/workers/runtime-apis/cache/#headers
    if head.get(SET_COOKIE.as_str()).is_some() {
        let control = head.get(CACHE_CONTROL.as_str()).unwrap_or_default().to_ascii_lowercase();
        let directive = |directive: &str| directive.trim().replace('"', "") == "private=set-cookie";
        if !control.split(',').any(directive) {
            return None;
        }
        head.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(SET_COOKIE.as_str()));
        let rest: Vec<&str> = control.split(',').filter(|part| !directive(part)).map(str::trim).collect();
        for (name, value) in &mut head.headers {
            if name.eq_ignore_ascii_case(CACHE_CONTROL.as_str()) {
                *value = rest.join(", ");
            }
        }
        head.headers.retain(|(name, value)| !name.eq_ignore_ascii_case(CACHE_CONTROL.as_str()) || !value.is_empty());
    }
    if head.get(VARY.as_str()).is_some_and(|vary| vary.contains('*')) {
        return None;
    }
    let lifetime = if head.get(CACHE_CONTROL.as_str()).is_none() && head.get(EXPIRES.as_str()).is_none() {
        let (_, minutes) = DEFAULT_MINUTES.iter().find(|(status, _)| *status == head.status)?;
        Duration::from_mins(*minutes)
    } else {
        said(&head, url, now)?
    };
    (!lifetime.is_zero()).then(|| Some((head, now.checked_add(lifetime)?)))?
}

/// How long the headers of an answer say.
fn said(head: &Head, url: &str, now: SystemTime) -> Option<Duration> {
    let request = Request::get(url).body(()).ok()?;
    let mut response = Response::builder().status(head.status).body(()).ok()?;
    *response.headers_mut() = headers(head);
    let policy = CachePolicy::new_options(&request, &response, now, http_cache_semantics::CacheOptions::default());
    policy.is_storable().then(|| policy.time_to_live(now))
}

fn headers(head: &Head) -> HeaderMap {
    let pairs = head.headers.iter();
    pairs
        .filter_map(|(name, value)| {
            Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::storable;
    use crate::cache::Head;
    use std::time::SystemTime;

    fn seconds(status: u16, headers: &[(&str, &str)]) -> Option<u64> {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777);
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (_, until) = storable(Head { status, headers }, "https://x.example/", now)?;
        until.duration_since(now).ok().map(|lifetime| lifetime.as_secs())
    }

    #[test]
    fn headers_decide_how_long_and_defaults_where_there_are_none() {
        for (status, headers, expected) in [
            (200, &[("cache-control", "max-age=60")][..], Some(60)),
            (200, &[("cache-control", "max-age=60, s-maxage=90")], Some(90)),
            (200, &[("Cache-Control", "public, max-age=0")], None),
            (200, &[("cache-control", "private, max-age=60")], None),
            (200, &[("cache-control", "no-store")], None),
            (200, &[("cache-control", "no-cache")], None),
            (200, &[("expires", "Sun, 06 Nov 1994 08:49:47 GMT"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")], Some(10)),
            (200, &[("expires", "0")], None),
            (200, &[("vary", "*"), ("cache-control", "max-age=60")], None),
            (200, &[], Some(7200)),
            (404, &[], Some(180)),
            (500, &[], None),
            (500, &[("cache-control", "max-age=60")], None),
        ] {
            assert_eq!(seconds(status, headers), expected, "{status} {headers:?}");
        }
    }

    #[test]
    fn cookies_are_never_kept() {
        let cookie = ("set-cookie", "session=1");
        assert_eq!(seconds(200, &[cookie, ("cache-control", "max-age=60")]), None);
        let head = Head {
            status: 200,
            headers: [cookie, ("cache-control", "private=Set-Cookie, max-age=60")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        let (kept, _) = storable(head, "https://x.example/", SystemTime::now()).expect("is kept without it");
        assert_eq!(kept.headers, [("cache-control".to_owned(), "max-age=60".to_owned())]);
    }
}
