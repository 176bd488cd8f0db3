//! What can go wrong between us and the API, with what is known about trying again.
//!
//! Texts that a server sent pass the client's redactor before they get here, so that neither the token nor a secret
//! that a server echoes can stand in an error.

use crate::wire::codes::ApiCode;
use crate::wire::envelope::ApiMessage;
use patchbay_core::Hints;
use std::fmt;
use std::time::Duration;

/// A failure of one operation.
#[derive(Debug, thiserror::Error)]
pub enum CloudflareError {
    /// The base URL is not an `http` or `https` URL.
    #[error("`{given}` is not a base URL of the Cloudflare API")]
    BaseUrl {
        /// What was given.
        given: String,
    },
    /// The token cannot stand in a header. The value is never shown.
    #[error("The API token contains characters that a header cannot carry")]
    TokenCharacters,
    /// The HTTP client could not be set up.
    #[error("Failed to set up the HTTP client")]
    Setup {
        /// What the library reports.
        #[source]
        source: reqwest::Error,
    },
    /// A name that no URL can carry.
    #[error("`{given}` cannot be used as a {kind} name")]
    Name {
        /// `namespace`, `script` or `secret`.
        kind: &'static str,
        /// What was given.
        given: String,
    },
    /// No connection.
    #[error("Failed to connect to `{host}`")]
    Connect {
        /// Host and port.
        host: String,
        /// What the library reports, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// No answer in time.
    #[error("`{host}` did not answer within {} s: {operation}", limit.as_secs())]
    Timeout {
        /// Host and port.
        host: String,
        /// What was asked.
        operation: &'static str,
        /// How long was waited.
        limit: Duration,
    },
    /// The connection broke in the middle of the request or of its answer.
    #[error("The connection to `{host}` broke: {operation}")]
    Interrupted {
        /// Host and port.
        host: String,
        /// What was asked.
        operation: &'static str,
        /// What the library reports, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// The API refused, in its own shape.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// A web page instead of an API answer.
    #[error("Expected JSON and got a web page with status {status}: {operation}")]
    Html {
        /// What was asked.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// Wait that the answer asked for.
        retry_after: Option<Duration>,
    },
    /// An answer without a body where one is needed.
    #[error("Got an empty answer with status {status}: {operation}")]
    Empty {
        /// What was asked.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// Wait that the answer asked for.
        retry_after: Option<Duration>,
    },
    /// A body that is not the API's envelope.
    #[error("Got an answer with status {status} that is not Cloudflare's: {operation}")]
    Malformed {
        /// What was asked.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
        /// Wait that the answer asked for.
        retry_after: Option<Duration>,
    },
    /// A success whose `result` is something else than the operation's.
    #[error("Got a result of an unexpected form: {operation}")]
    UnexpectedResult {
        /// What was asked.
        operation: &'static str,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// Script content that is not readable as modules.
    #[error("The content of the script `{script}` could not be read")]
    Content {
        /// The script.
        script: String,
        /// What does not fit.
        #[source]
        source: multer::Error,
    },
}

/// An answer that says no.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What was asked.
    pub operation: &'static str,
    /// HTTP status.
    pub status: u16,
    /// The API's errors, the first one being the reason. Redacted. Can be empty.
    pub errors: Vec<ApiMessage>,
    /// Wait that the answer asked for.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// The first error's code.
    pub fn code(&self) -> Option<u32> {
        self.errors.first().map(|error| error.code)
    }

    /// The first error's code, where we know it.
    pub fn api_code(&self) -> Option<ApiCode> {
        self.code().and_then(ApiCode::from_code)
    }

    /// The first error's text.
    pub fn message(&self) -> &str {
        self.errors.first().map_or("", |error| error.message.as_str())
    }

    /// Further errors and what led to the first one, as `text (code N)`.
    pub fn causes(&self) -> Vec<String> {
        let chain = self.errors.first().into_iter().flat_map(|error| &error.error_chain);
        chain
            .chain(self.errors.iter().skip(1))
            .map(|error| format!("{} (code {})", error.message, error.code))
            .collect()
    }

    /// The first error's details for programs.
    pub fn meta(&self) -> Option<&serde_json::Value> {
        self.errors.first().and_then(|error| error.meta.as_ref())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors.first() {
            None => write!(formatter, "Failed to {}: status {}", self.operation, self.status),
            Some(error) => {
                let text = error.message.trim_end().trim_end_matches('.');
                write!(formatter, "Failed to {}: {text} (code {})", self.operation, error.code)
            }
        }
    }
}

impl CloudflareError {
    /// HTTP status of the answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Html { status, .. } | Self::Empty { status, .. } | Self::Malformed { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The refusal, when the API answered in its own shape.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Cloudflare's code, where there is one that we know.
    pub fn api_code(&self) -> Option<ApiCode> {
        self.refusal().and_then(Refusal::api_code)
    }

    /// Whether the same request may succeed a little later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Timeout { .. } | Self::Interrupted { .. } => true,
            _ => self.status().is_some_and(|status| status == 408 || status == 429 || status >= 500),
        }
    }

