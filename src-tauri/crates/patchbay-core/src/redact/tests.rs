use super::Redactor;
use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};
use std::io::Write as _;

const MARK: &str = "<redacted:TOKEN>";

fn redactor(value: &str) -> Redactor {
    Redactor::new([("TOKEN", &Secret::new(value))])
}

/// Ways in which a value ends up in a text.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Json,
    JsonAscii,
    JsonSlashes,
    UrlComponent,
    UrlWhole,
    UrlLowerCase,
    UrlEverything,
    Form,
    Html,
    Base64,
    Base64Url,
    Base64Lines,
}

fn percent(text: &str, kept: impl Fn(u8) -> bool, lower: bool) -> String {
    let escaped = |byte: u8| if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
    text.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { escaped(byte) }).collect()
}

fn encoded(text: &str, encoding: Encoding) -> String {
    let json = || serde_json::Value::from(text).to_string();
    // What `encodeURIComponent` and `encodeURI` leave as it is.
    let of_component = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    let of_address = |byte: u8| of_component(byte) || b";/?:@&=+$,#".contains(&byte);
    match encoding {
        Encoding::Json => json(),
        Encoding::JsonSlashes => json().replace('/', "\\/"),
        Encoding::JsonAscii => {
            let unit = |unit: &u16| format!("\\u{unit:04x}");
            text.encode_utf16().collect::<Vec<_>>().iter().map(unit).collect()
        }
        Encoding::UrlComponent => percent(text, of_component, false),
        Encoding::UrlWhole => percent(text, of_address, false),
        Encoding::UrlLowerCase => percent(text, of_component, true),
        Encoding::UrlEverything => percent(text, |_| false, false),
        Encoding::Form => {
            percent(text, |byte| byte.is_ascii_alphanumeric() || b"*-._ ".contains(&byte), false).replace(' ', "+")
        }
        Encoding::Html => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;"),
        Encoding::Base64 => STANDARD.encode(text),
        Encoding::Base64Url => URL_SAFE_NO_PAD.encode(text),
        Encoding::Base64Lines => {
            let whole = STANDARD.encode(text);
            let lines: Vec<&str> =
                whole.as_bytes().chunks(76).filter_map(|line| std::str::from_utf8(line).ok()).collect();
            lines.join("\r\n")
        }
    }
}

fn any_encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![
        Just(Encoding::Json),
        Just(Encoding::JsonAscii),
        Just(Encoding::JsonSlashes),
        Just(Encoding::UrlComponent),
        Just(Encoding::UrlWhole),
        Just(Encoding::UrlLowerCase),
        Just(Encoding::UrlEverything),
        Just(Encoding::Form),
        Just(Encoding::Html),
        Just(Encoding::Base64),
        Just(Encoding::Base64Url),
        Just(Encoding::Base64Lines),
    ]
}

/// Values as people have them: tokens, passphrases with anything in them, several lines, other scripts.
fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_-]{16,64}",
        "[ -~]{12,40}",
        "[a-z]{4,8}( [a-zäöü€]{4,8}){2,4}",
        "([A-Za-z0-9+/]{24,64}\n){2,4}",
        "[a-z0-9\u{e9}\u{4e2d}\u{1f600}]{12,24}",
    ]
    .prop_map(|value| format!("q{value}z"))
}

proptest! {
    #[test]
    fn a_value_is_found_however_it_is_encoded(
        value in any_value(),
        first in any_encoding(),
        second in prop::option::of(any_encoding()),
        before in "[ -~]{0,20}",
        after in "[ -~]{0,20}",
    ) {
        // What stands around it is encoded with it, as in a Basic header, a JWT or an address.
        let inner = encoded(&format!("{before}\u{1}{value}\u{1}{after}"), first);
        let text = second.map_or(inner.clone(), |second| encoded(&inner, second));
        let redactor = redactor(&value);
        let shown = redactor.text(&text);
        prop_assert!(shown.contains(MARK), "{value:?} should be found in {text:?}");
        prop_assert!(!redactor.finds(shown.as_bytes()), "no form of {value:?} should be left in {shown:?}");
    }

    #[test]
    fn text_without_the_value_stays(text in "\\PC{0,200}") {
        let value = "canary-value-that-no-text-holds";
        prop_assert!(redactor(value).text(&text) == text);
    }

    #[test]
    fn a_cut_leaves_no_part_of_a_value(
        value in "[A-Za-z0-9+/=_-]{20,60}",
        encoding in any_encoding(),
        lead in 0_usize..3000,
        at in any::<prop::sample::Index>(),
    ) {
        let text = format!("{}{}", " ".repeat(lead), encoded(&value, encoding));
        let kept = &text.as_bytes()[..at.index(text.len() + 1)];
        let shown = String::from_utf8_lossy(&redactor(&value).beginning(kept)).into_owned();
        prop_assert!(shown.replace(MARK, "").trim_matches(['"', ' ']).is_empty(), "{shown:?} should be blank");
    }
}

#[test]
fn a_value_is_found_in_headers_tokens_and_digests() {
    let value = "canary/value+\"quoted\"";
    let redactor = redactor(value);
    for text in [
        format!("Bearer {value}"),
        format!("Basic {}", STANDARD.encode(format!("user:{value}"))),
        format!("Basic {}", STANDARD.encode(format!("me:{value}"))),
        format!("Basic {}", STANDARD_NO_PAD.encode(format!("u:{value}!"))),
        format!(
            "{}.{}.c2lnbmF0dXJl",
            URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\"}"),
            URL_SAFE.encode(serde_json::json!({ "iat": 1, "key": value }).to_string())
        ),
        value.bytes().map(|byte| format!("{byte:02x}")).collect(),
        value.bytes().map(|byte| format!("{byte:02X}")).collect(),
        serde_json::json!({ "text": serde_json::json!({ "token": value }).to_string() }).to_string(),
    ] {
        let shown = redactor.text(&text);
        assert!(shown.contains(MARK), "the value should be found in {text}");
        assert!(!redactor.finds(shown.as_bytes()), "no form of it should be left in {shown}");
    }
}

