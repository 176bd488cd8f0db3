//! What can go wrong with secrets, and what a person can do about it.

use patchbay_core::Hints;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// The cause below an error of the keychain.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why a secret could not be kept, read or removed. None of them contains a value.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// There is no D-Bus session bus, through which the keyring is reached on Linux.
    #[error("The keychain cannot be reached: this session has no D-Bus session bus")]
    NoSessionBus {
        /// What the connection said.
        #[source]
        source: Cause,
    },
    /// The session bus is there, but no program on it keeps secrets.
    #[error("The keychain cannot be reached: no program provides `org.freedesktop.secrets` on the session bus")]
    NoProvider {
        /// What the bus said.
        #[source]
        source: Cause,
    },
    /// The keychain is there and closed.
    #[error("The keychain is locked")]
    Locked {
        /// What the keychain said.
        #[source]
        source: keyring::Error,
    },
    /// The keychain did not answer.
    #[error("The keychain did not answer within {seconds} s")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The keychain failed for a reason of its own.
    #[error("The keychain could not {action}")]
    Keychain {
        /// What was asked of it.
        action: &'static str,
        /// What the keychain said.
        #[source]
        source: keyring::Error,
    },
    /// The entry in the keychain is not one of our keys.
    #[error("The keychain entry `{entry}` of service `patchbay` does not hold a key")]
    KeyUnreadable {
        /// The entry's user name.
        entry: String,
    },
    /// There is a vault, and no key for it.
    #[error("The key for {} is not in the keychain", path.display())]
    KeyMissing {
        /// The vault.
        path: PathBuf,
    },
    /// The key does not belong to this vault.
    #[error("The key in the keychain is not the one that {} was written with", path.display())]
    WrongKey {
        /// The vault.
        path: PathBuf,
    },
    /// The passphrase is not the one that was chosen first.
    #[error("The passphrase is not the one that {} was written with", path.display())]
    WrongPassphrase {
        /// The file with the wrapped keys.
        path: PathBuf,
    },
    /// A new passphrase is too short.
    #[error("The passphrase has {length} characters, at least {min} are needed")]
    PassphraseTooShort {
        /// Characters given.
        length: usize,
        /// Characters needed.
        min: usize,
    },
    /// The file was changed by something else, or is cut off.
    #[error("The vault {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: &'static str,
    },
    /// A later Patchbay wrote the file.
    #[error("The vault {} has format {version}, this Patchbay reads format {known}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format it has.
        version: u8,
        /// The format that is known here.
        known: u8,
    },
    /// No value was given.
    #[error("The value of `{name}` is empty")]
    EmptyValue {
        /// The secret's name.
        name: String,
    },
    /// The value would be refused at every publish.
    #[error("The value of `{name}` is {length} bytes long, a Worker may be given {max}")]
    ValueTooLong {
        /// The secret's name.
        name: String,
        /// Bytes given.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The text does not name a secret.
    #[error("`{given}` does not name a secret: {reason}")]
    InvalidName {
        /// What was given, cut to a printable length.
        given: String,
        /// Which part is wrong.
        reason: String,
    },
    /// A sealing key was asked for under a name that no file could have.
    #[error("`{purpose}` is not a purpose: use lower-case letters, digits and hyphens")]
    InvalidPurpose {
        /// What was given.
        purpose: String,
    },
    /// Another process has held the vault for longer than a write takes.
    #[error("Another Patchbay{} holds {}", holder.as_deref().map(|pid| format!(" (process {pid})")).unwrap_or_default(), path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// The process that wrote its id into it.
        holder: Option<String>,
    },
    /// The disk is full.
    #[error("The disk is full: {} could not be written", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file system takes no writes.
    #[error("{} is on a read-only file system", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file or folder belongs to somebody else.
    #[error("No permission to {action} {}", path.display())]
    Permission {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Any other trouble with a file.
    #[error("Could not {action} {}", path.display())]
    File {
        /// `read`, `write` or `remove`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system gave no random bytes for a key.
    #[error("The system gave no random bytes for a new key")]
    NoRandomness {
        /// What the system said.
        #[source]
        source: Cause,
    },
}

impl SecretsError {
    /// Whether this machine or session has no keychain that can be used, so that a passphrase may be offered.
    pub fn is_keychain_unavailable(&self) -> bool {
        match self {
            Self::NoSessionBus { .. }
            | Self::NoProvider { .. }
            | Self::Locked { .. }
            | Self::Timeout { .. }
            | Self::Keychain { .. } => true,
            Self::KeyUnreadable { .. }
            | Self::KeyMissing { .. }
            | Self::WrongKey { .. }
            | Self::WrongPassphrase { .. }
            | Self::PassphraseTooShort { .. }
            | Self::Damaged { .. }
            | Self::NewerFormat { .. }
            | Self::EmptyValue { .. }
            | Self::ValueTooLong { .. }
            | Self::InvalidName { .. }
            | Self::InvalidPurpose { .. }
            | Self::Busy { .. }
            | Self::DiskFull { .. }
            | Self::ReadOnly { .. }
            | Self::Permission { .. }
            | Self::File { .. }
            | Self::NoRandomness { .. } => false,
        }
    }

    /// Sorts a file error by what a person can do about it.
    pub(crate) fn of_file(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, source },
            io::ErrorKind::PermissionDenied => Self::Permission { action, path, source },
            _ => Self::File { action, path, source },
        }
    }
}

