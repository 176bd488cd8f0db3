//! Secrets of a script. Values go in and never come back.

use crate::client::{Call, Client, check_name};
use crate::error::CloudflareError;
use crate::wire::binding::Binding;
use patchbay_core::Secret;
use reqwest::Method;
use serde_json::{Map, Value, json};

impl Client {
    /// Names and types of a script's secrets.
    pub async fn list_secrets(&self, namespace: &str, script: &str) -> Result<Vec<Binding>, CloudflareError> {
        let url = self.script_url(namespace, script, &["secrets"])?;
        self.result(Call::new("list the secrets", Method::GET, url)).await
    }

    /// Sets one secret; the next request to the script sees it.
    pub async fn put_secret(
        &self,
        namespace: &str,
        script: &str,
        name: &str,
        value: &Secret,
    ) -> Result<Binding, CloudflareError> {
        let binding = Binding::secret_text(check_name("secret", name)?, value);
        let url = self.script_url(namespace, script, &["secrets"])?;
        let call = Call::new("set the secret", Method::PUT, url).json(&json!(binding));
        self.result(call.secrets(vec![(name.to_owned(), value.clone())])).await
    }

    /// Deletes one secret.
    pub async fn delete_secret(&self, namespace: &str, script: &str, name: &str) -> Result<(), CloudflareError> {
        let mut url = self.script_url(namespace, script, &["secrets", check_name("secret", name)?])?;
        // Without it a name with a slash would be two segments for some servers.
        url.query_pairs_mut().append_pair("url_encoded", "true");
        self.done(Call::new("delete the secret", Method::DELETE, url)).await
    }

    /// Sets and deletes (`None`) several secrets in one step.
    pub async fn change_secrets(
        &self,
        namespace: &str,
        script: &str,
        changes: &[(&str, Option<&Secret>)],
    ) -> Result<(), CloudflareError> {
        let mut body = Map::new();
        for (name, value) in changes {
            let value = value.map_or(Value::Null, |value| json!(Binding::secret_text(*name, value)));
            body.insert(check_name("secret", name)?.to_owned(), value);
        }
        let url = self.script_url(namespace, script, &["secrets-bulk"])?;
        let values = changes.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.clone())));
        let call = Call::new("change the secrets", Method::PATCH, url).json(&json!({ "secrets": body }));
        self.done(call.secrets(values.collect())).await
    }
}
