//! Microsoft Entra, as far as a receiver of Graph's rich notifications needs it: where its keys are, and the keys.
//!
//! Facts: learn.microsoft.com (access tokens, "Validate the signature"; change notifications with resource data). Nothing
//! is kept and no token is asked for: the real documents are public.

use crate::call::Call;
use crate::upstream::{Kept, Senders, Upstream, empty_response, json_response};
use patchbay_core::{HttpRequest, HttpResponse, Secret};
use serde_json::json;
use std::sync::Arc;
use time::OffsetDateTime;

const HOST: &str = "login.microsoftonline.com";

/// The simulated directory.
#[derive(Default)]
pub struct Entra {
    senders: Option<Arc<dyn Senders>>,
}

impl Upstream for Entra {
    fn hosts(&self) -> Vec<&str> {
        vec![HOST, "login.microsoft.com", "login.windows.net"]
    }

    fn expect_tokens(&mut self, _tokens: Vec<Secret>) {}

    fn ask_senders(&mut self, senders: Arc<dyn Senders>) -> bool {
        self.senders = Some(senders);
        true
    }

    fn answer(&mut self, request: &HttpRequest, now: OffsetDateTime) -> HttpResponse {
        let Ok(call) = Call::read(request, now) else { return empty_response(404) };
        let segments = call.segments();
        let route: Vec<&str> = segments.iter().map(String::as_str).collect();
        match (call.method(), route.as_slice()) {
            ("GET", [_, "discovery", "keys"] | [_, "discovery", "v2.0", "keys"]) => {
                let keys = self.senders.as_ref().map(|senders| senders.entra_key_set());
                json_response(200, &keys.unwrap_or_else(|| json!({ "keys": [] })))
            }
            ("GET", [directory, ".well-known", "openid-configuration"]) => {
                json_response(200, &configuration(directory, "", &format!("https://sts.windows.net/{directory}/")))
            }
            ("GET", [directory, "v2.0", ".well-known", "openid-configuration"]) => {
                let issuer = format!("https://{HOST}/{directory}/v2.0");
                json_response(200, &configuration(directory, "v2.0/", &issuer))
            }
            (_, [_, "oauth2", ..]) => refusal(
                501,
                "not_simulated",
                "Tokens of Entra are not simulated; the keys of Graph's notifications are",
            ),
            _ => empty_response(404),
        }
    }

    fn error(&self, _: &HttpRequest, status: u16) -> HttpResponse {
        let error = if status >= 500 { "temporarily_unavailable" } else { "invalid_request" };
        refusal(status, error, "The call was broken on purpose")
    }

    fn kept(&self) -> Vec<Kept> {
        Vec::new()
    }

    fn lift_rate_limits(&mut self) {}
}

fn configuration(directory: &str, version: &str, issuer: &str) -> serde_json::Value {
    json!({
        "issuer": issuer.replace("/common/", "/{tenantid}/"),
        "jwks_uri": format!("https://{HOST}/{directory}/discovery/{version}keys"),
        "token_endpoint": format!("https://{HOST}/{directory}/oauth2/{version}token"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["pairwise"],
    })
}

fn refusal(status: u16, error: &str, description: &str) -> HttpResponse {
    json_response(status, &json!({ "error": error, "error_description": description }))
}
