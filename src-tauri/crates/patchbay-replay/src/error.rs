//! What can go wrong with a replay, apart from what the adapter does: that is in the trace.

use patchbay_core::Hints;
use patchbay_database::DatabaseError;
use std::path::PathBuf;

/// Why there is no trace, or why it could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A URL that cannot be called.
    #[error("`{given}` is not an `http` or `https` URL")]
    Url {
        /// What was given.
        given: String,
    },
    /// The HTTP client could not be set up.
    #[error("Failed to set up the HTTP client")]
    Setup {
        /// What the library reports.
        #[source]
        source: reqwest::Error,
    },
    /// A header of the sample that cannot be sent.
    #[error("The header `{name}` of the sample cannot be sent")]
    Header {
        /// The header's name.
        name: String,
    },
    /// A method that is none.
    #[error("`{given}` is not an HTTP method")]
    Method {
        /// What was given.
        given: String,
    },
    /// Nobody answers at the dispatcher's address.
    #[error("Failed to connect to the dispatcher at `{url}`")]
    DispatcherUnreachable {
        /// The URL.
        url: String,
        /// What the library reports, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// The platform could not be asked.
    #[error("Failed to {operation}: the platform at `{url}` does not answer")]
    PlatformUnreachable {
        /// What was asked.
        operation: &'static str,
        /// The URL.
        url: String,
        /// What the library reports, without the URL.
        #[source]
        source: reqwest::Error,
    },
    /// The platform said no.
    #[error("Failed to {operation}: {message} (status {status})")]
    PlatformRefused {
        /// What was asked.
        operation: &'static str,
        /// HTTP status.
        status: u16,
        /// The number that Cloudflare gives to this kind of refusal, where it has one.
        code: Option<u32>,
        /// The platform's words.
        message: String,
    },
    /// The platform answered something else than the operation's answer.
    #[error("Failed to {operation}: the platform's answer could not be read")]
    PlatformAnswer {
        /// What was asked.
        operation: &'static str,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// A line of the tail that does not end.
    #[error("A line of the tail is longer than {limit} bytes")]
    TailLine {
        /// Bytes allowed.
        limit: usize,
    },
    /// The history's folder or file could not be made.
    #[error("Failed to open the history `{}`", path.display())]
    HistoryFile {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        #[source]
        source: std::io::Error,
    },
    /// The history could not be read or written.
    #[error("Failed to {operation} the history")]
    History {
        /// `open`, `read` or `write`.
        operation: &'static str,
        /// What `SQLite` reports.
        #[source]
        source: rusqlite::Error,
    },
    /// The history cannot be opened: damaged, missing, of a newer Patchbay, …
    #[error(transparent)]
    HistoryDatabase(#[from] DatabaseError),
    /// A time that is none.
    #[error("`{given}` is not a time")]
    Moment {
        /// What was given.
        given: String,
    },
    /// A status to look for that is none.
    #[error("`{given}` is not a status to look for")]
    StatusFilter {
        /// What was given.
        given: String,
    },
    /// A text to look for that has no word.
    #[error("`{given}` has neither a letter nor a digit")]
    NoWords {
        /// What was given.
        given: String,
    },
    /// A beginning of a word that nearly every delivery has.
    #[error("`{given}` is too short")]
    ShortStart {
        /// What was given.
        given: String,
    },
    /// No delivery of that id is kept.
    #[error("There is no delivery `{delivery}`")]
    UnknownDelivery {
        /// What was given.
        delivery: String,
    },
    /// The output of an export cannot be written.
    #[error("Failed to write the exported deliveries")]
    Export {
        /// What the system reports.
        #[source]
        source: std::io::Error,
    },
    /// The file of an export cannot be written.
    #[error("Failed to write `{}`", path.display())]
    ExportFile {
        /// The file.
        path: PathBuf,
        /// What the system reports.
        #[source]
        source: std::io::Error,
    },
    /// Another process reads the history for so long that its log cannot be emptied.
    #[error("The deliveries are removed, but their bytes are still in the history's log, which another process reads")]
    HistoryHeld,
    /// Stored bytes that are not what was stored.
    #[error("The stored delivery `{delivery}` could not be read")]
    StoredBytes {
        /// Delivery id.
        delivery: String,
        /// What does not fit.
        #[source]
        source: std::io::Error,
    },
    /// A stored trace that is not one.
    #[error("The stored delivery `{delivery}` could not be read")]
    StoredTrace {
        /// Delivery id.
        delivery: String,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
}

impl Hints for ReplayError {
    fn hints(&self) -> Vec<String> {
        let hint: &str = match self {
            Self::HistoryDatabase(error) => return error.hints(),
            Self::Url { .. } => "Write it as http://127.0.0.1:PORT or https://HOST",
            Self::Setup { .. } => "Check HTTP_PROXY, HTTPS_PROXY and the system's certificates",
            Self::Header { .. } => "Names take letters, digits and hyphens; values take no line breaks",
            Self::Method { .. } => "Use POST, as webhooks do",
            Self::DispatcherUnreachable { .. } | Self::PlatformUnreachable { .. } => {
                "Start the platform with `patchbay start`, or let the command start it"
            }
            Self::PlatformRefused { status: 401 | 403, .. } => {
                "The token of the running platform has changed; run the command again"
            }
            Self::PlatformRefused { .. } | Self::PlatformAnswer { .. } | Self::TailLine { .. } => {
                "Check that the running platform is of the same version: stop it and start it again"
            }
            Self::HistoryFile { .. } => "Check that the workspace's `.patchbay` folder can be written",
            Self::History { .. } => {
                "Check free space and permissions of `.patchbay`; deleting `history.sqlite` loses only past replays"
            }
            Self::StoredTrace { .. } | Self::StoredBytes { .. } => "Replay the sample again",
            Self::Moment { .. } => {
                "Write 10m, 2h or 3d for a time ago, a date as 2026-11-21, or a time as 2026-11-21T08:30:00Z"
            }
            Self::StatusFilter { .. } => {
                "Write a status such as 404, a class such as 4xx, `none` for no answer or `received` for not answered yet"
            }
            Self::NoWords { .. } => "Write a word, or the beginning of one with a `*` after it",
            Self::ShortStart { .. } => "Write at least three characters before the `*`",
            Self::UnknownDelivery { .. } => "`patchbay deliveries list` shows what is kept",
            Self::Export { .. } | Self::ExportFile { .. } => {
                "Check that the folder is there, can be written and has room"
            }
            Self::HistoryHeld => "Stop what else uses this workspace and purge again",
        };
        vec![hint.to_owned()]
    }
}
