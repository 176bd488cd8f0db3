//! Scripts of a dispatch namespace.

use crate::client::{Call, Client};
use crate::error::CloudflareError;
use crate::multipart;
use crate::wire::binding::Binding;
use crate::wire::metadata::Metadata;
use crate::wire::script::{ListedScript, NamespacedScript, Script};
use patchbay_core::{Module, Secret};
use reqwest::Method;

/// Binding types that an upload leaves as they are when the caller does not decide: those whose values no answer
/// shows, which nobody could set again. wrangler sends the same.
pub const KEPT_BINDINGS: [&str; 2] = ["secret_text", "secret_key"];

impl Client {
    /// The scripts of a namespace, all pages. With tags, those that carry every one of them.
    pub async fn list_scripts(&self, namespace: &str, tags: &[&str]) -> Result<Vec<Script>, CloudflareError> {
        let mut url = self.scripts_url(namespace)?;
        if !tags.is_empty() {
            let filter: Vec<String> = tags.iter().map(|tag| format!("{tag}:yes")).collect();
            url.query_pairs_mut().append_pair("tags", &filter.join(","));
        }
        let mut scripts: Vec<Script> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut page_url = url.clone();
            if let Some(cursor) = &cursor {
                page_url.query_pairs_mut().append_pair("cursor", cursor);
            }
            let operation = "list the scripts";
            let envelope = self.envelope(Call::new(operation, Method::GET, page_url)).await?;
            let next =
                envelope.result_info.as_ref().and_then(|info| info.cursor.clone()).filter(|next| !next.is_empty());
            let page: Vec<ListedScript> = crate::answer::result(envelope, operation)?;
            scripts.extend(page.into_iter().map(ListedScript::into_script));
            // A server that answers the same cursor again must not keep us here for ever.
            if next.is_none() || next == cursor {
                return Ok(scripts);
            }
            cursor = next;
        }
    }

    /// One script. A script that does not exist is an error with the code 10092.
    pub async fn script(&self, namespace: &str, script: &str) -> Result<NamespacedScript, CloudflareError> {
        let url = self.script_url(namespace, script, &[])?;
        self.result(Call::new("read the script", Method::GET, url)).await
    }

    /// Uploads a script: bindings, settings and modules in one request, which takes effect as a whole or not at all.
    ///
    /// `keep_bindings` is always sent, because what its absence means is unproven; when the caller left it out it
    /// is [`KEPT_BINDINGS`].
    pub async fn upload_script(
        &self,
        namespace: &str,
        script: &str,
        mut metadata: Metadata,
        modules: &[Module],
    ) -> Result<Script, CloudflareError> {
        metadata.keep_bindings.get_or_insert_with(|| KEPT_BINDINGS.map(str::to_owned).to_vec());
        let mut url = self.script_url(namespace, script, &[])?;
        // As wrangler: an `inherit` binding without a source is an error, and the answer need not carry the code.
        url.query_pairs_mut().append_pair("excludeScript", "true").append_pair("bindings_inherit", "strict");
        let secrets = metadata.bindings.iter().flatten().filter_map(secret_value).collect();
        let body = multipart::upload(&metadata, modules);
        self.result(Call::new("upload the script", Method::PUT, url).multipart(body).secrets(secrets)).await
    }

    /// Deletes a script.
    pub async fn delete_script(&self, namespace: &str, script: &str) -> Result<(), CloudflareError> {
        let url = self.script_url(namespace, script, &[])?;
        self.done(Call::new("delete the script", Method::DELETE, url)).await
    }
}

/// The value of a secret binding, to be redacted from whatever comes back.
fn secret_value(binding: &Binding) -> Option<(String, Secret)> {
    let value = binding.text_field("text").filter(|_| binding.is_secret())?;
    Some((binding.name.clone(), Secret::new(value)))
}
