//! The form in which contents are stored: compressed against a trace that every program has.
//!
//! Traces are small and alike. Alone, one of 2 kB compresses to half; with the names and words that most traces
//! have it compresses to a quarter.

use std::io;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Stands before what was compressed against [`WORDS`]. Another dictionary gets another number: files that were written with
/// this one exist.
const FORM: u8 = 1;
const WORDS: &[u8] = include_bytes!("dictionary_1.json");
/// The library's own default: above it, time grows faster than size shrinks.
const LEVEL: i32 = 3;
/// Contents that are larger were not written by this program.
const LARGEST: usize = 1 << 30;

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(WORDS, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(WORDS));

/// Compresses the JSON of a trace.
pub(super) fn pack(json: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = vec![FORM];
    packed.extend(Compressor::with_prepared_dictionary(&ENCODER)?.compress(json)?);
    Ok(packed)
}

/// The JSON of a trace from what [`pack`] made.
pub(super) fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let Some((&FORM, compressed)) = packed.split_first() else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a form that is not known"));
    };
    let length = Decompressor::upper_bound(compressed)
        .filter(|length| *length <= LARGEST)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a length that cannot be"))?;
    Decompressor::with_prepared_dictionary(&DECODER)?.decompress(compressed, length)
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};

    #[test]
    fn what_was_packed_comes_back() {
        for text in [String::new(), "{}".into(), "{\"id\":\"1\",\"tenant\":\"customer-a\"}".repeat(50_000)] {
            assert_eq!(unpack(&pack(text.as_bytes()).expect("packed")).expect("unpacked"), text.as_bytes());
        }
        let packed = pack(b"{\"id\":\"1\",\"tenant\":\"customer-a\"}").expect("packed");
        for damaged in [&packed[..packed.len() - 1], &packed[1..], &[], &[9, 9, 9]] {
            assert!(unpack(damaged).is_err(), "{damaged:?}");
        }
    }

    /// Written by the first program that had this form.
    #[test]
    fn what_an_earlier_program_packed_is_read() {
        let packed = hex("0128b52ffd2032dd0000807b226964223a2231616e6f746573227d020072720e1127dfe102");
        assert_eq!(
            unpack(&packed).expect("unpacked"),
            b"{\"id\":\"1\",\"tenant\":\"customer-a\",\"adapter\":\"notes\"}"
        );
    }

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex")).collect()
    }
}
