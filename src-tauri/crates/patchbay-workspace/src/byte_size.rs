//! Sizes as people write them: `1 GiB`, `500 MB`, `65536`.

use serde::{Deserialize, Deserializer};
use std::str::FromStr;

/// Units and their bytes.
const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KIB", 1 << 10),
    ("MIB", 1 << 20),
    ("GIB", 1 << 30),
    ("TIB", 1 << 40),
];

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSize(pub u64);

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let text = given.trim();
        let refused = || format!("`{given}` is not a size; write it as \"1 GiB\", \"500 MiB\" or \"2 GB\"");
        let unit_at = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(unit_at);
        let count: u64 = count.parse().map_err(|_| refused())?;
        let unit = unit.trim().to_ascii_uppercase();
        let unit = if unit.is_empty() { "B" } else { unit.as_str() };
        let (_, bytes) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(refused)?;
        count.checked_mul(bytes).map(Self).ok_or_else(refused)
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSize;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("1 GiB", 1 << 30), ("512MiB", 512 << 20), ("2 gb", 2_000_000_000), ("4096", 4096), ("0 B", 0)]
        {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in ["", "GiB", "1.5 GiB", "-1 GB", "1 GiBi", "1 gigabyte", "99999999999 TiB"] {
            let error = text.parse::<ByteSize>().expect_err(text);
            assert!(error.contains("1 GiB"), "{error}");
        }
    }
}
