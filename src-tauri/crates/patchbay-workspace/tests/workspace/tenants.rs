//! Tenants: single settings, the owner rule, and folders that are broken.

use super::{MANIFEST, open, tenant, with_adapter};
use patchbay_core::{Hints, IdError, Region};
use patchbay_testkit::TempWorkspace;
use patchbay_workspace::WorkspaceError;
use std::fs;
use std::os::unix::ffi::OsStrExt;

#[test]
fn setting_one_key_keeps_comments_and_unknown_keys_and_reports_them() {
    let folder = TempWorkspace::new();
    let text =
        "# The first customer.\nname = \"A\" # short\nregion = \"eu\"\ncontract = 7\n\n[retry]\nmax_dely_seconds = 5\n";
    folder.write("tenants/customer-a/tenant.toml", text);
    let workspace = open(&folder);
    let changes = [("region", "us"), ("retry.max_age_seconds", "21600"), ("egress", "api.notion.com, slack.com")];
    let written = workspace.set_tenant(&tenant("customer-a"), &changes).expect("changed");
    assert_eq!(written.settings.region, Region::new("us"));
    assert_eq!(written.settings.egress, ["api.notion.com", "slack.com"]);
    let path = folder.path().canonicalize().expect("there").join("tenants/customer-a/tenant.toml");
    let expected = "# The first customer.\nname = \"A\" # short\nregion = \"us\"\ncontract = 7\negress = [\"api.notion.com\", \"slack.com\"]\n\n\
                    [retry]\nmax_dely_seconds = 5\nmax_age_seconds = 21600.0\n";
    assert_eq!(folder.read("tenants/customer-a/tenant.toml"), expected);
    let warnings: Vec<String> = written.warnings.iter().map(ToString::to_string).collect();
    let shown = path.display();
    assert_eq!(
        warnings,
        [
            format!("{shown}:4:1: the key `contract` is not known"),
            format!(
                "{shown}:8:1: the key `retry.max_dely_seconds` is not known; did you mean `retry.max_delay_seconds`?"
            ),
        ]
    );
}

#[test]
fn a_setting_that_does_not_fit_changes_nothing() {
    let folder = TempWorkspace::new().with_tenant("customer-a");
    let workspace = open(&folder);
    let before = folder.read("tenants/customer-a/tenant.toml");
    for (key, value, message) in [
        ("regoin", "us", "`regoin` is not a setting"),
        ("region", "mars", "the region `mars` is not known"),
        ("egress", "https://api.notion.com/v1", "is not a host"),
        ("retry.jitter", "2", "`jitter` is 2"),
        ("retry.jitter", "much", "a number was expected"),
        ("retry.backoff_factor", "nan", "`backoff_factor` is NaN"),
        ("limits.cpu_ms", "-1", "a whole number was expected"),
        ("retry", "1", "`retry` is not a setting"),
        ("name", "", "a text was expected"),
    ] {
        let changes = [("name", "changed"), (key, value)];
        let error = workspace.set_tenant(&tenant("customer-a"), &changes).expect_err(key);
        assert!(error.to_string().contains(message), "{error} should contain {message}");
        assert!(matches!(error, WorkspaceError::InvalidSetting { .. }) || !error.hints().is_empty(), "{error:?}");
    }
    assert_eq!(folder.read("tenants/customer-a/tenant.toml"), before);
}

#[test]
fn a_tenant_that_would_own_anothers_scripts_is_refused() {
    let folder = TempWorkspace::new().with_tenant("acme");
    let workspace = open(&folder);
    let settings = workspace.tenant(&tenant("acme")).expect("valid").settings;
    let error = workspace.add_tenant(&tenant("acme-eu"), &settings).expect_err("owns acme's scripts");
    assert!(matches!(error, WorkspaceError::Id(IdError::OwnsAnother { .. })), "{error:?}");
    let error = workspace.add_tenant(&tenant("acme"), &settings).expect_err("there already");
    assert!(matches!(error, WorkspaceError::TenantExists { .. }), "{error:?}");
    let added = workspace.add_tenant(&tenant("other"), &settings).expect("added");
    assert_eq!(added.settings, settings);
    // A folder that was made by hand is seen as well, from both sides.
    folder.write("tenants/acme-eu/tenant.toml", "name = \"X\"\nregion = \"eu\"\n");
    let listed = workspace.tenants().expect("listed");
    let broken: Vec<&str> =
        listed.iter().filter(|entry| entry.tenant.is_err()).map(|entry| entry.folder.as_str()).collect();
    assert_eq!(broken, ["acme", "acme-eu"]);
}

#[test]
fn broken_files_break_only_what_they_belong_to() {
    let (folder, workspace) = with_adapter();
    folder.write("tenants/Bad Name/tenant.toml", "");
    folder.write("tenants/broken/tenant.toml", "name = \"A\nregion = 1");
    folder.write("tenants/empty/readme.md", "");
    folder.write("tenants/broken/adapters/fine/adapter.toml", MANIFEST);
    folder.write("tenants/customer-a/adapters/torn/adapter.toml", "entry = \"src/adapter.ts\"\n");
    folder.write("tenants/customer-a/adapters/.new-x/adapter.toml", "unfinished");
    let not_utf8 = folder.join("tenants").join(std::ffi::OsStr::from_bytes(b"not-\xff-utf8"));
    fs::create_dir(not_utf8).expect("writable");

    let listed = workspace.tenants().expect("listed");
    let fine: Vec<&str> =
        listed.iter().filter(|entry| entry.tenant.is_ok()).map(|entry| entry.folder.as_str()).collect();
    assert_eq!(fine, ["customer-a"]);
    assert_eq!(listed.len(), 5);
    let problem = listed.iter().find(|entry| entry.folder == "broken").expect("listed");
    let error = problem.tenant.as_ref().expect_err("broken");
    assert!(error.to_string().contains("broken/tenant.toml:1:"), "{error}");
    assert!(!error.hints().is_empty());

    let adapters = workspace.adapters(&tenant("customer-a")).expect("listed");
    let folders: Vec<(&str, bool)> =
        adapters.iter().map(|entry| (entry.folder.as_str(), entry.adapter.is_ok())).collect();
    assert_eq!(folders, [("slack", true), ("torn", false)]);
    let error = adapters[1].adapter.as_ref().expect_err("torn");
    assert!(error.to_string().contains("missing field `compatibility_date`"), "{error}");
    assert_eq!(error.hints(), ["Add `compatibility_date = \"2026-11-01\"` to adapter.toml"]);
    assert!(workspace.adapters(&tenant("broken")).expect("listed")[0].adapter.is_ok());
}
