//! Who on this machine can read what the platform keeps.

use crate::support::Fixture;
use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o777
}

fn run_folder(fixture: &Fixture) -> PathBuf {
    fs::read_to_string(fixture.folder.path().join("run-folder")).expect("is noted").into()
}

#[tokio::test]
async fn folders_and_the_token_are_the_owners_alone() {
    let fixture = Fixture::start().await;
    assert_eq!(mode(fixture.platform.token_file()), 0o600);
    assert_eq!(mode(fixture.folder.path()), 0o700);
    let run_folder = run_folder(&fixture);
    assert_eq!(mode(&run_folder), 0o700, "who can enter it can connect to the sockets");
    let sockets = fs::read_dir(&run_folder).expect("reads").flatten();
    let sockets = sockets.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()));
    assert!(sockets.count() >= 3, "they are really in there");
}

#[tokio::test]
async fn wider_modes_are_narrowed_and_a_token_that_others_could_read_is_replaced() {
    let first = Fixture::start().await;
    let token = fs::read_to_string(first.platform.token_file()).expect("reads");
    let folder = first.stop().await;
    let kept = Fixture::start_in(folder).await.expect("starts");
    assert_eq!(fs::read_to_string(kept.platform.token_file()).expect("reads"), token, "a private token stays");
    let folder = kept.stop().await;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("sets");
    fs::set_permissions(folder.path().join("token"), Permissions::from_mode(0o644)).expect("sets");

    let again = Fixture::start_in(folder).await.expect("starts");
    assert_eq!(mode(again.folder.path()), 0o700);
    assert_eq!(mode(again.platform.token_file()), 0o600);
    let new = fs::read_to_string(again.platform.token_file()).expect("reads");
    assert_ne!(new, token, "somebody may have read it");
    let url = format!("{}/user/tokens/verify", again.platform.api_url());
    let status = async |token: &str| {
        let bearer = format!("Bearer {token}");
        crate::support::send(http::Method::GET, &url, &[("authorization", &bearer)], "").await.status
    };
    assert_eq!((status(&token).await, status(&new).await), (403, 200));
}
