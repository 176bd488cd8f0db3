//! The modules of an uploaded script.

use crate::client::{Call, Client};
use crate::error::CloudflareError;
use crate::wire::module::kind_of_content_type;
use bytes::Bytes;
use futures_util::stream;
use patchbay_core::{Module, ModuleKind};
use reqwest::Method;
use std::convert::Infallible;

/// What `GET …/content` answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptContent {
    /// File name of the entry, when the server says it.
    pub main_module: Option<String>,
    /// The modules in the server's order.
    pub modules: Vec<Module>,
}

impl Client {
    /// Downloads the modules of a script.
    pub async fn script_content(&self, namespace: &str, script: &str) -> Result<ScriptContent, CloudflareError> {
        let url = self.script_url(namespace, script, &["content"])?;
        let operation = "read the content of the script";
        let answer = self
            .retrying(&Call::new(operation, Method::GET, url), |answer, redactor| {
                if !answer.status.is_success() || answer.is_json() {
                    let _envelope = answer.into_envelope(operation, redactor)?;
                    let source = serde::de::Error::custom("expected the modules of the script");
                    return Err(CloudflareError::UnexpectedResult { operation, source });
                }
                Ok(answer)
            })
            .await?;
        let main_module = answer.header("cf-entrypoint").map(str::to_owned);
        let content_type = answer.header("content-type").unwrap_or_default().to_owned();
        let modules = if content_type.starts_with("multipart/form-data") {
            parts(&content_type, answer.body)
                .await
                .map_err(|source| CloudflareError::Content { script: script.to_owned(), source })?
        } else {
            // A service-worker script comes as it is, under Cloudflare's fixed name.
            vec![Module { name: "worker.js".into(), kind: ModuleKind::CommonJs, content: answer.body }]
        };
        Ok(ScriptContent { main_module, modules })
    }
}

async fn parts(content_type: &str, body: Bytes) -> Result<Vec<Module>, multer::Error> {
    let boundary = multer::parse_boundary(content_type)?;
    let mut multipart = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut modules = Vec::new();
    while let Some(field) = multipart.next_field().await? {
        let name = field.file_name().or(field.name()).unwrap_or_default().to_owned();
        let kind = field.content_type().and_then(|mime| kind_of_content_type(mime.as_ref()));
        let kind = kind.unwrap_or_else(|| kind_of_name(&name));
        modules.push(Module { name, kind, content: field.bytes().await? });
    }
    Ok(modules)
}

/// Cloudflare's own answer carries no content types, only names.
fn kind_of_name(name: &str) -> ModuleKind {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js" | "mjs" | "ts") => ModuleKind::EsModule,
        Some("cjs") => ModuleKind::CommonJs,
        Some("wasm") => ModuleKind::Wasm,
        Some("json") => ModuleKind::Json,
        Some("map") => ModuleKind::SourceMap,
        Some("txt" | "html" | "md" | "sql") => ModuleKind::Text,
        _ => ModuleKind::Data,
    }
}
