//! Settings and tags of a script.

use crate::client::{Call, Client};
use crate::error::CloudflareError;
use crate::multipart;
use crate::wire::script::Settings;
use reqwest::Method;
use serde_json::json;

impl Client {
    /// The settings of a script, secret values absent.
    pub async fn script_settings(&self, namespace: &str, script: &str) -> Result<Settings, CloudflareError> {
        let url = self.script_url(namespace, script, &["settings"])?;
        self.result(Call::new("read the settings", Method::GET, url)).await
    }

    /// Changes the settings that are given and leaves the others.
    pub async fn change_settings(
        &self,
        namespace: &str,
        script: &str,
        settings: &Settings,
    ) -> Result<Settings, CloudflareError> {
        let url = self.script_url(namespace, script, &["settings"])?;
        let body = multipart::build("settings", &json!(settings).to_string(), &[]);
        self.result(Call::new("change the settings", Method::PATCH, url).multipart(body)).await
    }

    /// The tags of a script.
    pub async fn script_tags(&self, namespace: &str, script: &str) -> Result<Vec<String>, CloudflareError> {
        let url = self.script_url(namespace, script, &["tags"])?;
        self.result(Call::new("read the tags", Method::GET, url)).await
    }

    /// Replaces the tags of a script.
    pub async fn put_script_tags(
        &self,
        namespace: &str,
        script: &str,
        tags: &[String],
    ) -> Result<Vec<String>, CloudflareError> {
        let url = self.script_url(namespace, script, &["tags"])?;
        self.result(Call::new("set the tags", Method::PUT, url).json(&json!(tags))).await
    }
}
