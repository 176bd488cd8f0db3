//! What redaction costs: bodies of 1 MiB against 50 secrets, printed as JSON lines.
//! `cargo run --release -p patchbay-core --example redaction_speed`

use patchbay_core::Secret;
use patchbay_core::redact::Redactor;
use std::io::Write as _;
use std::time::Instant;

const SECRETS: usize = 50;
const BODY: usize = 1 << 20;
const ROUNDS: u32 = 20;

fn main() -> std::io::Result<()> {
    let secrets: Vec<(String, Secret)> =
        (0..SECRETS).map(|number| (format!("SECRET_{number}"), Secret::new(secret(number)))).collect();
    let since = Instant::now();
    let redactor = Redactor::new(secrets.iter().map(|(name, value)| (name.as_str(), value)));
    report("prepare", since.elapsed().as_secs_f64() * 1000.0)?;

    let item = r#"{"id":1234,"name":"A page of a database","url":"https://example.com/pages/1234","done":false},"#;
    let escaped = serde_json::json!({ "text": item.repeat(12) }).to_string();
    // Bytes without a pattern, as a picture has them.
    let mut state = 1_u32;
    let random = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[(state >> 26) as usize]
    });
    let bodies: [(&str, Vec<u8>); 3] = [
        ("json", item.bytes().cycle().take(BODY).collect()),
        ("json in json", escaped.bytes().cycle().take(BODY).collect()),
        ("base64", random.take(BODY).collect()),
    ];
    for (name, mut body) in bodies {
        body.extend_from_slice(secret(7).as_bytes());
        let since = Instant::now();
        for _ in 0..ROUNDS {
            assert!(redactor.bytes(&body).ends_with(b"<redacted:SECRET_7>"), "it is found");
        }
        report(name, since.elapsed().as_secs_f64() * 1000.0 / f64::from(ROUNDS))?;
    }
    Ok(())
}

/// An invented value of 48 characters.
fn secret(number: usize) -> String {
    format!("example-{number:04}-{:036}", number * 7_919_317)
}

fn report(what: &str, milliseconds: f64) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{{\"redaction\":\"{what}\",\"milliseconds\":{milliseconds:.3}}}")
}
