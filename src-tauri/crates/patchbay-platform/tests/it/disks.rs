//! A disk that is full and a folder that is read-only: said, and nothing that was acknowledged is lost.

use crate::support::{Fixture, NAMESPACE, answering, example, send, workerd};
use http::Method;
use patchbay_platform::RunningPlatform;
use serde_json::{Value, json};
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A shell that may mount what only it sees. Root needs no user namespace for that, and a container may forbid one.
fn in_a_mount_namespace(script: &str, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(folder).arg(example("serve_platform")).arg(workerd());
    command
}

/// A platform whose state is on a disk of its own.
struct OnASmallDisk {
    platform: Child,
    /// The state folder as seen from outside of its mount namespace.
    folder: PathBuf,
    running: RunningPlatform,
    bearer: String,
}

impl Drop for OnASmallDisk {
    fn drop(&mut self) {
        let _ = self.platform.kill();
        let _ = self.platform.wait();
    }
}

impl OnASmallDisk {
    fn start(mount_point: &Path) -> Self {
        let script = r#"mount -t tmpfs -o size=5m tmpfs "$1" && exec "$2" "$1" "$3""#;
        let mut platform =
            in_a_mount_namespace(script, mount_point).stdout(Stdio::piped()).spawn().expect("unshare is there");
        let mut line = String::new();
        let stdout = platform.stdout.take().expect("piped");
        std::io::BufReader::new(stdout).read_line(&mut line).expect("reads");
        assert_eq!(line.trim(), "ready", "the platform starts");
        let inside = mount_point.strip_prefix("/").expect("an absolute path");
        let folder = PathBuf::from(format!("/proc/{}/root", platform.id())).join(inside);
        let running = RunningPlatform::find(&folder).expect("it runs");
        let token = std::fs::read_to_string(folder.join("token")).expect("a token");
        Self { platform, folder, running, bearer: format!("Bearer {}", token.trim()) }
    }

    /// Uploads a script of 200 kB that answers its number. Status, and the first error's message.
    async fn upload(&self, number: u32) -> (u16, String) {
        let RunningPlatform { api_url, account_id, .. } = &self.running;
        let url = format!(
            "{api_url}/accounts/{account_id}/workers/dispatch/namespaces/{NAMESPACE}/scripts/customer-a-{number}"
        );
        let metadata =
            json!({ "main_module": "index.js", "compatibility_date": "2026-06-01", "tags": ["tenant:customer-a"] });
        let source = format!("{}\n// {number} {}", answering(&number.to_string()), "x".repeat(200_000));
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n--b\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\nContent-Type: application/javascript+module\r\n\r\n{source}\r\n--b--\r\n"
        );
        let headers = [("authorization", &*self.bearer), ("content-type", "multipart/form-data; boundary=b")];
        let answer = send(Method::PUT, &url, &headers, body).await;
        let message = answer.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
        (answer.status, message)
    }

    async fn deliver(&self, number: u32) -> String {
        let headers = [("x-customer-id", "customer-a"), ("x-script-id", &*number.to_string())];
        send(Method::POST, &self.running.dispatcher_url, &headers, "").await.text()
    }
}

#[tokio::test]
async fn a_full_disk_is_named_and_everything_acknowledged_before_goes_on() {
    let mount_point = tempfile::tempdir().expect("a folder");
    let platform = OnASmallDisk::start(mount_point.path());
    std::fs::write(platform.folder.join("filler"), vec![0; 2 << 20]).expect("fits");
    let mut published = 0;
    let refusal = loop {
        match platform.upload(published).await {
            (200, _) => published += 1,
            (_, message) => break message,
        }
        assert!(published < 100, "5 MB hold no 20 MB");
    };
    assert!(published > 0, "it was not full from the start");
    assert!(refusal.contains("full") && refusal.contains("platform.sqlite"), "{refusal}");
    assert!(refusal.contains("Make room on that disk"), "{refusal}");
    for number in 0..published {
        assert_eq!(platform.deliver(number).await, number.to_string(), "what was acknowledged is live");
    }
    assert!(platform.deliver(published).await.contains("Worker not found"), "what was refused is not there");

    std::fs::remove_file(platform.folder.join("filler")).expect("there");
    assert_eq!(platform.upload(published).await, (200, String::new()), "with room it goes on, without a restart");
    for number in 0..=published {
        assert_eq!(platform.deliver(number).await, number.to_string());
    }
}

#[tokio::test]
async fn a_read_only_folder_is_named_and_stays_as_it_is() {
    let fixture = Fixture::start().await;
    fixture.publish("customer-a-notion", &answering("kept"), Value::Array(Vec::new())).await;
    let folder = fixture.stop().await;
    let script = r#"mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" "$1" "$3""#;
    let output = in_a_mount_namespace(script, folder.path()).output().expect("unshare is there");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let named = folder.path().to_str().expect("UTF-8");
    assert!(!output.status.success() && said.contains("ReadOnly") && said.contains(named), "{said}");
    let fixture = Fixture::start_in(folder).await.expect("starts");
    assert_eq!(fixture.deliver("customer-a", "notion", &[], "").await.text(), "kept");
    fixture.stop().await;
}
