//! Whether the token works.

use crate::client::{Call, Client};
use crate::error::CloudflareError;
use crate::wire::identity::TokenStatus;
use reqwest::Method;

impl Client {
    /// What the API says about the token, without using any permission of it.
    pub async fn verify_token(&self) -> Result<TokenStatus, CloudflareError> {
        let operation = "verify the API token";
        let user = Call::new(operation, Method::GET, self.url(["user", "tokens", "verify"]));
        match self.result(user).await {
            // Tokens that belong to an account are known only there.
            Err(error) if matches!(error.status(), Some(401 | 403)) => {
                let url = self.url(["accounts", self.account_id(), "tokens", "verify"]);
                self.result(Call::new(operation, Method::GET, url)).await.map_err(|_| error)
            }
            answered => answered,
        }
    }
}