#[test]
fn base64_of_nothing_but_a_value_is_found_at_every_length() {
    for length in 6..40 {
        let value: String = ('a'..='z').cycle().take(length).collect();
        for text in [STANDARD.encode(&value), STANDARD_NO_PAD.encode(&value)] {
            let shown = redactor(&value).text(&format!("it was {text}"));
            assert_eq!(shown, format!("it was {MARK}"), "{length}");
        }
    }
}

#[test]
fn what_stands_around_a_value_stays() {
    let redactor = redactor("canary-value-0123456789");
    assert_eq!(redactor.text("a canary-value-0123456789 b"), format!("a {MARK} b"));
    assert_eq!(redactor.text("k=canary%2Dvalue%2d0123456789&x=1"), format!("k={MARK}&x=1"));
    assert_eq!(redactor.text("größe: canary"), "größe: canary");
    assert_eq!(Redactor::default().text("anything"), "anything");
}

#[test]
fn an_address_is_found_without_its_port_and_by_the_values_in_its_query() {
    let redactor = redactor("https://Flows.example:443/workflows/0123abcd/invoke?v=1&sig=example_signature_1");
    for (text, shown) in [
        (
            "https://flows.example/workflows/0123abcd/invoke?v=1&sig=example_signature_1",
            "https://flows.example<redacted:TOKEN>",
        ),
        ("sig example_signature_1", "sig <redacted:TOKEN>"),
        ("https://flows.example/?v=1", "https://flows.example/?v=1"),
    ] {
        assert_eq!(redactor.text(text), shown);
    }
}

#[test]
fn a_key_of_several_lines_is_found_by_each_of_them() {
    let key =
        "-----BEGIN EXAMPLE-----\nQUJDREVGR0hJSktMTU5PUFFSU1RV\nWFlaYWJjZGVmZ2hpamtsbW5vcHFy\n-----END EXAMPLE-----\n";
    let redactor = redactor(key);
    for text in [key.replace('\n', "\r\n"), key.replace('\n', ""), key.replace('\n', "\\n"), key.replace('\n', " ")] {
        let shown = redactor.text(&text);
        assert!(shown.contains(MARK) && !shown.contains("QUJDREVG"), "{shown}");
    }
    assert_eq!(redactor.text("line: WFlaYWJjZGVmZ2hpamtsbW5vcHFy!"), format!("line: {MARK}!"));
}

#[test]
fn values_that_overlap_leave_nothing_between_them() {
    let secrets = [("A", Secret::new("abcdefgh-1234")), ("B", Secret::new("1234-ijklmnop-long"))];
    let redactor = Redactor::new(secrets.iter().map(|(name, value)| (*name, value)));
    assert_eq!(redactor.text("x abcdefgh-1234-ijklmnop-long y"), "x <redacted:B> y");
}

#[test]
fn a_value_is_found_at_every_place_of_a_large_body() {
    let value = "canary-value-0123456789";
    let redactor = redactor(value);
    let encoded = percent(value, |_| false, false);
    for before in 0..=encoded.len() {
        let mut body = vec![b' '; super::WINDOW - before];
        body.extend_from_slice(encoded.as_bytes());
        body.extend(std::iter::repeat_n(b' ', 1000));
        let shown = String::from_utf8(redactor.bytes(&body)).expect("text");
        assert_eq!(shown.trim(), MARK, "{before} bytes before the edge of a window");
    }
}

#[test]
fn compressed_bodies_are_read() {
    let value = "canary-value-0123456789";
    let redactor = redactor(value);
    let text = format!("{{\"token\":\"{value}\",\"n\":{}}}", "1".repeat(5000));
    let shown = text.replace(value, MARK);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).expect("written");
    let gzip = gzip.finish().expect("written");
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(text.as_bytes()).expect("written");
    let zlib = zlib.finish().expect("written");
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(text.as_bytes()).expect("written");
    let raw = raw.finish().expect("written");
    let mut twice = GzEncoder::new(Vec::new(), Compression::default());
    twice.write_all(&zlib).expect("written");
    let twice = twice.finish().expect("written");

    for (encoding, body) in [
        (Some("gzip"), &gzip),
        (Some("X-GZIP "), &gzip),
        (None, &gzip),
        (Some("deflate"), &zlib),
        (Some("deflate"), &raw),
        (Some("deflate, gzip"), &twice),
    ] {
        assert_eq!(String::from_utf8_lossy(&redactor.body(encoding, body, true)), shown, "{encoding:?}");
    }
    // Somebody took the compression away and left the header.
    assert_eq!(String::from_utf8_lossy(&redactor.body(Some("gzip"), text.as_bytes(), true)), shown);
    assert!(!redactor.finds(&redactor.body(Some("gzip"), &gzip[..gzip.len() - 12], true)), "what broke off is a cut");
    assert!(redactor.body(Some("br"), b"\x0b\x02", true).starts_with(b"<withheld: encoded as br"));
    assert_eq!(
        Redactor::default().body(Some("br"), b"\x0b\x02", true),
        b"\x0b\x02",
        "without secrets nothing is withheld"
    );
}

#[test]
fn debug_does_not_show_the_values() {
    assert!(!format!("{:?}", redactor("canary-value-0123456789")).contains("canary"));
}