impl Hints for SecretsError {
    fn hints(&self) -> Vec<String> {
        let hints: &[&str] = match self {
            Self::NoSessionBus { .. } => &[
                "Log in to a desktop session, or run the command as `dbus-run-session -- …` with an unlocked keyring in it",
                "Without a desktop, a passphrase can protect the vault instead of the keychain; it has to be asked for",
            ],
            Self::NoProvider { .. } => &[
                "Install and start a keyring, for example `sudo apt-get install gnome-keyring`, then log in again",
                "Without a keyring, a passphrase can protect the vault instead; it has to be asked for",
            ],
            Self::Locked { .. } => &[
                "Unlock the login keyring (the application Passwords and Keys, or `gnome-keyring-daemon --unlock`) and try again",
            ],
            Self::Timeout { .. } => &[
                "A prompt of the keyring may be waiting for an answer, perhaps behind another window or on another screen",
                "If there is none, restart the keyring and then Patchbay",
            ],
            Self::Keychain { .. } => {
                &["Restart Patchbay if the keyring was restarted; `patchbay doctor` tests the keychain"]
            }
            Self::KeyUnreadable { .. } => &["Remove that entry in the keychain and set the secrets again"],
            Self::KeyMissing { .. } => &[
                "If the keychain was reset or the vault comes from another machine, its values cannot be read again",
                "Restore the keychain from a backup, or remove the vault file and set the secrets again",
            ],
            Self::WrongKey { .. } => &[
                "The vault or the keychain was copied from elsewhere; put the matching one back",
                "If that is not possible, remove the vault file and set the secrets again",
            ],
            Self::WrongPassphrase { .. } => &["Enter the passphrase that was chosen when the first secret was set"],
            Self::PassphraseTooShort { .. } => &["Choose several words, or let a password manager make one"],
            Self::Damaged { .. } => &["Restore the file from a backup, or remove it and set the secrets again"],
            Self::NewerFormat { .. } => &["Use the newer Patchbay that wrote it"],
            Self::EmptyValue { .. } => {
                &["Give the value on standard input or at the prompt; to remove a secret, delete it"]
            }
            Self::ValueTooLong { .. } => {
                &["Keep long material in the upstream's own store and set a token that reads it"]
            }
            Self::InvalidName { .. } => &["Write for example `slack-to-notion/NOTION_TOKEN`"],
            Self::Busy { .. } => &["Answer the keyring prompt of the other Patchbay, or end it, and try again"],
            Self::DiskFull { .. } => &["Free some space; nothing was changed"],
            Self::ReadOnly { .. } | Self::Permission { .. } => {
                &["Make the data folder writable for your user; nothing was changed"]
            }
            Self::InvalidPurpose { .. } | Self::File { .. } | Self::NoRandomness { .. } => &[],
        };
        hints.iter().map(|hint| (*hint).to_owned()).collect()
    }
}
