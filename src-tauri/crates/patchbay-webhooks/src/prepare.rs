//! From a sample to the request that the provider would send at this moment.

use crate::body;
use crate::error::WebhookError;
use crate::placeholders::{Values, fill};
use crate::provider::{Provider, Refusal, Verdict};
use crate::providers;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpRequest, Secret};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// When a delivery is sent, and as which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The clock that timestamps and signatures are made with.
    pub now: OffsetDateTime,
    /// Fills `{{uuid}}`; keep it to redeliver the same event.
    pub uuid: String,
}

/// A request that is ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What to send.
    pub request: HttpRequest,
    /// Whether and how it is signed.
    pub signing: Signing,
}

/// What a receiver that verifies will find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// Signed; a receiver with the same secret accepts it.
    Signed,
    /// The sample fixes a header (an old timestamp, a wrong signature) so that a receiver refuses it.
    SignedToBeRefused(Refusal),
    /// The tenant has not set the signing secret.
    NoSecret,
    /// Patchbay does not know how this provider signs.
    UnknownProvider,
}

impl fmt::Display for Signing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed => formatter.write_str("signed"),
            Self::SignedToBeRefused(refusal) => write!(formatter, "signed so that a receiver refuses it: {refusal}"),
            Self::NoSecret => formatter.write_str("sent unsigned: the signing secret is not set"),
            Self::UnknownProvider => formatter.write_str("sent unsigned: how this provider signs is not known"),
        }
    }
}

/// Fills the placeholders, writes the body in the sender's wire style and signs the exact bytes.
///
/// `base_url` is the dispatcher's (`http://127.0.0.1:8787`); the sample's path is put after it. A header that the
/// sample fixes without a placeholder stays as it is, also when it makes the signature wrong.
pub fn prepare(
    sample: &Sample,
    base_url: &str,
    secret: Option<&Secret>,
    moment: &Moment,
) -> Result<Prepared, WebhookError> {
    refuse_signature_inside_signed(sample)?;
    let values = moment_values(moment);
    let path = fill(sample.path.as_deref().unwrap_or("/"), &values).into_owned();
    if !path.starts_with('/') {
        return Err(WebhookError::Path { event: sample.event.clone(), path });
    }
    let headers = sample.header_list();
    let mut request = HttpRequest {
        method: sample.method.clone(),
        url: format!("{}{path}", base_url.trim_end_matches('/')),
        headers: headers.iter().map(|(name, value)| (name, fill(value, &values).into_owned())).collect(),
        body: body::write(sample, &values)?,
    };
    let signing = match (providers::find(&sample.provider), secret.filter(|secret| !secret.is_empty())) {
        (Some(provider), Some(secret)) => sign(provider, &mut request, secret, moment)?,
        (Some(_), None) => Signing::NoSecret,
        (None, _) => Signing::UnknownProvider,
    };
    // An unsigned request must not carry a placeholder that looks like a broken signature.
    request.headers.0.retain(|(_, value)| !value.contains("{{signature"));
    Ok(Prepared { request, signing })
}

fn sign(
    provider: &dyn Provider,
    request: &mut HttpRequest,
    secret: &Secret,
    moment: &Moment,
) -> Result<Signing, WebhookError> {
    let signature = provider.sign(request, secret, moment.now, &moment.uuid)?;
    for (name, complete) in signature.headers {
        match request.headers.0.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(name)) {
            None => request.headers.append(name, complete),
            // Alone, the placeholder stands for the whole header value; inside a text, for the bare digest.
            Some((_, value)) if value == "{{signature}}" => *value = complete,
            Some((_, value)) => *value = fill(value, &signature.placeholders).into_owned(),
        }
    }
    Ok(match provider.verify(request, secret, moment.now) {
        Verdict::Accepted => Signing::Signed,
        Verdict::Refused(refusal) => Signing::SignedToBeRefused(refusal),
    })
}

fn moment_values(moment: &Moment) -> Values {
    let milliseconds = moment.now.unix_timestamp_nanos() / 1_000_000;
    let utc = moment.now.to_offset(time::UtcOffset::UTC);
    vec![
        ("unix_ts", moment.now.unix_timestamp().to_string()),
        ("unix_ms", milliseconds.to_string()),
        ("iso_ts", utc.format(&Rfc3339).expect("a moment between the years 0 and 9999 has an RFC 3339 form")),
        ("uuid", moment.uuid.clone()),
    ]
}

fn refuse_signature_inside_signed(sample: &Sample) -> Result<(), WebhookError> {
    let inside = |place, text: &str| {
        if text.contains("{{signature}}") {
            return Err(WebhookError::SignatureInsideSigned { event: sample.event.clone(), place });
        }
        Ok(())
    };
    inside("path", sample.path.as_deref().unwrap_or_default())?;
    inside("body", sample.body_text.as_deref().unwrap_or_default())?;
    inside("body", &sample.body.as_ref().map(ToString::to_string).unwrap_or_default())
}

/// Headers of a redelivery: those of the first attempt plus what the sender adds to its `attempt`-th retry.
pub fn add_retry_headers(
    headers: &mut HttpMessageHeaders,
    provider: &dyn Provider,
    attempt: u32,
    failure: crate::provider::Failure,
) {
    for (name, value) in provider.retry_headers(attempt, failure) {
        headers.set(name, value);
    }
}
