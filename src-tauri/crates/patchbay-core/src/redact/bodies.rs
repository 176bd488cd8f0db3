//! Bodies that are compressed.

use super::Redactor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// Bytes that a compressed body may become.
const LONGEST: u64 = 16 << 20;
/// What gzip begins with: its magic number and the only method that it has.
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

/// What a body says when its compression is taken away.
enum Decoded {
    /// All of it.
    Whole(Vec<u8>),
    /// Its beginning; the rest is missing, broken or too long.
    Beginning(Vec<u8>),
    /// It is not compressed as it says.
    Other,
    /// Compressed in a way that is not read here.
    Unknown,
}

impl Redactor {
    /// A body without the values, with the compression taken away that `content-encoding` names. `is_whole`: it was not
    /// cut off before. What cannot be read may hold a value and is withheld, where there are values.
    pub fn body(&self, content_encoding: Option<&str>, bytes: &[u8], is_whole: bool) -> Vec<u8> {
        let plain = |bytes: &[u8], is_whole: bool| if is_whole { self.bytes(bytes) } else { self.beginning(bytes) };
        let encoding = content_encoding.unwrap_or_default().trim().to_ascii_lowercase();
        match decoded(&encoding, bytes) {
            Decoded::Whole(decoded) => plain(&decoded, is_whole),
            Decoded::Beginning(decoded) => plain(&decoded, false),
            Decoded::Unknown if self.search.is_some() => {
                format!("<withheld: encoded as {encoding}, which is not searched for secrets>").into_bytes()
            }
            Decoded::Unknown | Decoded::Other => plain(bytes, is_whole),
        }
    }
}

fn decoded(encoding: &str, bytes: &[u8]) -> Decoded {
    let mut read = Decoded::Other;
    // Encodings stand in the order in which they were applied.
    for one in encoding.split(',').rev().map(str::trim) {
        let (input, was_cut) = match &read {
            Decoded::Other => (bytes, false),
            Decoded::Whole(decoded) => (decoded.as_slice(), false),
            Decoded::Beginning(decoded) => (decoded.as_slice(), true),
            Decoded::Unknown => return read,
        };
        let next = match one {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => gzip(input),
            "deflate" => deflate(input),
            _ => Decoded::Unknown,
        };
        read = match next {
            Decoded::Other => continue,
            Decoded::Whole(decoded) if was_cut => Decoded::Beginning(decoded),
            next => next,
        };
    }
    // Some send compressed files without saying so.
    if matches!(read, Decoded::Other) { gzip(bytes) } else { read }
}

fn gzip(bytes: &[u8]) -> Decoded {
    if bytes.starts_with(&GZIP) { read(MultiGzDecoder::new(bytes)) } else { Decoded::Other }
}

/// In the zlib format, as the standard says, or without it, as some senders have it.
fn deflate(bytes: &[u8]) -> Decoded {
    let is_zlib = bytes.len() > 2 && bytes[0] & 15 == 8 && u16::from_be_bytes([bytes[0], bytes[1]]).is_multiple_of(31);
    if is_zlib {
        return read(ZlibDecoder::new(bytes));
    }
    match read(DeflateDecoder::new(bytes)) {
        whole @ Decoded::Whole(_) => whole,
        _ => Decoded::Other,
    }
}

fn read(compressed: impl Read) -> Decoded {
    let mut decoded = Vec::new();
    let mut limited = compressed.take(LONGEST + 1);
    let ended = limited.read_to_end(&mut decoded);
    if decoded.len() as u64 > LONGEST {
        decoded.truncate(usize::try_from(LONGEST).unwrap_or(usize::MAX));
        return Decoded::Beginning(decoded);
    }
    match ended {
        Ok(_) => Decoded::Whole(decoded),
        Err(_) if decoded.is_empty() => Decoded::Other,
        Err(_) => Decoded::Beginning(decoded),
    }
}
