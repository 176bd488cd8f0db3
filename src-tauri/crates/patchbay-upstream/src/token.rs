//! The token that an upstream lets in.

use patchbay_core::Secret;
use subtle::ConstantTimeEq as _;

/// Without an expectation every token that has the API's shape is let in.
#[derive(Default)]
pub(crate) struct ExpectedToken(Option<Secret>);

impl ExpectedToken {
    pub fn expect(&mut self, token: Secret) {
        self.0 = Some(token);
    }

    pub fn admits(&self, given: &str) -> bool {
        let Some(expected) = &self.0 else {
            return !given.is_empty();
        };
        given.as_bytes().ct_eq(expected.expose().as_bytes()).into()
    }
}
