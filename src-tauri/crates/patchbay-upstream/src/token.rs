//! The token that an upstream lets in.

use patchbay_core::Secret;
use subtle::ConstantTimeEq as _;

/// Without an expectation every token that has the API's shape is let in.
#[derive(Default)]
pub(crate) struct ExpectedToken(Vec<Secret>);

impl ExpectedToken {
    /// Lets only these in; with none, every token again.
    pub fn expect(&mut self, tokens: Vec<Secret>) {
        self.0 = tokens;
    }

    pub fn admits(&self, given: &str) -> bool {
        if self.0.is_empty() {
            return !given.is_empty();
        }
        // Every one is looked at, so that the time does not tell which one it was.
        self.0.iter().fold(false, |found, token| found | bool::from(given.as_bytes().ct_eq(token.expose().as_bytes())))
    }
}
