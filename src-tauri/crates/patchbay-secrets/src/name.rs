//! What a secret is called.

use crate::error::SecretsError;
use patchbay_core::{AdapterId, BindingName, Environment};
use std::fmt;
use std::str::FromStr;

/// Where a value belongs within its tenant: `adapter/BINDING`, or `adapter/BINDING@staging` where one environment has a
/// value of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretName {
    /// The adapter that reads it.
    pub adapter: AdapterId,
    /// Its name in `env`.
    pub binding: BindingName,
    /// The one environment it is for; absent for a value of every environment.
    pub environment: Option<Environment>,
}

impl SecretName {
    /// A value of every environment.
    pub fn new(adapter: AdapterId, binding: BindingName) -> Self {
        Self { adapter, binding, environment: None }
    }

    /// The same binding with a value of its own in one environment.
    #[must_use]
    pub fn in_environment(self, environment: Environment) -> Self {
        Self { environment: Some(environment), ..self }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.adapter, self.binding)?;
        self.environment.map_or(Ok(()), |environment| write!(formatter, "@{environment}"))
    }
}

impl FromStr for SecretName {
    type Err = SecretsError;
    fn from_str(given: &str) -> Result<Self, SecretsError> {
        let invalid = |reason: String| SecretsError::InvalidName { given: given.chars().take(80).collect(), reason };
        let (adapter, binding) = given.split_once('/').ok_or_else(|| invalid("write ADAPTER/NAME".into()))?;
        let (binding, environment) = match binding.split_once('@') {
            Some((binding, word)) => (binding, Some(word.parse().map_err(|error| invalid(format!("{error}")))?)),
            None => (binding, None),
        };
        Ok(Self {
            adapter: adapter.parse().map_err(|error| invalid(format!("{error}")))?,
            binding: BindingName::new(binding).map_err(|error| invalid(format!("{error}")))?,
            environment,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SecretName;

    #[test]
    fn a_name_reads_as_it_is_written() {
        for name in ["slack-to-notion/NOTION_TOKEN", "slack-to-notion/NOTION_TOKEN@staging"] {
            assert_eq!(name.parse::<SecretName>().expect("valid").to_string(), name);
        }
        for bad in ["NOTION_TOKEN", "a/b/c", "a/1X", "A/X", "a/X@moon", "a/", "../x/Y"] {
            assert!(bad.parse::<SecretName>().is_err(), "`{bad}` should be refused");
        }
    }
}
