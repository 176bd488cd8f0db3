//! Keeps secrets in this session's keychain: `secrets DATA_FOLDER WORKSPACE_ID COMMAND [TENANT [NAME]]`.
//!
//! Commands: `probe`, `set` and `check` (value on standard input), `list`, `delete`, `shred`, `sealing`. The tests run it
//! in sessions of their own, because a process has one session bus for life.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]

use patchbay_core::{Hints, IdError, Secret, TenantId};
use patchbay_secrets::{KeychainStore, SecretName, SecretStore, SecretsError};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
enum ExampleError {
    #[error("Usage: secrets DATA_FOLDER WORKSPACE_ID COMMAND [TENANT [NAME]]")]
    Usage,
    #[error(transparent)]
    Id(#[from] IdError),
    #[error(transparent)]
    Uuid(#[from] uuid::Error),
    #[error(transparent)]
    Input(#[from] std::io::Error),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}\ndetails: {error:?}");
            if let ExampleError::Secrets(error) = &error {
                error.hints().iter().for_each(|hint| eprintln!("hint: {hint}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), ExampleError> {
    let [folder, workspace, command, names @ ..] = arguments else { return Err(ExampleError::Usage) };
    let store = KeychainStore::new(Path::new(folder), workspace.parse()?).with_deadline(Duration::from_millis(1500));
    let tenant = || names.first().ok_or(ExampleError::Usage).and_then(|id| Ok(TenantId::new(id)?));
    let name = || names.get(1).ok_or(ExampleError::Usage).and_then(|name| Ok(name.parse::<SecretName>()?));
    match command.as_str() {
        "probe" => store.probe()?,
        "set" => println!("{}", store.set(&tenant()?, &name()?, &value()?)?.fingerprint),
        "check" => {
            let expected = value()?;
            let same = store.get(&tenant()?, &name()?)?.map(|kept| kept == expected);
            println!("{}", same.map_or("not set", |same| if same { "same" } else { "different" }));
        }
        "list" => store
            .list(&tenant()?)?
            .iter()
            .for_each(|secret| println!("{} {} {}", secret.name, secret.changed_at, secret.fingerprint)),
        "delete" => println!("{}", store.delete(&tenant()?, &name()?)?),
        "shred" => store.shred(&tenant()?)?,
        // A digest tells whether two processes got the same key.
        "sealing" => println!("{}", hex::encode(Sha256::digest(store.sealing_key("example")?.as_ref()))),
        _ => return Err(ExampleError::Usage),
    }
    Ok(())
}

fn value() -> Result<Secret, ExampleError> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(Secret::new(text))
}
