//! Calls that may wait for a person.

use crate::error::SecretsError;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Runs a blocking call on a thread of its own and gives up on it after the deadline.
///
/// The thread of a call that never returns stays behind; a keychain offers no way to cancel. The call must therefore
/// hold nothing that others wait for.
pub(crate) fn within<T: Send + 'static>(
    deadline: Duration,
    call: impl FnOnce() -> Result<T, SecretsError> + Send + 'static,
) -> Result<T, SecretsError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(call());
    });
    receiver.recv_timeout(deadline).unwrap_or(Err(SecretsError::Timeout { seconds: deadline.as_secs() }))
}
