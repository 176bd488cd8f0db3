//! The content of a vault, and its form in bytes.
//!
//! A count, then five length-prefixed texts per entry (adapter, binding, environment or nothing, time of change, value);
//! numbers are 32-bit little-endian. Not JSON, because its parser leaves copies of values in buffers that nobody wipes.

use crate::name::SecretName;
use patchbay_core::{AdapterId, BindingName, Secret};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// One value and when it was set.
#[derive(Debug, Clone)]
pub(crate) struct VaultEntry {
    /// RFC 3339, UTC.
    pub(crate) changed_at: String,
    pub(crate) value: Secret,
}

/// All values of a tenant.
pub(crate) type Vault = BTreeMap<SecretName, VaultEntry>;

pub(crate) fn to_bytes(vault: &Vault) -> Zeroizing<Vec<u8>> {
    let texts: Vec<&str> = vault
        .iter()
        .flat_map(|(name, entry)| {
            let environment = name.environment.map_or("", patchbay_core::Environment::as_str);
            [name.adapter.as_str(), name.binding.as_str(), environment, &entry.changed_at, entry.value.expose()]
        })
        .collect();
    // The exact size, because a vector that grows leaves its old buffer behind unwiped.
    let size = 4 + texts.iter().map(|text| 4 + text.len()).sum::<usize>();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    let number = |bytes: &mut Vec<u8>, number: usize| {
        let number = u32::try_from(number).expect("values are limited to a few kilobytes");
        bytes.extend_from_slice(&number.to_le_bytes());
    };
    number(&mut bytes, vault.len());
    for text in texts {
        number(&mut bytes, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// `None` where the bytes are not those of a vault.
pub(crate) fn from_bytes(mut bytes: &[u8]) -> Option<Vault> {
    let count = take_number(&mut bytes)?;
    let mut vault = Vault::new();
    for _ in 0..count {
        let adapter = AdapterId::new(take_text(&mut bytes)?).ok()?;
        let binding = BindingName::new(take_text(&mut bytes)?).ok()?;
        let environment = match take_text(&mut bytes)? {
            "" => None,
            word => Some(word.parse().ok()?),
        };
        let changed_at = take_text(&mut bytes)?.to_owned();
        let value = Secret::new(take_text(&mut bytes)?);
        vault.insert(SecretName { adapter, binding, environment }, VaultEntry { changed_at, value });
    }
    bytes.is_empty().then_some(vault)
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let (number, rest) = bytes.split_first_chunk::<4>()?;
    *bytes = rest;
    usize::try_from(u32::from_le_bytes(*number)).ok()
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = take_number(bytes)?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::{Vault, VaultEntry, from_bytes, to_bytes};
    use patchbay_core::Secret;

    #[test]
    fn a_vault_survives_its_bytes_and_rubbish_is_refused() {
        let mut vault = Vault::new();
        for (name, value) in [("a/ONE", "größe \"1\"\n"), ("a/ONE@staging", "2"), ("b/TWO", "\u{0}")] {
            let entry = VaultEntry { changed_at: "2026-11-21T07:00:00Z".into(), value: Secret::new(value) };
            vault.insert(name.parse().expect("valid"), entry);
        }
        let bytes = to_bytes(&vault);
        assert_eq!(bytes.capacity(), bytes.len(), "the buffer should never have grown");
        let again = from_bytes(&bytes).expect("its own bytes");
        assert_eq!(again.keys().collect::<Vec<_>>(), vault.keys().collect::<Vec<_>>());
        for (name, entry) in &vault {
            assert!(again[name].value == entry.value && again[name].changed_at == entry.changed_at);
        }
        for cut in 0..bytes.len() {
            assert!(from_bytes(&bytes[..cut]).is_none(), "a cut at {cut} should be noticed");
        }
    }
}
