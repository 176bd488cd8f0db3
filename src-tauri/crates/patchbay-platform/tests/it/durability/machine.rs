//! A platform in a process of its own, and what is left when something of it is killed.

use crate::support::{NAMESPACE, example, try_send, workerd};
use http::Method;
use patchbay_platform::RunningPlatform;
use patchbay_platform::local_api::PlatformStatus;
use rand::Rng;
use rand::rngs::StdRng;
use rustix::process::{Pid, Signal, kill_process};
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Killed {
    Platform,
    Dispatcher,
    Tenant,
    Validator,
    Storage,
}

impl Killed {
    /// The platform in half of the rounds.
    pub(crate) fn draw(random: &mut StdRng) -> Self {
        match random.random_range(0..10) {
            0..=4 => Self::Platform,
            5 | 6 => Self::Dispatcher,
            7 => Self::Tenant,
            8 => Self::Storage,
            _ => Self::Validator,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Dispatcher => "dispatcher",
            Self::Tenant => "tenant",
            Self::Validator => "validator",
            Self::Storage => "storage",
        }
    }
}

/// Where a platform can be reached.
#[derive(Clone)]
pub(crate) struct Door {
    running: RunningPlatform,
    bearer: String,
}

/// Status and text, or why there is no answer.
type Answer = Result<(u16, String), String>;

impl Door {
    pub(crate) async fn script(&self, method: Method, path: &str, content_type: &str, body: String) -> Answer {
        let RunningPlatform { api_url, account_id, .. } = &self.running;
        let url = format!("{api_url}/accounts/{account_id}/workers/dispatch/namespaces/{NAMESPACE}/scripts/{path}");
        answer(method, &url, &[("authorization", &self.bearer), ("content-type", content_type)], body).await
    }

    /// Files of a version, with the token of their session.
    pub(crate) async fn assets(&self, jwt: &str, content_type: &str, body: String) -> Answer {
        let RunningPlatform { api_url, account_id, .. } = &self.running;
        let url = format!("{api_url}/accounts/{account_id}/workers/assets/upload?base64=true");
        let bearer = format!("Bearer {jwt}");
        answer(Method::POST, &url, &[("authorization", &bearer), ("content-type", content_type)], body).await
    }

    pub(crate) async fn local(&self, method: Method, path: &str, body: String) -> Answer {
        let url = format!("{}/patchbay/v1{path}", self.running.api_url.trim_end_matches("/client/v4"));
        answer(method, &url, &[("authorization", &self.bearer)], body).await
    }

    pub(crate) async fn deliver(&self, headers: &[(&str, &str)]) -> Answer {
        answer(Method::POST, &self.running.dispatcher_url, headers, String::new()).await
    }
}

async fn answer(method: Method, url: &str, headers: &[(&str, &str)], body: String) -> Answer {
    match tokio::time::timeout(Duration::from_mins(1), try_send(method, url, headers, body)).await {
        Ok(Ok(answer)) => Ok((answer.status, answer.text())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer within a minute".into()),
    }
}

pub(crate) struct Machine {
    folder: TempDir,
    platform: Child,
    door: Door,
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Where a test failed, the process is still there.
        let _ = self.platform.kill();
        let _ = self.platform.wait();
    }
}

impl Machine {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // A name of its own, by which every process of this platform can be found.
        std::os::unix::fs::symlink(workerd(), folder.path().join("workerd")).expect("a link");
        let (platform, door) = start(folder.path());
        Self { folder, platform, door }
    }

    pub(crate) fn door(&self) -> Door {
        self.door.clone()
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) async fn kill(&mut self, victim: Killed) {
        if victim == Killed::Platform {
            self.platform.kill().expect("kills");
            self.platform.wait().expect("is gone");
            return;
        }
        let (_, text) = self.door.local(Method::GET, "/status", String::new()).await.expect("the platform runs");
        let status: PlatformStatus = serde_json::from_str(&text).expect("a status");
        let found = status.processes.iter().filter(|process| process.role == victim.name());
        // One that is just being started has no process yet, and a tenant has one only when it was called.
        for pid in found.filter_map(|process| process.pid) {
            let pid = Pid::from_raw(i32::try_from(pid).expect("a process id")).expect("not zero");
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    /// After the platform was killed: nothing of it runs, its database is whole, and it starts again.
    pub(crate) async fn recover(&mut self, victim: Killed, place: &str) {
        if victim != Killed::Platform {
            return;
        }
        self.nothing_runs(place).await;
        check_copy_of_database(&self.state(), place);
        (self.platform, self.door) = start(self.folder.path());
    }

    async fn nothing_runs(&self, place: &str) {
        let program = self.folder.path().join("workerd");
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let orphans = processes_of(&program);
            if orphans.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{place}: orphans {orphans:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn stop(mut self) {
        self.platform.kill().expect("kills");
        self.platform.wait().expect("is gone");
        self.nothing_runs("the end").await;
        check_copy_of_database(&self.state(), "the end");
    }
}

fn start(folder: &Path) -> (Child, Door) {
    let mut platform = Command::new(example("serve_platform"))
        .args([folder.join("state"), folder.join("workerd")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let stdout = platform.stdout.take().expect("piped");
    std::io::BufReader::new(stdout).read_line(&mut line).expect("reads");
    assert_eq!(line.trim(), "ready", "the platform starts");
    let running = RunningPlatform::find(&folder.join("state")).expect("it runs");
    let token = std::fs::read_to_string(&running.token_file).expect("a token");
    (platform, Door { running, bearer: format!("Bearer {}", token.trim()) })
}

/// Looks at a copy, so that the platform itself finds what the kill left.
fn check_copy_of_database(state: &Path, place: &str) {
    let copy = tempfile::tempdir().expect("a folder");
    for file in ["platform.sqlite", "platform.sqlite-wal"] {
        let original = state.join(file);
        if original.exists() {
            std::fs::copy(original, copy.path().join(file)).expect("copies");
        }
    }
    let database = rusqlite::Connection::open(copy.path().join("platform.sqlite")).expect(place);
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect(place);
    assert_eq!(verdict, "ok", "{place}");
    let dangling: u32 =
        database.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).expect(place);
    assert_eq!(dangling, 0, "{place}");
    let headless: u32 = database
        .query_row("SELECT count(*) FROM scripts WHERE live_version NOT IN (SELECT id FROM versions)", [], |row| {
            row.get(0)
        })
        .expect(place);
    assert_eq!(headless, 0, "{place}: every script has its live version");
}

/// Processes, zombies apart, that run this very program.
fn processes_of(program: &Path) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    processes
        .filter_map(|entry| {
            let command = std::fs::read(entry.path().join("cmdline")).ok()?;
            let runs_it = command.split(|byte| *byte == 0).next()? == program.as_os_str().as_encoded_bytes();
            if runs_it { entry.file_name().to_str()?.parse().ok() } else { None }
        })
        .collect()
}
