//! What a bucket answers when it cannot do what was asked.

use super::objects::Object;
use crate::error::PlatformError;

/// A failure with the code that R2 gives it. Codes and texts are R2's own, which adapters test for.
#[derive(Debug, thiserror::Error)]
pub(super) enum BucketError {
    /// The request is not one.
    #[error("{0}")]
    InvalidArgument(String),
    #[error("The specified key does not exist.")]
    NoSuchKey,
    #[error("The specified bucket does not exist.")]
    NoSuchBucket,
    #[error("The specified object name is not valid.")]
    InvalidObjectName,
    #[error("Your proposed upload exceeds the maximum allowed object size.")]
    EntityTooLarge,
    #[error("Your proposed upload is smaller than the minimum allowed object size.")]
    EntityTooSmall,
    #[error("Your metadata headers exceed the maximum allowed metadata size.")]
    MetadataTooLarge,
    #[error("MaxKeys params must be positive integer <= 1000.")]
    InvalidMaxKeys,
    #[error("The specified multipart upload does not exist.")]
    NoSuchUpload,
    #[error("One or more of the specified parts could not be found.")]
    InvalidPart,
    #[error("There was a problem with the multipart upload.")]
    BadUpload,
    /// The object as it is, where the request was a read.
    #[error("At least one of the pre-conditions you specified did not hold.")]
    PreconditionFailed(Option<Box<Object>>),
    #[error(
        "The {algorithm} checksum you specified did not match what we received.\n\
         You provided a {algorithm} checksum with value: {given}\nActual {algorithm} was: {actual}"
    )]
    BadDigest { algorithm: &'static str, given: String, actual: String },
    #[error("The requested range is not satisfiable")]
    InvalidRange,
    /// The connection ended before the body did.
    #[error("The request body ended early.")]
    IncompleteBody,
    /// The platform itself failed; the text says how, because on one machine the reader can do something about it.
    #[error("{0}")]
    Failed(#[from] PlatformError),
}

impl BucketError {
    /// R2's number for it and the HTTP status it comes with. The runtime takes 404 for "no object", so only a missing
    /// key has it.
    pub(super) fn code(&self) -> (u32, u16) {
        match self {
            Self::Failed(_) => (10001, 500),
            Self::NoSuchBucket => (10006, 400),
            Self::NoSuchKey => (10007, 404),
            Self::EntityTooSmall => (10011, 400),
            Self::MetadataTooLarge => (10012, 400),
            Self::IncompleteBody => (10013, 400),
            Self::InvalidObjectName => (10020, 400),
            Self::InvalidMaxKeys => (10022, 400),
            Self::NoSuchUpload => (10024, 400),
            Self::InvalidPart => (10025, 400),
            Self::InvalidArgument(_) => (10029, 400),
            Self::PreconditionFailed(_) => (10031, 412),
            Self::BadDigest { .. } => (10037, 400),
            Self::InvalidRange => (10039, 416),
            Self::BadUpload => (10048, 500),
            Self::EntityTooLarge => (100_100, 400),
        }
    }
}

/// Failures inside a transaction, before the database's path is known.
pub(super) enum InTransaction {
    Refused(BucketError),
    Database(rusqlite::Error),
}

impl From<BucketError> for InTransaction {
    fn from(error: BucketError) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for InTransaction {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}
