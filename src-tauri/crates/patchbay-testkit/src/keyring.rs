//! A session bus and a gnome-keyring of the test's own.
//!
//! The daemons stay in the test's process group, so a test runner that kills the test kills them too.

use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, connection};
use zbus::names::BusName;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

const SECRETS: &str = "org.freedesktop.secrets";
const SECRETS_PATH: &str = "/org/freedesktop/secrets";
const SECRETS_INTERFACE: &str = "org.freedesktop.Secret.Service";

/// A private session bus that starts nothing by itself: whoever asks for a secret service on it is told there is none.
#[derive(Debug)]
pub struct BusSession {
    daemon: Child,
    address: String,
    folder: TempDir,
}

impl BusSession {
    /// Starts `dbus-daemon` on a socket in a temp folder. Returns when the bus accepts connections.
    pub fn start() -> Self {
        // The folder stands directly under /tmp because a socket path may have 107 bytes only.
        let folder = tempfile::Builder::new().prefix("pb-bus-").tempdir_in("/tmp").expect("/tmp is writable");
        for part in ["data", "run"] {
            fs::create_dir(folder.path().join(part)).expect("the temp folder is writable");
        }
        fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700)).expect("own folder");
        let config = folder.path().join("bus.conf");
        fs::write(&config, bus_config(&folder.path().join("bus"))).expect("the temp folder is writable");
        let said = folder.path().join("bus.log");
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", config.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A file, because a write to a closed pipe would end the daemon.
            .stderr(fs::File::create(&said).expect("the temp folder is writable"))
            .spawn()
            .unwrap_or_else(|error| panic!("`dbus-daemon` should start ({error}): install the package dbus-daemon"));
        let mut address = String::new();
        let stdout = daemon.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut address).expect("the pipe is readable");
        assert!(!address.is_empty(), "dbus-daemon ended at start: {}", fs::read_to_string(&said).unwrap_or_default());
        Self { daemon, address: address.trim().to_owned(), folder }
    }

    /// `unix:path=…`, the value of `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Environment for programs that are to use this bus, and folders of its own in place of the person's.
    pub fn env(&self) -> Vec<(String, String)> {
        let folder = |name: &str| self.folder.path().join(name).display().to_string();
        vec![
            ("DBUS_SESSION_BUS_ADDRESS".into(), self.address.clone()),
            ("XDG_DATA_HOME".into(), folder("data")),
            ("XDG_RUNTIME_DIR".into(), folder("run")),
        ]
    }

    /// The bus's own data folder (`XDG_DATA_HOME`), where a keyring keeps its files.
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn connect(&self) -> Connection {
        connection::Builder::address(self.address.as_str())
            .and_then(connection::Builder::build)
            .expect("the private bus accepts connections")
    }
}

impl Drop for BusSession {
    fn drop(&mut self) {
        end(&mut self.daemon);
    }
}

/// gnome-keyring on a private session bus, with its own data folder.
#[derive(Debug)]
pub struct KeyringSession {
    daemon: Child,
    bus: BusSession,
}

impl KeyringSession {
    /// Starts both with the login keyring unlocked. Returns when the secret service answers.
    pub fn start() -> Self {
        let session = Self::start_daemon(true);
        let default = session.default_collection();
        assert_ne!(default.as_str(), "/", "an unlocked gnome-keyring has a default collection");
        session
    }

    /// Starts both as on a machine where nobody has logged in: there is a service, but no keyring that is open.
    pub fn start_never_unlocked() -> Self {
        Self::start_daemon(false)
    }

