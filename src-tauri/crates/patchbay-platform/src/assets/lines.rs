//! What the files `_headers` and `_redirects` have in common: lines, comments, paths.

use url::Url;

/// Longest line, in characters.
const LONGEST_LINE: usize = 2000;

/// Numbered lines that say something.
pub(super) fn meaningful(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).map(|(number, line)| (number, line.trim())).filter(|(_, line)| {
        let is_comment = line.starts_with('#');
        !line.is_empty() && !is_comment
    })
}

/// Refuses a line that is too long.
pub(super) fn check_length(number: usize, line: &str) -> Result<(), String> {
    if line.chars().count() > LONGEST_LINE {
        return Err(format!("Line {number}: the line is longer than {LONGEST_LINE} characters."));
    }
    Ok(())
}

/// Where a rule applies or leads to.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    /// Whether `https://host/path` is understood beside `/path`.
    pub(super) absolute: bool,
    /// Whether a host may have a port.
    pub(super) port: bool,
    /// Whether query and fragment stay.
    pub(super) suffix: bool,
}

/// A path or an `https` address in the form in which requests are compared with it.
pub(super) fn address(text: &str, wanted: Wanted) -> Result<String, String> {
    if let Some(rest) = text.strip_prefix("https://") {
        let rest = rest.trim_start_matches('/');
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !wanted.absolute {
            return Err(format!("only relative URLs are allowed, not `{text}`."));
        }
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        if host.is_empty() || (has_port && !wanted.port) {
            return Err(format!("ports are not supported in `{text}`."));
        }
        return Ok(format!("https://{host}{}", path_of(path, wanted.suffix)?));
    }
    if text.starts_with('/') || !wanted.absolute {
        return path_of(text, wanted.suffix);
    }
    Err("URLs should either be relative (e.g. begin with a forward-slash), or use HTTPS (e.g. begin with \"https://\").".into())
}

/// The path as a URL has it: percent-encoded, without `.` and `..`.
fn path_of(text: &str, suffix: bool) -> Result<String, String> {
    let text = format!("/{}", text.strip_prefix('/').unwrap_or(text));
    let mut url = Url::parse("https://host").map_err(|error| error.to_string())?;
    let (path, rest) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
    url.set_path(path);
    Ok(if suffix { format!("{}{rest}", url.path()) } else { url.path().to_owned() })
}

/// Whether a rule has a `*` or a `:name` in it, and so matches more than one path.
pub(super) fn is_dynamic(rule: &str) -> bool {
    rule.contains('*')
        || rule.match_indices(':').any(|(at, _)| rule[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic()))
}
