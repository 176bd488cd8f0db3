//! The manifest in the binary form that the asset worker searches.

use sha2::{Digest, Sha256};

/// Bytes before the entries; the asset worker skips them.
const HEADER: usize = 20;
/// Bytes that are kept of a hash, of a path's as of a file's.
const HASH: usize = 16;
/// Bytes that the worker skips at the end of each entry.
const TAIL: usize = 8;

/// Paths with the hashes of their files, sorted by the hash of the path: 16 bytes of its SHA-256, the 16 bytes of the
/// file's hash, 8 bytes of nothing. Hashes that are not 32 hex digits cannot be here and are left out.
pub(crate) fn encoded(entries: &[(String, String)]) -> Vec<u8> {
    let mut hashed: Vec<[u8; 2 * HASH]> = entries
        .iter()
        .filter_map(|(path, hash)| {
            let mut entry = [0; 2 * HASH];
            entry[..HASH].copy_from_slice(&Sha256::digest(path)[..HASH]);
            hex::decode_to_slice(hash, &mut entry[HASH..]).ok()?;
            Some(entry)
        })
        .collect();
    hashed.sort_unstable();
    let mut manifest = vec![0; HEADER];
    for entry in hashed {
        manifest.extend_from_slice(&entry);
        manifest.extend_from_slice(&[0; TAIL]);
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn entries_are_in_the_order_in_which_they_are_searched() {
        let entries: Vec<(String, String)> =
            (0..20).map(|number| (format!("/{number}"), format!("{number:032x}"))).collect();
        let manifest = encoded(&entries);
        assert_eq!(manifest.len(), 20 + 20 * 40);
        let paths: Vec<&[u8]> = manifest[20..].chunks(40).map(|entry| &entry[..16]).collect();
        assert!(paths.is_sorted());
    }
}
