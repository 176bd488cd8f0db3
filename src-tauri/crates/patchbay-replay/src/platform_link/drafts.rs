//! Versions that the platform loads without publishing them.

use super::{PlatformLink, refusal};
use crate::error::ReplayError;
use bytes::{Bytes, BytesMut};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response};
use std::time::Duration;

/// An upload of 10 MiB that is started once, on a machine that is busy.
const TIMEOUT: Duration = Duration::from_mins(2);
/// The first line is an id.
const LONGEST_LINE: usize = 4096;
const OPERATION: &str = "load the draft";

/// A draft. The platform forgets it when this is dropped: it lives on the connection that this holds.
pub struct LoadedDraft {
    id: String,
    _connection: Response,
}

impl LoadedDraft {
    /// Its id, which stands in traces where the id of a version would.
    pub fn id(&self) -> &str {
        &self.id
    }
}

#[derive(serde::Deserialize)]
struct FirstLine {
    draft: String,
}

impl PlatformLink {
    /// Loads an upload (`body` is the multipart that `content_type` says) in the place of a script. What is live serves
    /// everybody but the deliveries that are registered for the draft.
    pub async fn load_draft(
        &self,
        namespace: &str,
        script: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<LoadedDraft, ReplayError> {
        let request =
            self.request(Method::POST, &["drafts", namespace, script]).header(CONTENT_TYPE, content_type).body(body);
        let loading = async {
            let sent = request.send().await;
            let mut connection =
                refusal(OPERATION, sent.map_err(|source| self.unreachable(OPERATION, source))?).await?;
            let mut line = BytesMut::new();
            while !line.ends_with(b"\n") && line.len() < LONGEST_LINE {
                let chunk = connection.chunk().await.map_err(|source| self.unreachable(OPERATION, source))?;
                let Some(chunk) = chunk else { break };
                line.extend_from_slice(&chunk);
            }
            let FirstLine { draft } = serde_json::from_slice(line.trim_ascii())
                .map_err(|source| ReplayError::PlatformAnswer { operation: OPERATION, source })?;
            Ok(LoadedDraft { id: draft, _connection: connection })
        };
        // Only the beginning may time out: the connection is silent for as long as the draft is wanted.
        tokio::time::timeout(TIMEOUT, loading).await.unwrap_or_else(|_elapsed| {
            let message = format!("no answer within {} s", TIMEOUT.as_secs());
            Err(ReplayError::PlatformRefused { operation: OPERATION, status: 504, code: None, message })
        })
    }
}
