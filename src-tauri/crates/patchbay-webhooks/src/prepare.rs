//! From a sample to the request that the provider would send at this moment.

use crate::body;
use crate::credentials::{Credentials, Missing};
use crate::error::WebhookError;
use crate::placeholders::{Values, fill};
use crate::provider::{Failure, Provider, Refusal, Verdict};
use crate::providers;
use patchbay_core::sample::Sample;
use patchbay_core::{HttpMessageHeaders, HttpRequest, Secret};
use std::borrow::Cow;
use std::fmt;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const ISO_SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const ISO_MS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

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
    /// Complete as the provider sends it, which does not sign it.
    Unsigned,
    /// The tenant has not set the signing secret.
    NoSecret,
    /// The adapter's manifest does not say what this provider's scheme needs.
    NoSetting(&'static str),
    /// Patchbay does not know how this provider signs.
    UnknownProvider,
}

impl fmt::Display for Signing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed => formatter.write_str("signed"),
            Self::SignedToBeRefused(refusal) => write!(formatter, "signed so that a receiver refuses it: {refusal}"),
            Self::Unsigned => formatter.write_str("complete; the provider does not sign it"),
            Self::NoSecret => write!(formatter, "sent unsigned: {}", Missing::Secret),
            Self::NoSetting(name) => write!(formatter, "sent unsigned: {}", Missing::Setting(name)),
            Self::UnknownProvider => formatter.write_str("sent unsigned: how this provider signs is not known"),
        }
    }
}

/// [`prepare_as`] with a secret alone.
pub fn prepare(
    sample: &Sample,
    base_url: &str,
    secret: Option<&Secret>,
    moment: &Moment,
) -> Result<Prepared, WebhookError> {
    prepare_as(sample, base_url, &Credentials::of_secret(secret), moment)
}

/// Fills the placeholders, writes the body in the sender's wire style and signs the exact bytes.
///
/// `base_url` is the dispatcher's (`http://127.0.0.1:8787`); the sample's path is put after it. A header that the
/// sample fixes without a placeholder stays as it is, also when it makes the signature wrong.
pub fn prepare_as(
    sample: &Sample,
    base_url: &str,
    credentials: &Credentials<'_>,
    moment: &Moment,
) -> Result<Prepared, WebhookError> {
    prepare_at(sample, base_url, credentials, moment, &Clocks::of(moment))
}

/// The clocks of both ends when a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// The sender's: it fills the headers and is signed.
    pub sender: OffsetDateTime,
    /// The receiver's: it judges the signature by it.
    pub receiver: OffsetDateTime,
}

impl Clocks {
    /// Both show the moment.
    pub fn of(moment: &Moment) -> Self {
        Self { sender: moment.now, receiver: moment.now }
    }
}

/// [`prepare_as`] for an event that happened at one moment and is sent at another: path and body are those of the event,
/// the headers and the signature those of the time when it is sent.
pub fn prepare_at(
    sample: &Sample,
    base_url: &str,
    credentials: &Credentials<'_>,
    event: &Moment,
    clocks: &Clocks,
) -> Result<Prepared, WebhookError> {
    refuse_signature_inside_signed(sample)?;
    let provider = providers::find(&sample.provider);
    let missing = provider.and_then(|provider| provider.missing(sample, credentials));
    let mut values = moment_values(event);
    values.extend(provider.into_iter().flat_map(|provider| provider.body_values(credentials)));
    let path = fill(sample.path.as_deref().unwrap_or("/"), &values).into_owned();
    if !path.starts_with('/') {
        return Err(WebhookError::Path { event: sample.event.clone(), path });
    }
    let sent = Moment { now: clocks.sender, uuid: event.uuid.clone() };
    let mut sent_values = moment_values(&sent);
    sent_values.extend(provider.into_iter().flat_map(|provider| provider.body_values(credentials)));
    let headers = sample.header_list();
    let mut request = HttpRequest {
        method: sample.method.clone(),
        url: format!("{}{path}", base_url.trim_end_matches('/')),
        headers: headers.iter().map(|(name, value)| (name, fill(value, &sent_values).into_owned())).collect(),
        body: body::write(sample, &values, |body| match (provider, missing) {
            (Some(provider), None) => provider.seal(body, credentials, event.now),
            _ => Ok(()),
        })?,
    };
    let signing = match (provider, missing) {
        (Some(provider), None) => sign(provider, &mut request, credentials, &sent, clocks.receiver)?,
        (Some(_), Some(Missing::Secret)) => Signing::NoSecret,
        (Some(_), Some(Missing::Setting(name))) => Signing::NoSetting(name),
        (None, _) => Signing::UnknownProvider,
    };
    // An unsigned request must not carry a placeholder that looks like a broken signature.
    request.headers.0.retain(|(_, value)| !value.contains("{{signature"));
    Ok(Prepared { request, signing })
}