    fn start_daemon(unlocked: bool) -> Self {
        let bus = BusSession::start();
        let connection = bus.connect();
        let proxy = DBusProxy::new(&connection).expect("the bus answers");
        // Listening starts before the daemon does, so its arrival on the bus cannot be missed.
        let arrivals = proxy.receive_name_owner_changed_with_args(&[(0, SECRETS)]).expect("the bus sends signals");
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if unlocked {
            command.arg("--unlock");
        }
        let mut daemon = command
            .arg("--control-directory")
            .arg(bus.folder.path().join("run"))
            .envs(bus.env())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("`gnome-keyring-daemon` should start ({error}): install the package gnome-keyring")
            });
        // The password of a keyring that lives as long as the test.
        daemon.stdin.take().expect("stdin is piped").write_all(b"test").expect("the daemon reads its password");
        let arrived = arrivals.into_iter().any(|signal| signal.args().is_ok_and(|args| args.new_owner().is_some()));
        assert!(arrived, "the bus closed before gnome-keyring came up");
        Self { daemon, bus }
    }

    /// Environment for programs that are to use this keyring.
    pub fn env(&self) -> Vec<(String, String)> {
        self.bus.env()
    }

    /// The folder in which the keyring keeps its files.
    pub fn data_folder(&self) -> PathBuf {
        self.bus.data_folder()
    }

    /// Locks the login keyring, as a desktop does when the person locks it by hand.
    pub fn lock(&self) {
        let default = self.default_collection();
        let locked: (Vec<OwnedObjectPath>, OwnedObjectPath) = self.ask("Lock", &(vec![default.as_ref()],));
        assert_eq!(locked.0, [default], "gnome-keyring locks without a prompt");
    }

    /// Stops the daemon without ending it, so that calls to it wait for an answer as they do behind a prompt that
    /// nobody sees.
    pub fn freeze(&self) {
        kill_process(Pid::from_child(&self.daemon), Signal::STOP).expect("own child");
    }

    /// Lets a frozen daemon run on.
    pub fn thaw(&self) {
        kill_process(Pid::from_child(&self.daemon), Signal::CONT).expect("own child");
    }

    fn default_collection(&self) -> OwnedObjectPath {
        self.ask("ReadAlias", &("default",))
    }

    fn ask<B, A>(&self, method: &str, body: &B) -> A
    where
        B: zbus::export::serde::Serialize + zbus::zvariant::DynamicType,
        A: for<'d> zbus::export::serde::Deserialize<'d> + zbus::zvariant::Type,
    {
        let name = BusName::try_from(SECRETS).expect("a valid name");
        let path = ObjectPath::try_from(SECRETS_PATH).expect("a valid path");
        self.bus
            .connect()
            .call_method(Some(name), path, Some(SECRETS_INTERFACE), method, body)
            .unwrap_or_else(|error| panic!("gnome-keyring should answer `{method}`: {error}"))
            .body()
            .deserialize()
            .expect("the answer has the shape of the Secret Service specification")
    }
}

impl Drop for KeyringSession {
    fn drop(&mut self) {
        end(&mut self.daemon);
    }
}

fn end(daemon: &mut Child) {
    // Both fail only where the daemon has ended by itself.
    let _ = daemon.kill();
    let _ = daemon.wait();
}

/// A session bus without service folders, so nothing on the machine is ever started by it.
fn bus_config(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}

#[cfg(test)]
mod tests {
    use super::{BusSession, KeyringSession};
    use crate::process::{CommandRun, Exit};
    use std::path::Path;

    fn secret_tool(env: Vec<(String, String)>, arguments: &[&str], stdin: &str) -> crate::CommandResult {
        CommandRun::new("secret-tool").args(arguments).envs(env).stdin(stdin).run()
    }

    #[test]
    fn an_unlocked_keyring_keeps_a_secret_and_dies_with_the_session() {
        let session = KeyringSession::start();
        secret_tool(session.env(), &["store", "--label=x", "kind", "test"], "kept").success();
        assert_eq!(secret_tool(session.env(), &["lookup", "kind", "test"], "").success().stdout, "kept");
        let processes = [session.daemon.id(), session.bus.daemon.id()];
        drop(session);
        for process in processes {
            assert!(!Path::new(&format!("/proc/{process}")).exists(), "process {process} should be gone");
        }
    }

    #[test]
    fn two_sessions_do_not_see_each_other() {
        let (one, other) = (KeyringSession::start(), KeyringSession::start());
        secret_tool(one.env(), &["store", "--label=x", "kind", "test"], "kept").success();
        assert_eq!(secret_tool(other.env(), &["lookup", "kind", "test"], "").exit, Exit::Code(1));
    }

    #[test]
    fn a_bus_alone_offers_no_secret_service() {
        let bus = BusSession::start();
        let result = secret_tool(bus.env(), &["store", "--label=x", "kind", "test"], "kept");
        result.code(1);
        assert!(result.stderr.contains("not provided"), "{result}");
    }
}
