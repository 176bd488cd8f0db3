//! A machine of the test's own: keyring, home, workspace, and the built `patchbay` on it.

use patchbay_testkit::{CommandResult, CommandRun, KeyringSession, patchbay_binary, workerd_path};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Machine {
    keyring: KeyringSession,
    home: tempfile::TempDir,
}

impl Machine {
    /// A machine with an unlocked keyring and nothing else.
    pub fn new() -> Self {
        let home = tempfile::Builder::new().prefix("pb-home-").tempdir_in("/tmp").expect("/tmp is writable");
        Self { keyring: KeyringSession::start(), home }
    }

    /// A machine with the demo workspace's tenants and one adapter from the template, secrets set.
    pub fn with_adapter() -> Self {
        let machine = Self::new();
        machine.run(&["tenant", "add", "customer-a", "--region", "eu", "--egress", "api.notion.com"]).success();
        machine.run(&["new", "customer-a/notes", "--template", "slack-to-notion"]).success();
        let manifest = machine.workspace().join("tenants/customer-a/adapters/notes/adapter.toml");
        let text = std::fs::read_to_string(&manifest).expect("the manifest is there");
        let declared = "name = \"NOTION_DATA_SOURCE_ID\"\nkind = \"plain_text\"\n";
        assert!(text.contains(declared), "the template declares the table's id");
        let value = "value = \"00000000-0000-4000-8000-00000000da7a\"\n";
        std::fs::write(&manifest, text.replace(declared, &format!("{declared}{value}")))
            .expect("the workspace is writable");
        machine.set_secret("customer-a/notes", "SLACK_SIGNING_SECRET", "example-signing-secret");
        machine.set_secret("customer-a/notes", "NOTION_TOKEN", &notion_token());
        machine
    }

    pub fn workspace(&self) -> PathBuf {
        self.home.path().join("workspace")
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn data_folder(&self) -> PathBuf {
        self.keyring.data_folder()
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.keyring.env();
        environment.push(("HOME".into(), self.home.path().display().to_string()));
        environment.push(("PATCHBAY_WORKERD".into(), workerd_path().display().to_string()));
        environment
    }

    /// `patchbay ARGUMENTS --workspace <its own>`, not started yet.
    pub fn patchbay(&self, arguments: &[&str]) -> CommandRun {
        CommandRun::new(patchbay_binary())
            .arg("--workspace")
            .arg(self.workspace())
            .args(arguments)
            .envs(self.environment())
            .current_dir(self.home.path())
            .timeout(Duration::from_mins(2))
    }

    pub fn run(&self, arguments: &[&str]) -> CommandResult {
        self.patchbay(arguments).run()
    }

    /// Runs with `--json` and decodes the one document.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let result = self.run(&with_json(arguments));
        result.success();
        decode(&result.stdout, &result)
    }

    /// Runs with `--json` where a check does not hold: exit code 1, and a document all the same.
    pub fn json_of_failure(&self, arguments: &[&str]) -> Value {
        let result = self.run(&with_json(arguments));
        result.code(1);
        decode(&result.stdout, &result)
    }

    /// Runs with `--json`, expects the exit code, and decodes the error.
    pub fn error(&self, arguments: &[&str], code: i32) -> Value {
        let result = self.run(&with_json(arguments));
        result.code(code);
        assert!(result.stdout.is_empty(), "an error leaves stdout empty\n{result}");
        let document = decode(&result.stderr, &result);
        let error = document["error"].clone();
        assert!(error["code"].is_string() && error["message"].is_string(), "the error has its shape\n{result}");
        assert!(error["causes"].is_array() && error["hints"].is_array(), "the error has its shape\n{result}");
        error
    }

    pub fn set_secret(&self, adapter: &str, name: &str, value: &str) {
        self.patchbay(&["secret", "set", adapter, name]).stdin(value).run().success();
    }

