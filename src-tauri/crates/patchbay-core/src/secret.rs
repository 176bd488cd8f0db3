//! A value that must not be shown.

use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret text. It has no `Display` and no `Serialize`, and `Debug` prints `<redacted>`, so that a
/// value cannot reach a log, an IPC answer or a snapshot without somebody calling [`Secret::expose`].
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the publish, the signature or the runtime that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the value is the empty string.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("<redacted>")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_does_not_show_the_value() {
        assert_eq!(format!("{:?}", Secret::new("canary")), "<redacted>");
    }
}
