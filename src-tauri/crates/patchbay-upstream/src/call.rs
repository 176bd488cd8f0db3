//! One call, taken apart: what every upstream asks of a request before it answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_core::HttpRequest;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::format_description;
use url::{ParseError, Url, form_urlencoded};

/// A request with its URL read, and the moment at which it came.
pub(crate) struct Call<'a> {
    pub request: &'a HttpRequest,
    pub url: Url,
    pub now: OffsetDateTime,
}

impl<'a> Call<'a> {
    pub fn read(request: &'a HttpRequest, now: OffsetDateTime) -> Result<Self, ParseError> {
        Ok(Self { request, url: Url::parse(&request.url)?, now })
    }

    /// The host in lower case, without the port.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub fn method(&self) -> &'a str {
        &self.request.method
    }

    /// The path's segments, percent-decoded; a slash at the end does not count.
    pub fn segments(&self) -> Vec<String> {
        let path = self.url.path().trim_matches('/');
        path.split('/').map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Every value of a query parameter.
    pub fn query_all(&self, name: &str) -> Vec<String> {
        self.url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.request.headers.get(name)
    }

    /// The token of `Authorization: <scheme> <token>`, if it has that scheme and is one word.
    pub fn authorization(&self, scheme: &str) -> Option<&'a str> {
        let (given, token) = self.header("authorization")?.split_once(' ')?;
        let well_formed = given.eq_ignore_ascii_case(scheme) && !token.is_empty() && !token.contains(' ');
        well_formed.then_some(token)
    }

    pub fn bearer(&self) -> Option<&'a str> {
        self.authorization("Bearer")
    }

    /// User and password of `Authorization: Basic …`.
    pub fn basic(&self) -> Option<(String, String)> {
        let decoded = String::from_utf8(STANDARD.decode(self.authorization("Basic")?).ok()?).ok()?;
        decoded.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    }

    /// The media type in lower case, without parameters; empty without the header.
    pub fn content_type(&self) -> String {
        let given = self.header("content-type").unwrap_or_default();
        given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as JSON; an error for anything else, deeper than 128 levels included.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.request.body)
    }

    /// The fields of an `application/x-www-form-urlencoded` body in order.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.request.body).into_owned().collect()
    }
}

/// `2026-11-21T08:30:00.000Z`.
pub(crate) fn time_text(moment: OffsetDateTime) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    moment.to_offset(time::UtcOffset::UTC).format(form).expect("a moment of this era has this form")
}

#[cfg(test)]
mod tests {
    use super::Call;
    use patchbay_core::{HttpMessageHeaders, HttpRequest};
    use time::OffsetDateTime;

    #[test]
    fn a_call_is_taken_apart() {
        let request = HttpRequest {
            method: "GET".into(),
            url: "https://API.example.com:8443/v0/My%20Table%2FA/?a=1&a=2".into(),
            headers: HttpMessageHeaders::from_iter([
                ("authorization", "basic dXNlcjpwYXNzOndvcmQ="),
                ("Content-Type", "Application/JSON; charset=utf-8"),
            ]),
            body: "a%5Bb%5D=c+d".into(),
        };
        let call = Call::read(&request, OffsetDateTime::UNIX_EPOCH).expect("a URL");
        assert_eq!(call.host(), "api.example.com");
        assert_eq!(call.segments(), ["v0", "My Table/A"]);
        assert_eq!((call.query("a").as_deref(), call.query_all("a").len()), (Some("1"), 2));
        assert_eq!(call.basic(), Some(("user".into(), "pass:word".into())));
        assert_eq!(call.bearer(), None);
        assert_eq!(call.content_type(), "application/json");
        assert_eq!(call.form(), [("a[b]".to_owned(), "c d".to_owned())]);
    }
}
