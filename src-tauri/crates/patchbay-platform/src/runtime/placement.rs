//! Which scripts share a process.

use std::sync::Arc;

/// What a process serves. Two scripts with equal keys share a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Whose scripts: `tenant:…` or `script:…`, as [`owner`] says. What a process may ask for depends on this alone.
    pub(crate) owner: Arc<str>,
    pub(crate) occupant: Occupant,
}

/// Which of the owner's scripts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Occupant {
    /// All that need nothing but the loader.
    Shared,
    /// One of these that went over a limit lately, so that it cannot take the owner's others with it again.
    Apart(ScriptName),
    /// One version that has a process of its own with a config of its own, because it has bindings that the loader
    /// cannot give it. A new version starts beside the old one, which then ends (see `Runtime::place`).
    Dedicated {
        script: ScriptName,
        version: Arc<str>,
        /// It has storage that only one process may hold: the version before it must have ended when it starts.
        exclusive: bool,
    },
    /// An unpublished version that serves in the place of a script (`drafts.rs`), so that whatever it does costs what is
    /// live nothing.
    Draft {
        script: ScriptName,
        draft: Arc<str>,
        /// It has bindings that the loader cannot give it.
        native: bool,
    },
}

/// A script in its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ScriptName {
    pub(crate) namespace: Arc<str>,
    pub(crate) script: Arc<str>,
}

impl Key {
    /// Whether the other key is an older or newer version of the same dedicated script.
    pub(crate) fn is_version_of(&self, other: &Self) -> bool {
        let (Occupant::Dedicated { script: own, .. }, Occupant::Dedicated { script: others, .. }) =
            (&self.occupant, &other.occupant)
        else {
            return false;
        };
        self != other && own == others
    }

    /// The draft that runs there.
    pub(crate) fn draft(&self) -> Option<&str> {
        match &self.occupant {
            Occupant::Draft { draft, .. } => Some(draft),
            _ => None,
        }
    }

    /// Whether no other version of the same script may run beside it.
    pub(crate) fn is_exclusive(&self) -> bool {
        matches!(self.occupant, Occupant::Dedicated { exclusive: true, .. })
    }
}

/// Who shares a process: the scripts of the tenant that the tag `tenant:…` names, when the script's name begins with
/// that tenant's id. Any other script is alone, so that a wrong tag cannot put it beside somebody else's secrets.
pub(crate) fn owner(namespace: &str, script: &str, tags: &[String]) -> String {
    tags.iter()
        .filter_map(|tag| tag.strip_prefix("tenant:"))
        .find(|tenant| script.strip_prefix(*tenant).is_some_and(|rest| rest.starts_with('-')))
        .map_or_else(|| format!("script:{namespace}/{script}"), |tenant| format!("tenant:{tenant}"))
}

#[cfg(test)]
mod tests {
    use super::owner;

    #[test]
    fn a_tag_counts_only_for_scripts_that_bear_the_tenants_name() {
        let tags = |tag: &str| vec!["version:1".to_owned(), tag.to_owned()];
        assert_eq!(owner("prod", "customer-a-notion", &tags("tenant:customer-a")), "tenant:customer-a");
        assert_eq!(owner("prod", "customer-b-notion", &tags("tenant:customer-a")), "script:prod/customer-b-notion");
        assert_eq!(owner("prod", "customer-ab", &tags("tenant:customer-a")), "script:prod/customer-ab");
        assert_eq!(owner("prod", "gateway", &[]), "script:prod/gateway");
    }
}