    /// `patchbay start` on free ports.
    pub fn start(&self) -> RunningPatchbay {
        self.start_with(&[])
    }

    /// The same with more environment variables.
    pub fn start_with(&self, variables: &[(&str, String)]) -> RunningPatchbay {
        self.start_as(&[], variables)
    }

    /// The same, with more arguments and environment variables.
    pub fn start_as(&self, arguments: &[&str], variables: &[(&str, String)]) -> RunningPatchbay {
        let mut child = Command::new(patchbay_binary())
            .args(["start", "--json", "--api-port", "0", "--dispatcher-port", "0", "--workspace"])
            .arg(self.workspace())
            .args(arguments)
            .envs(self.environment())
            .envs(variables.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("patchbay starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("stdout is readable");
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("one JSON line when ready: {error}: {line}"));
        RunningPatchbay { child, ready }
    }
}

/// Before the command, because after a `--` it would be an operand.
fn with_json<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    std::iter::once("--json").chain(arguments.iter().copied()).collect()
}

fn decode(text: &str, result: &CommandResult) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("one JSON document: {error}\n{result}"))
}

/// A token of the form that Notion gives out, made here so that no such text stands in a file.
pub fn notion_token() -> String {
    format!("ntn_{}", "example0".repeat(6))
}

/// A running `patchbay start`.
pub struct RunningPatchbay {
    child: Child,
    pub ready: Value,
}

impl RunningPatchbay {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn dispatcher_url(&self) -> &str {
        self.ready["dispatcher_url"].as_str().expect("the ready line names the dispatcher")
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("a running child can be killed");
        self.child.wait().expect("a killed child can be waited for");
    }

    /// What Ctrl-C does.
    pub fn interrupt(mut self) -> i32 {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a running child takes signals");
        self.child.wait().expect("it ends").code().expect("it ends by itself")
    }
}

impl Drop for RunningPatchbay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ids of living processes whose command line or parent says that they belong to this one.
pub fn workerd_children_of(parent: u32) -> Vec<u32> {
    processes()
        .into_iter()
        .filter(|(_, of, name)| *of == parent && name.contains("workerd"))
        .map(|(pid, ..)| pid)
        .collect()
}

pub fn is_alive(pid: u32) -> bool {
    // A zombie is not alive; without a reaper it may stay listed.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Waits for a fact about other processes, for at most ten seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} did not hold within ten seconds");
        std::thread::yield_now();
    }
}

fn processes() -> Vec<(u32, u32, String)> {
    std::fs::read_dir("/proc")
        .expect("/proc is there")
        .flatten()
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let (head, tail) = stat.rsplit_once(") ")?;
            let parent = tail.split(' ').nth(1)?.parse().ok()?;
            Some((pid, parent, head.split_once('(')?.1.to_owned()))
        })
        .collect()
}

/// A plain HTTP/1.1 request on loopback: status and body.
pub fn http(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Vec<u8>) {
    let (status, _, body) = http_answer(method, url, headers, body);
    (status, body)
}

/// The same with the answer's headers.
pub fn http_answer(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, Vec<(String, String)>, Vec<u8>) {
    use std::io::{Read as _, Write as _};
    let rest = url.strip_prefix("http://").expect("a plain URL");
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = std::net::TcpStream::connect(authority).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout can be set");
    let host = if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        String::new()
    } else {
        format!("Host: {authority}\r\n")
    };
    let extra: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\n{host}{extra}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .expect("the request can be written");
    stream.write_all(body).expect("the body can be written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer can be read");
    let head_end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an HTTP answer has a head");
    let head = String::from_utf8_lossy(&answer[..head_end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let fields = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    let body = answer[head_end + 4..].to_vec();
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    (status, fields, if is_chunked { unchunked(&body) } else { body })
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&body[..end])
            .ok()
            .and_then(|hex| usize::from_str_radix(hex.trim(), 16).ok())
            .expect("a chunk size");
        if size == 0 {
            break;
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
    }
    whole
}