/// [`prepare_retry_at`] while both clocks show the moment.
pub fn prepare_retry(
    sample: &Sample,
    base_url: &str,
    credentials: &Credentials<'_>,
    moment: &Moment,
    attempt: u32,
    failure: Failure,
) -> Result<Prepared, WebhookError> {
    prepare_retry_at(sample, base_url, credentials, moment, &Clocks::of(moment), attempt, failure)
}

/// The sender's `attempt`-th retry (from 1) of the same event: the same body and ids, a fresh timestamp and signature, and
/// what the sender changes in headers and body. `event` is the moment of the first attempt.
pub fn prepare_retry_at(
    sample: &Sample,
    base_url: &str,
    credentials: &Credentials<'_>,
    event: &Moment,
    clocks: &Clocks,
    attempt: u32,
    failure: Failure,
) -> Result<Prepared, WebhookError> {
    let Some(provider) = providers::find(&sample.provider) else {
        return prepare_at(sample, base_url, credentials, event, clocks);
    };
    let sample = retried(sample, provider, attempt);
    let mut prepared = prepare_at(&sample, base_url, credentials, event, clocks)?;
    add_retry_headers(&mut prepared.request.headers, provider, attempt, failure);
    Ok(prepared)
}

fn retried<'a>(sample: &'a Sample, provider: &dyn Provider, attempt: u32) -> Cow<'a, Sample> {
    let body = match &sample.body_text {
        Some(text) => serde_json::from_str(text).ok(),
        None => sample.body.clone(),
    };
    let Some(mut body) = body else { return Cow::Borrowed(sample) };
    if !provider.retry_body(&mut body, attempt) {
        return Cow::Borrowed(sample);
    }
    let mut sample = sample.clone();
    if sample.body_text.is_some() {
        sample.body_text = Some(body.to_string());
    } else {
        sample.body = Some(body);
    }
    Cow::Owned(sample)
}

fn sign(
    provider: &dyn Provider,
    request: &mut HttpRequest,
    credentials: &Credentials<'_>,
    sent: &Moment,
    receiver: OffsetDateTime,
) -> Result<Signing, WebhookError> {
    let signature = provider.sign(request, credentials, sent.now, &sent.uuid)?;
    for (name, complete) in signature.headers {
        match request.headers.0.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case(&name)) {
            None => request.headers.append(&name, complete),
            // Alone, the placeholder stands for the whole header value; inside a text, for the bare digest.
            Some((_, value)) if value == "{{signature}}" => *value = complete,
            Some((_, value)) => *value = fill(value, &signature.placeholders).into_owned(),
        }
    }
    Ok(match provider.verify(request, credentials, receiver) {
        Verdict::Accepted if provider.signs(request) => Signing::Signed,
        Verdict::Accepted => Signing::Unsigned,
        Verdict::Refused(refusal) => Signing::SignedToBeRefused(refusal),
    })
}

fn moment_values(moment: &Moment) -> Values {
    let milliseconds = moment.now.unix_timestamp_nanos() / 1_000_000;
    let utc = moment.now.to_offset(UtcOffset::UTC);
    let iso = |format: &[BorrowedFormatItem<'_>]| utc.format(format).expect("the format has no part that a time lacks");
    vec![
        ("unix_ts", moment.now.unix_timestamp().to_string()),
        ("unix_ms", milliseconds.to_string()),
        ("iso_ts", utc.format(&Rfc3339).expect("a moment between the years 0 and 9999 has an RFC 3339 form")),
        ("iso_ms", iso(ISO_MS)),
        ("iso_seconds", iso(ISO_SECONDS)),
        ("uuid", moment.uuid.clone()),
        (
            "short_id",
            moment.uuid.chars().filter(char::is_ascii_alphanumeric).take(10).collect::<String>().to_uppercase(),
        ),
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
pub fn add_retry_headers(headers: &mut HttpMessageHeaders, provider: &dyn Provider, attempt: u32, failure: Failure) {
    for (name, value) in provider.retry_headers(attempt, failure) {
        headers.set(name, value);
    }
}
