//! Dispatch namespaces.

use crate::client::{Call, Client, check_name};
use crate::error::CloudflareError;
use crate::wire::namespace::{Namespace, NamespaceCreation};
use reqwest::{Method, Url};
use serde_json::json;

impl Client {
    /// Every dispatch namespace of the account.
    pub async fn list_namespaces(&self) -> Result<Vec<Namespace>, CloudflareError> {
        self.result(Call::new("list the dispatch namespaces", Method::GET, self.namespaces_url([]))).await
    }

    /// Creates a dispatch namespace.
    pub async fn create_namespace(&self, name: &str) -> Result<Namespace, CloudflareError> {
        let body = NamespaceCreation { name: check_name("namespace", name)?.to_owned() };
        let call = Call::new("create the dispatch namespace", Method::POST, self.namespaces_url([]));
        self.result(call.json(&json!(body))).await
    }

    /// One dispatch namespace.
    pub async fn namespace(&self, name: &str) -> Result<Namespace, CloudflareError> {
        self.result(Call::new("read the dispatch namespace", Method::GET, self.namespace_url(name)?)).await
    }

    /// Deletes a dispatch namespace and the scripts in it.
    pub async fn delete_namespace(&self, name: &str) -> Result<(), CloudflareError> {
        self.done(Call::new("delete the dispatch namespace", Method::DELETE, self.namespace_url(name)?)).await
    }

    fn namespace_url(&self, name: &str) -> Result<Url, CloudflareError> {
        Ok(self.namespaces_url([check_name("namespace", name)?]))
    }

    fn namespaces_url<'a>(&'a self, rest: impl IntoIterator<Item = &'a str>) -> Url {
        let start = ["accounts", &self.account_id, "workers", "dispatch", "namespaces"];
        self.url(start.into_iter().chain(rest))
    }

    /// URL of a script, or of something below it.
    pub(crate) fn script_url(&self, namespace: &str, script: &str, rest: &[&str]) -> Result<Url, CloudflareError> {
        let start = [check_name("namespace", namespace)?, "scripts", check_name("script", script)?];
        Ok(self.namespaces_url(start.into_iter().chain(rest.iter().copied())))
    }

    /// URL of the scripts of a namespace.
    pub(crate) fn scripts_url(&self, namespace: &str) -> Result<Url, CloudflareError> {
        Ok(self.namespaces_url([check_name("namespace", namespace)?, "scripts"]))
    }
}