    /// Whether the server cannot have acted on the request, so that also one that is not idempotent may go again.
    pub fn was_not_executed(&self) -> bool {
        matches!(self, Self::Connect { .. }) || self.status() == Some(429)
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Html { retry_after, .. } | Self::Empty { retry_after, .. } | Self::Malformed { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }
}

impl Hints for CloudflareError {
    fn hints(&self) -> Vec<String> {
        let hint: &str = match self {
            Self::BaseUrl { .. } => {
                "Cloudflare's is https://api.cloudflare.com/client/v4; `patchbay start` prints that of the embedded platform"
            }
            Self::TokenCharacters => "Copy the token again, without spaces or line breaks",
            Self::Setup { .. } => "Check HTTP_PROXY, HTTPS_PROXY and the system's certificates",
            Self::Name { .. } => "Use letters, digits, hyphens and underscores",
            Self::Connect { .. } => {
                "Check that the platform is running (`patchbay start`) or that the network reaches it"
            }
            Self::Timeout { .. } | Self::Interrupted { .. } => "Try again; nothing is half-published",
            Self::Html { .. } => "Something between here and the API answered: check the base URL and proxies",
            Self::Empty { .. } | Self::Malformed { .. } | Self::UnexpectedResult { .. } => {
                "Check that the base URL ends in /client/v4 and that a Cloudflare API answers there"
            }
            Self::Content { .. } => "Publish the script again",
            Self::Refused(refusal) => return refusal.hints(),
        };
        vec![hint.to_owned()]
    }
}

impl Hints for Refusal {
    fn hints(&self) -> Vec<String> {
        let hint = match self.api_code() {
            Some(ApiCode::NamespaceNotFound) => "Create the namespace: `patchbay provision`",
            Some(ApiCode::NamespaceExists) => "Use the namespace that is there, or choose another name",
            Some(ApiCode::PlatformNotEnabled) => {
                "Enable Workers for Platforms on the account in Cloudflare's dashboard"
            }
            Some(ApiCode::Authentication | ApiCode::CredentialsMissing | ApiCode::InvalidHeaders) => {
                "The API token is missing, wrong or expired: make one with the permission Workers Scripts Write and set it again"
            }
            Some(ApiCode::Unauthorized) => {
                "The API token is valid but may not do this: give it the permission Workers Scripts Write on this account"
            }
            Some(ApiCode::ScriptNotFound | ApiCode::EnvironmentNotFound | ApiCode::ServiceNotFound) => {
                "Publish the adapter first"
            }
            Some(ApiCode::ScriptTooLarge) => "Remove dependencies; the limit counts the modules after gzip",
            Some(ApiCode::Validation | ApiCode::CannotParseCode) => {
                "Run `patchbay lint` and correct what the runtime reports"
            }
            Some(ApiCode::ConcurrentChange) => "Somebody else is publishing this script; try again in a moment",
            Some(ApiCode::BindingNotFound) => "List what is set: `patchbay secret list`",
            Some(ApiCode::InheritNotFound) => "Set the missing secret: `patchbay secret set`",
            Some(ApiCode::Throttled) => "Wait a few minutes: the account's request limit is used up",
            _ if matches!(self.status, 401 | 403) => "Check the API token and its permissions",
            _ if self.status == 429 => "Wait a moment and try again",
            _ if self.status >= 500 => "Try again later; https://www.cloudflarestatus.com tells about outages",
            _ => return Vec::new(),
        };
        vec![hint.to_owned()]
    }
}
