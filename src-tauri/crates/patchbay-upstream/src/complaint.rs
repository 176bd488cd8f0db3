//! What a simulated API finds wrong with a call, in the words of its answer.

/// One thing that is wrong. The sentence goes into the API's own error shape as it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Complaint(String);

impl Complaint {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}
