//! Ids and names, checked when they are made, so that every later step may trust them.

use crate::hints::Hints;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest tenant id, in bytes.
pub const TENANT_ID_MAX: usize = 32;
/// Longest adapter id, in bytes. With the tenant and a hyphen it fits the 63 bytes of a DNS label.
pub const ADAPTER_ID_MAX: usize = 29;

/// Why an id was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing was given.
    #[error("The {kind} id is empty")]
    Empty {
        /// `tenant`, `adapter` or `namespace`.
        kind: &'static str,
    },
    /// More bytes than the name may have.
    #[error("The {kind} id `{id}` is {length} characters long, {max} are allowed")]
    TooLong {
        /// `tenant`, `adapter` or `namespace`.
        kind: &'static str,
        /// What was given, cut to a printable length.
        id: String,
        /// Bytes given.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A character or a hyphen in a place where none may be.
    #[error("The {kind} id `{id}` is not valid: {reason}")]
    Grammar {
        /// `tenant`, `adapter` or `namespace`.
        kind: &'static str,
        /// What was given.
        id: String,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// `TENANT/ADAPTER` was expected.
    #[error("`{given}` does not name an adapter")]
    NotAnAdapterReference {
        /// What was given.
        given: String,
    },
    /// One tenant's scripts would begin with another tenant's prefix, so a script name would have two owners.
    #[error(
        "The tenant id `{id}` conflicts with the existing tenant `{existing}`: the script names of one would belong to both"
    )]
    OwnsAnother {
        /// The id that was asked for.
        id: String,
        /// The tenant that is already there.
        existing: String,
    },
}

impl Hints for IdError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::NotAnAdapterReference { .. } => {
                vec!["Write TENANT/ADAPTER, for example customer-a/slack-to-notion".into()]
            }
            Self::OwnsAnother { existing, .. } => vec![format!(
                "Choose an id that neither starts with `{existing}-` nor is what `{existing}` starts with before a hyphen"
            )],
            _ => {
                vec!["Use lower-case letters, digits and single hyphens between them, for example `customer-a`".into()]
            }
        }
    }
}

fn check(kind: &'static str, id: &str, max: usize) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty { kind });
    }
    let grammar = |reason| {
        Err(IdError::Grammar { kind, id: id.chars().take(80).collect::<String>().escape_debug().to_string(), reason })
    };
    if id.len() > max {
        return Err(IdError::TooLong { kind, id: id.chars().take(40).collect(), length: id.len(), max });
    }
    if id.chars().any(|c| c.is_ascii_uppercase()) {
        return grammar("upper-case letters are not allowed");
    }
    if !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return grammar("only a-z, 0-9 and hyphens are allowed");
    }
    if id.starts_with('-') || id.ends_with('-') || id.contains("--") {
        return grammar("a hyphen may only stand between two other characters");
    }
    Ok(())
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the grammar and wraps the id.
            pub fn new(id: impl Into<String>) -> Result<Self, IdError> {
                let id = id.into();
                check($kind, &id, $max)?;
                Ok(Self(id))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(id: &str) -> Result<Self, IdError> {
                Self::new(id)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(id: String) -> Result<Self, IdError> {
                Self::new(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

name_type!(
    /// A customer. `^[a-z0-9](-?[a-z0-9])*$`, at most 32 characters.
    TenantId, "tenant", TENANT_ID_MAX
);
name_type!(
    /// One Worker that a tenant owns. Same grammar as a tenant, at most 29 characters.
    AdapterId, "adapter", ADAPTER_ID_MAX
);
name_type!(
    /// A dispatch namespace of ours. Same grammar, at most 63 characters. (Foreign clients may create others.)
    NamespaceName, "namespace", 63
);

impl TenantId {
    /// Refuses an id that would share script names with an existing tenant: no tenant id may be another
    /// tenant id plus `-…`, in either direction.
    pub fn check_owner_rule<'a>(&self, existing: impl IntoIterator<Item = &'a TenantId>) -> Result<(), IdError> {
        for other in existing {
            let shadows =
                |longer: &str, shorter: &str| longer.strip_prefix(shorter).is_some_and(|rest| rest.starts_with('-'));
            if shadows(&self.0, &other.0) || shadows(&other.0, &self.0) {
                return Err(IdError::OwnsAnother { id: self.0.clone(), existing: other.0.clone() });
            }
        }
        Ok(())
    }
}

/// `{tenant}-{adapter}`, at most 63 characters: the name of a script in a dispatch namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ScriptName(String);

impl ScriptName {
    /// The script of one tenant's adapter.
    pub fn of(tenant: &TenantId, adapter: &AdapterId) -> Self {
        Self(format!("{tenant}-{adapter}"))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a tenant owns this script. Exact thanks to the owner rule.
    pub fn is_owned_by(&self, tenant: &TenantId) -> bool {
        self.0.strip_prefix(tenant.as_str()).is_some_and(|rest| rest.starts_with('-'))
    }
}

impl fmt::Display for ScriptName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `TENANT/ADAPTER`, as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AdapterRef {
    /// The owner.
    pub tenant: TenantId,
    /// The adapter.
    pub adapter: AdapterId,
}

impl AdapterRef {
    /// The script name in a dispatch namespace.
    pub fn script_name(&self) -> ScriptName {
        ScriptName::of(&self.tenant, &self.adapter)
    }
}

impl FromStr for AdapterRef {
    type Err = IdError;
    fn from_str(given: &str) -> Result<Self, IdError> {
        match given.split_once('/') {
            Some((tenant, adapter)) => Ok(Self { tenant: tenant.parse()?, adapter: adapter.parse()? }),
            None => Err(IdError::NotAnAdapterReference { given: given.chars().take(80).collect() }),
        }
    }
}

impl fmt::Display for AdapterRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.tenant, self.adapter)
    }
}

#[cfg(test)]
mod tests {
    use super::{AdapterRef, ScriptName, TenantId};

    #[test]
    fn tenant_grammar_holds() {
        for good in ["a", "a1", "customer-a", "0", "a-b-c"] {
            assert!(TenantId::new(good).is_ok(), "`{good}` should be a tenant id");
        }
        let long = "a".repeat(33);
        for bad in ["", "../x", "a b", "A", "-a", "a-", "a--b", "a_b", "größe", "a\n", long.as_str()] {
            assert!(TenantId::new(bad).is_err(), "`{bad}` should be refused");
        }
    }

    #[test]
    fn a_tenant_that_would_own_anothers_scripts_is_refused() {
        let acme = TenantId::new("acme").expect("valid");
        let acme_eu = TenantId::new("acme-eu").expect("valid");
        let acmeco = TenantId::new("acmeco").expect("valid");
        assert!(acme_eu.check_owner_rule([&acme]).is_err());
        assert!(acme.check_owner_rule([&acme_eu]).is_err());
        assert!(acmeco.check_owner_rule([&acme]).is_ok());
    }

    #[test]
    fn adapter_reference_names_its_script() {
        let reference: AdapterRef = "customer-a/slack-to-notion".parse().expect("valid");
        assert_eq!(reference.script_name().as_str(), "customer-a-slack-to-notion");
        assert!(ScriptName::of(&reference.tenant, &reference.adapter).is_owned_by(&reference.tenant));
        assert!("customer-a".parse::<AdapterRef>().is_err());
        assert!("a/../b".parse::<AdapterRef>().is_err());
    }
}
