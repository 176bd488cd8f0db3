//! The two things that can be said on the command line. The CLI has the rest.

use std::ffi::OsString;
use std::path::PathBuf;

/// What may be written after the program's name.
pub const USAGE: &str = "patchbay-desktop [--workspace DIR | --demo]";

/// Parsed command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// What the window opens with.
    pub start: Start,
}

/// What the window opens with.
#[derive(Debug, PartialEq, Eq)]
pub enum Start {
    /// The first-run screen.
    Empty,
    /// This workspace.
    Workspace(PathBuf),
    /// The demo workspace.
    Demo,
}

/// A command line that cannot be understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// `--workspace` at the end.
    #[error("`--workspace` needs a folder after it")]
    FolderMissing,
    /// Something else.
    #[error("`{0}` is not an argument of this program")]
    Unknown(String),
}

impl Arguments {
    /// Reads the words after the program's name. Of several starts the last one counts.
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Self, UsageError> {
        let mut words = words.into_iter();
        let mut start = Start::Empty;
        while let Some(word) = words.next() {
            start = match word.to_str() {
                Some("--demo") => Start::Demo,
                Some("--workspace") => Start::Workspace(words.next().ok_or(UsageError::FolderMissing)?.into()),
                _ => return Err(UsageError::Unknown(word.to_string_lossy().into_owned())),
            };
        }
        Ok(Self { start })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Start, UsageError> {
        Arguments::parse(words.iter().map(OsString::from)).map(|arguments| arguments.start)
    }

    #[test]
    fn nothing_opens_the_first_run_screen() {
        assert_eq!(parse(&[]), Ok(Start::Empty));
    }

    #[test]
    fn workspace_takes_a_folder() {
        assert_eq!(parse(&["--workspace", "/srv/hooks"]), Ok(Start::Workspace("/srv/hooks".into())));
        assert_eq!(parse(&["--workspace"]), Err(UsageError::FolderMissing));
    }

    #[test]
    fn demo_opens_the_demo_workspace() {
        assert_eq!(parse(&["--demo"]), Ok(Start::Demo));
    }

    #[test]
    fn anything_else_is_named_and_refused() {
        assert_eq!(parse(&["--verbose"]), Err(UsageError::Unknown("--verbose".into())));
    }
}
