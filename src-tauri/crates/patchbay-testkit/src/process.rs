//! Runs a program to its end, or to a deadline, and keeps everything it said.

use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It ended by itself with this code.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
    /// It was still running at the deadline, and its process group was killed.
    TimedOut,
}

/// A program to run.
#[derive(Debug)]
pub struct CommandRun {
    command: Command,
    stdin: Vec<u8>,
    timeout: Duration,
}

/// What a program did.
#[derive(Debug, Clone)]
pub struct CommandResult {
    /// How it ended.
    pub exit: Exit,
    /// Standard output; bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Standard error; bytes that are not UTF-8 are replaced.
    pub stderr: String,
    /// From start to end.
    pub duration: Duration,
}

impl CommandRun {
    /// A program with empty standard input and a deadline of 60 seconds.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program), stdin: Vec::new(), timeout: Duration::from_mins(1) }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets one environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets environment variables, for example those of a keyring session.
    #[must_use]
    pub fn envs(mut self, variables: impl IntoIterator<Item = (impl AsRef<OsStr>, impl AsRef<OsStr>)>) -> Self {
        self.command.envs(variables);
        self
    }

    /// Takes an environment variable away.
    #[must_use]
    pub fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Working folder.
    #[must_use]
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What the program reads from standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Deadline after which the program and everything in its process group is killed.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs it.
    pub fn run(mut self) -> CommandResult {
        let started = Instant::now();
        let shown: OsString = self.command.get_program().to_owned();
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child =
            self.command.spawn().unwrap_or_else(|error| panic!("`{}` should start: {error}", shown.to_string_lossy()));
        let group = Pid::from_child(&child);
        let mut input = child.stdin.take().expect("stdin is piped");
        let bytes = std::mem::take(&mut self.stdin);
        thread::spawn(move || {
            // A program that ends without reading its input is not an error of the test.
            let _ = input.write_all(&bytes);
        });
        let stdout = collect(child.stdout.take().expect("stdout is piped"));
        let stderr = collect(child.stderr.take().expect("stderr is piped"));
        let ended = wait(child);
        let mut exit = ended.recv_timeout(self.timeout).unwrap_or_else(|_| {
            let _ = kill_process_group(group, Signal::KILL);
            Exit::TimedOut
        });
        // A child of the child may hold the pipes open after the program itself has ended.
        let left = self.timeout.saturating_sub(started.elapsed()).max(Duration::from_secs(1));
        let (stdout, stderr) = match (stdout.recv_timeout(left), stderr.recv_timeout(left)) {
            (Ok(stdout), Ok(stderr)) => (stdout, stderr),
            (stdout, stderr) => {
                let _ = kill_process_group(group, Signal::KILL);
                exit = Exit::TimedOut;
                (stdout.unwrap_or_default(), stderr.unwrap_or_default())
            }
        };
        CommandResult { exit, stdout: lossy(&stdout), stderr: lossy(&stderr), duration: started.elapsed() }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before a broken pipe is still worth showing.
        let _ = pipe.read_to_end(&mut bytes);
        let _ = sender.send(bytes);
    });
    receiver
}

fn wait(mut child: Child) -> Receiver<Exit> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let status = child.wait().expect("a spawned child can be waited for");
        let exit = match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => unreachable!("a program ends by a code or by a signal"),
        };
        let _ = sender.send(exit);
    });
    receiver
}

impl CommandResult {
    /// Panics with everything the program said unless it ended with 0.
    pub fn success(&self) -> &Self {
        self.code(0)
    }

    /// Panics with everything the program said unless it ended with this code.
    pub fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.exit, Exit::Code(expected), "the program should end with {expected}\n{self}");
        self
    }
}

impl fmt::Display for CommandResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:?} after {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.exit, self.duration, self.stdout, self.stderr
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{CommandRun, Exit};
    use std::time::{Duration, Instant};

    #[test]
    fn output_and_exit_code_are_kept_apart() {
        let result = CommandRun::new("sh").args(["-c", "cat; echo warning >&2; exit 3"]).stdin("data").run();
        assert_eq!(result.exit, Exit::Code(3));
        assert_eq!((result.stdout.as_str(), result.stderr.as_str()), ("data", "warning\n"));
    }

    #[test]
    fn a_deadline_ends_the_whole_process_group() {
        let result =
            CommandRun::new("sh").args(["-c", "sleep 600 & echo $!; wait"]).timeout(Duration::from_millis(300)).run();
        assert_eq!(result.exit, Exit::TimedOut);
        let status = format!("/proc/{}/stat", result.stdout.trim());
        // Without a reaper the killed process may stay as a zombie.
        let is_dead = || std::fs::read_to_string(&status).map_or(true, |status| status.contains(") Z "));
        let deadline = Instant::now() + Duration::from_secs(10);
        while !is_dead() {
            assert!(Instant::now() < deadline, "the kill should reach the grandchild too");
            std::thread::yield_now();
        }
    }
}
