//! Paths that come from outside: from a person, an archive, a request.

use crate::error::WorkspaceError;
use std::path::{Component, Path, PathBuf};

/// Checks a path that must stay inside a folder: relative, `/` between parts, no `.` and `..`, nothing hidden.
pub(crate) fn check_relative(path: &str) -> Result<(), WorkspaceError> {
    let refused = |reason| {
        Err(WorkspaceError::PathRefused {
            path: path.chars().take(120).collect::<String>().escape_debug().to_string(),
            reason,
        })
    };
    if path.is_empty() {
        return refused("it is empty");
    }
    if path.len() > 512 {
        return refused("it is longer than 512 bytes");
    }
    if path.chars().any(char::is_control) {
        return refused("it has control characters");
    }
    if path.contains('\\') || path.contains(':') {
        return refused("`\\` and `:` mean something else on other systems");
    }
    if path.starts_with('/') {
        return refused("it is absolute");
    }
    for part in path.split('/') {
        match part {
            "" => return refused("a part of it is empty"),
            "." | ".." => return refused("it has a part `.` or `..`"),
            part if part.starts_with('.') => return refused("a part of it begins with a dot"),
            part if part.len() > 255 => return refused("a part of it is longer than 255 bytes"),
            _ => {}
        }
    }
    Ok(())
}

/// Checks a name that becomes one file name.
pub(crate) fn check_name(name: &str) -> Result<(), WorkspaceError> {
    check_relative(name)?;
    if name.contains('/') {
        let path = name.chars().take(120).collect();
        return Err(WorkspaceError::PathRefused { path, reason: "a name has no `/`" });
    }
    Ok(())
}

/// The place of a checked relative path in a folder, with links resolved as far as it exists. A link that leads out of
/// the folder is refused.
pub(crate) fn inside(folder: &Path, relative: &str) -> Result<PathBuf, WorkspaceError> {
    check_relative(relative)?;
    let root = canonical(folder)?;
    let mut place = root.clone();
    for component in Path::new(relative).components() {
        let Component::Normal(part) = component else { unreachable!("checked above") };
        place.push(part);
        // A link to nowhere has no canonical form, yet a write would follow it.
        if place.is_symlink() || place.exists() {
            place = place.canonicalize().unwrap_or(place);
            if place.is_symlink() || !place.starts_with(&root) {
                let path = relative.to_owned();
                return Err(WorkspaceError::PathRefused { path, reason: "a link on it leads out of the folder" });
            }
        }
    }
    Ok(place)
}

pub(crate) fn canonical(path: &Path) -> Result<PathBuf, WorkspaceError> {
    path.canonicalize().map_err(|error| WorkspaceError::of_file("read", path, error))
}

#[cfg(test)]
mod tests {
    use super::{check_relative, inside};
    use std::os::unix::fs::symlink;

    #[test]
    fn paths_that_leave_the_folder_are_refused() {
        for good in ["src/adapter.ts", "a", "src/größe/x.js", "src/a b.js"] {
            check_relative(good).expect(good);
        }
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "src/../../x",
            "src//x",
            "./x",
            "src/.",
            "a\0b",
            "a\nb",
            "..\\x",
            "C:x",
            ".git/x",
        ] {
            assert!(check_relative(bad).is_err(), "`{}` should be refused", bad.escape_debug());
        }
    }

    #[test]
    fn links_may_stay_inside_but_not_lead_out() {
        let outer = tempfile::tempdir().expect("temp folder");
        let folder = outer.path().join("adapter");
        std::fs::create_dir_all(folder.join("src")).expect("writable");
        std::fs::write(folder.join("src/a.ts"), "").expect("writable");
        symlink("a.ts", folder.join("src/alias.ts")).expect("writable");
        symlink(outer.path(), folder.join("src/up")).expect("writable");
        symlink("/nowhere/at/all", folder.join("src/dangling")).expect("writable");
        assert!(inside(&folder, "src/alias.ts").expect("inside").ends_with("src/a.ts"));
        assert!(inside(&folder, "src/new/deep.ts").expect("not there yet").ends_with("src/new/deep.ts"));
        for bad in ["src/up", "src/up/x.ts", "src/dangling"] {
            assert!(inside(&folder, bad).is_err(), "`{bad}` should be refused");
        }
    }
}
