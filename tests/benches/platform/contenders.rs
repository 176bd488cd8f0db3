//! The same adapter served by others: the runtime alone, miniflare, `wrangler dev`.

use patchbay_testkit::workerd_path;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The adapter that everybody serves.
pub const ADAPTER: &str = "export default {\n  async fetch(request) {\n    const { text } = await request.json();\n    return Response.json({ ok: true, text });\n  },\n};\n";
/// What everybody is sent, and what they must answer.
pub const BODY: &str = "{\"text\":\"hello\"}";
pub const ANSWER: &[u8] = b"{\"ok\":true,\"text\":\"hello\"}";

/// Somebody who serves the adapter, until dropped.
pub struct Contender {
    child: Child,
    pub url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Contender {
    fn drop(&mut self) {
        // Node programs start children of their own, which end with their process group.
        if let Ok(pid) = i32::try_from(self.child.id()).map(rustix::process::Pid::from_raw)
            && let Some(pid) = pid
        {
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// `workerd serve` with the adapter on a socket: the ceiling.
pub fn direct() -> Contender {
    let folder = folder_with_adapter();
    let port = free_port();
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "adapter", worker = (compatibilityDate = "2026-06-01", modules = [(name = "adapter.js", esModule = embed "adapter.js")]))],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "adapter")] );
"#
    );
    let contender = serve(folder, &config, format!("http://127.0.0.1:{port}/"));
    wait_for(port);
    contender
}

/// A worker that passes every request on to the adapter in a process of its own, over a Unix socket: what isolation by
/// processes costs when nothing is decided, limited or observed.
pub fn two_processes() -> (Contender, Contender) {
    let adapter = folder_with_adapter();
    let socket = adapter.path().join("adapter");
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "adapter", worker = (compatibilityDate = "2026-06-01", modules = [(name = "adapter.js", esModule = embed "adapter.js")]))],
  sockets = [(name = "http", address = "unix:{}", http = (style = proxy), service = "adapter")] );
"#,
        socket.display()
    );
    let behind = serve(adapter, &config, String::new());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let config = format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "front", worker = (compatibilityDate = "2026-06-01", bindings = [(name = "ADAPTER", service = "adapter")],
      modules = [(name = "front.js", esModule = "export default {{ fetch(request, env) {{ return env.ADAPTER.fetch(request); }} }};")])),
    (name = "adapter", external = (address = "unix:{}", http = (style = proxy)))],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "front")] );
"#,
        socket.display()
    );
    let front = serve(folder, &config, format!("http://127.0.0.1:{port}/"));
    wait_for(port);
    (front, behind)
}

/// The runtime with a config that lies in a folder.
fn serve(folder: tempfile::TempDir, config: &str, url: String) -> Contender {
    std::fs::write(folder.path().join("config.capnp"), config).expect("writable");
    let mut command = Command::new(workerd_path());
    command.args(["serve", "config.capnp"]).current_dir(folder.path());
    Contender { child: spawn(command.stdout(Stdio::null())), url, _folder: folder }
}

/// A worker with a static service binding to the adapter, in miniflare.
pub fn miniflare() -> Contender {
    let folder = folder_with_adapter();
    let mut command = node();
    command.arg(tests_folder().join("benches/platform/miniflare.mjs")).arg(folder.path().join("adapter.js"));
    let mut child = spawn(command.stdout(Stdio::piped()));
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("readable");
    assert!(line.starts_with("http://"), "miniflare says where it listens");
    Contender { child, url: line.trim().to_owned(), _folder: folder }
}

/// `wrangler dev` with the adapter. Its address answers some time later.
pub fn wrangler_dev() -> Contender {
    let folder = folder_with_adapter();
    let port = free_port();
    let mut command = wrangler(folder.path());
    command.args(["dev", "adapter.js", "--name", "adapter", "--compatibility-date", "2026-06-01"]);
    command.args(["--ip", "127.0.0.1", "--port", &port.to_string(), "--inspector-port", &free_port().to_string()]);
    let child = spawn(command.stdout(Stdio::null()).stderr(Stdio::null()));
    Contender { child, url: format!("http://127.0.0.1:{port}/"), _folder: folder }
}

/// `wrangler` without its calls home, with a home of its own.
pub fn wrangler(home: &Path) -> Command {
    let mut command = node();
    command.arg(package("wrangler").join("bin/wrangler.js")).current_dir(home);
    command.env("HOME", home).env("XDG_CONFIG_HOME", home).env("CI", "true");
    command.env("WRANGLER_SEND_METRICS", "false").env("WRANGLER_HIDE_BANNER", "true");
    command.stdin(Stdio::null());
    command
}

pub fn folder_with_adapter() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("adapter.js"), ADAPTER).expect("writable");
    folder
}

fn spawn(command: &mut Command) -> Child {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0).spawn().expect("the program starts")
}

/// The Node that an npm package brings, because wrangler wants a newer one than some systems have.
fn node() -> Command {
    let platform = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    Command::new(package(&format!("node-linux-{platform}")).join("bin/node"))
}

fn tests_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn package(name: &str) -> PathBuf {
    let places = [tests_folder().join("node_modules"), tests_folder().join("../node_modules")];
    places
        .into_iter()
        .map(|place| place.join(name))
        .find(|place| place.is_dir())
        .unwrap_or_else(|| panic!("hint: run `make setup-tests`, which installs the npm package {name}"))
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
    listener.local_addr().expect("it is bound").port()
}

fn wait_for(port: u16) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "nobody listens on port {port}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
