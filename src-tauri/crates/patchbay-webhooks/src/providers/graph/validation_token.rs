//! The token (RS256) by which Entra vouches that Graph sent a rich notification.

use crate::provider::Refusal;
use crate::sender_keys::SenderKeys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Graph's own application id, which every token names as its bearer.
const GRAPH: &str = "0bf30f3b-4a52-48df-9a82-234910c4a086";
/// How long a token is taken.
pub const LIFETIME: std::time::Duration = std::time::Duration::from_hours(1);
/// Entra puts the start of validity a little into the past, for clocks that differ.
const SKEW: Duration = Duration::minutes(5);

/// A token for an application in a directory, as Entra would issue it at `now`.
pub fn make(keys: &SenderKeys, application: &str, directory: &str, now: OffsetDateTime) -> String {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": keys.key_id() });
    let claims = json!({
        "aud": application,
        "iss": format!("https://sts.windows.net/{directory}/"),
        "iat": (now - SKEW).unix_timestamp(),
        "nbf": (now - SKEW).unix_timestamp(),
        "exp": (now + LIFETIME).unix_timestamp(),
        "appid": GRAPH,
        "appidacr": "2",
        "tid": directory,
        "ver": "1.0",
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(keys.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Judges a token as a careful receiver would: algorithm, signature, audience, bearer, times.
pub fn judge(keys: &SenderKeys, token: &str, application: &str, now: OffsetDateTime) -> Result<(), Refusal> {
    const MALFORMED: Refusal = Refusal::BodyMalformed("a notification with readable tokens");
    let (signed, signature) = token.rsplit_once('.').ok_or(MALFORMED)?;
    let (header, claims) = signed.split_once('.').ok_or(MALFORMED)?;
    let read = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let (header, claims) = (read(header).ok_or(MALFORMED)?, read(claims).ok_or(MALFORMED)?);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    // A token that chooses its own algorithm could choose `none`.
    if text(&header, "alg").as_deref() != Some("RS256") {
        return Err(Refusal::Claim("alg"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| MALFORMED)?;
    if !keys.verifies(signed.as_bytes(), &signature) {
        return Err(Refusal::Mismatch);
    }
    if text(&claims, "aud").as_deref() != Some(application) {
        return Err(Refusal::Claim("aud"));
    }
    // Version 1 tokens say `appid`, version 2 tokens `azp`.
    if text(&claims, "appid").or_else(|| text(&claims, "azp")).as_deref() != Some(GRAPH) {
        return Err(Refusal::Claim("appid"));
    }
    let seconds = |name: &'static str| claims.get(name).and_then(Value::as_i64).ok_or(Refusal::Claim(name));
    let age_seconds = now.unix_timestamp() - seconds("exp")?;
    if age_seconds >= 0 {
        return Err(Refusal::Stale { age_seconds });
    }
    if seconds("nbf")? > now.unix_timestamp() {
        return Err(Refusal::Claim("nbf"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{judge, make};
    use crate::provider::Refusal;
    use crate::sender_keys::SenderKeys;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;
    use time::Duration;
    use time::macros::datetime;

    #[test]
    fn tokens_are_judged_by_every_claim() {
        let (keys, now) = (SenderKeys::generate(), datetime!(2026-11-21 08:30 UTC));
        let token = make(&keys, "app", "directory", now);
        let resigned = |header: serde_json::Value, claims: serde_json::Value| {
            let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let signed = format!("{}.{}", part(&header), part(&claims));
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(keys.sign(signed.as_bytes())))
        };
        assert_eq!(judge(&keys, &token, "app", now), Ok(()));
        let (late, early) = (now + Duration::hours(1), now - Duration::hours(1));
        assert_eq!(judge(&keys, &token, "app", late), Err(Refusal::Stale { age_seconds: 0 }));
        assert_eq!(judge(&keys, &token, "app", early), Err(Refusal::Claim("nbf")));
        assert_eq!(judge(&keys, &token, "other", now), Err(Refusal::Claim("aud")));
        assert_eq!(judge(&SenderKeys::generate(), &token, "app", now), Err(Refusal::Mismatch));
        let none = resigned(json!({ "alg": "none" }), json!({ "aud": "app" }));
        assert_eq!(judge(&keys, &none, "app", now), Err(Refusal::Claim("alg")));
        let stranger = resigned(json!({ "alg": "RS256" }), json!({ "aud": "app", "appid": "somebody" }));
        assert_eq!(judge(&keys, &stranger, "app", now), Err(Refusal::Claim("appid")));
        assert!(matches!(judge(&keys, "a.b", "app", now), Err(Refusal::BodyMalformed(_))));
    }
}
