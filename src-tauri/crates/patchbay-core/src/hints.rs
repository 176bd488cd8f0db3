//! Advice, kept apart from the error it belongs to.

/// What a person can do about an error. Rendered after it, each line as `hint: …`.
pub trait Hints {
    /// Next steps in the order to try them. Empty when there is nothing useful to say.
    fn hints(&self) -> Vec<String> {
        Vec::new()
    }
}
