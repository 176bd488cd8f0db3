//! Load from `wrk`, and what it measured.

use serde_json::Value;
use std::io::Write as _;
use std::process::Command;

/// What one run of `wrk` saw.
#[derive(Clone, Copy)]
pub struct Load {
    pub requests_per_second: f64,
    /// Median time of a request, in milliseconds.
    pub p50_ms: f64,
    /// Answers that were no 2xx, and requests that got none.
    pub failed: u64,
}

/// Sends the same POST for `seconds` over `connections` that stay open.
pub fn load(url: &str, headers: &[(&str, &str)], body: &str, connections: usize, seconds: u32) -> Load {
    let mut script = tempfile::Builder::new().suffix(".lua").tempfile().expect("a temporary file");
    writeln!(script, "wrk.method = 'POST'\nwrk.body = [==[{body}]==]").expect("writable");
    for (name, value) in headers {
        writeln!(script, "wrk.headers['{name}'] = '{value}'").expect("writable");
    }
    script.write_all(REPORT.as_bytes()).expect("writable");
    let output = Command::new("wrk")
        .args(["--threads", "1", "--connections", &connections.to_string(), "--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(script.path())
        .arg(url)
        .output()
        .expect("wrk is installed by `make bench`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().expect("the report is the last line");
    let report: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {text}"));
    let number = |name: &str| report[name].as_f64().expect("the report holds numbers");
    let failed = number("failed");
    Load {
        requests_per_second: number("requests") / number("microseconds") * 1e6,
        p50_ms: number("p50_microseconds") / 1e3,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        failed: failed as u64,
    }
}

const REPORT: &str = r#"
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format('{"requests":%d,"microseconds":%d,"p50_microseconds":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), failed))
end
"#;
