//! What the files `_headers` and `_redirects` have in common: lines, comments, paths.

use thiserror::Error;
use url::Url;

/// Longest line, in characters.
const LONGEST_LINE: usize = 2000;

/// What is wrong with a line. The messages continue `Line 3: `.
#[derive(Debug, Error)]
pub(super) enum LineError {
    #[error("the line is longer than {LONGEST_LINE} characters.")]
    TooLong,
    #[error("only relative URLs are allowed, not `{0}`.")]
    NotRelative(String),
    #[error("ports are not supported in `{0}`.")]
    Port(String),
    #[error(
        "URLs should either be relative (e.g. begin with a forward-slash), or use HTTPS (e.g. begin with \"https://\")."
    )]
    NoAddress,
    #[error(transparent)]
    Unreadable(#[from] url::ParseError),
    #[error("only one wildcard is allowed per rule; use a named placeholder (e.g. `:project`) instead.")]
    Wildcards,
    #[error("a wildcard `*` cannot stand beside `:splat`, which is its name.")]
    WildcardBesideSplat,
    #[error("expected a colon-separated header pair (e.g. `name: value`).")]
    NoHeader,
    #[error("the header's name is missing or has characters that a name cannot have.")]
    HeaderName,
    #[error("the header `{0}` has no value, or one that a header cannot have.")]
    HeaderValue(String),
    #[error("expected exactly 2 or 3 whitespace-separated tokens, got {0}.")]
    Tokens(usize),
    #[error("valid status codes are 200, 301, 302 (default), 303, 307, or 308.")]
    Status,
    #[error("infinite loop detected in this rule: it strips `.html` or `/index` and ends up at itself.")]
    Loop,
    #[error("proxy (200) redirects can only point to relative paths, not `{0}`.")]
    Proxy(String),
}

/// Numbered lines that say something.
pub(super) fn meaningful(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).map(|(number, line)| (number, line.trim())).filter(|(_, line)| {
        let is_comment = line.starts_with('#');
        !line.is_empty() && !is_comment
    })
}

/// Refuses a line that is too long.
pub(super) fn check_length(line: &str) -> Result<(), LineError> {
    if line.chars().count() > LONGEST_LINE {
        return Err(LineError::TooLong);
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
pub(super) fn address(text: &str, wanted: Wanted) -> Result<String, LineError> {
    if let Some(rest) = text.strip_prefix("https://") {
        let rest = rest.trim_start_matches('/');
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !wanted.absolute {
            return Err(LineError::NotRelative(text.to_owned()));
        }
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        if host.is_empty() || (has_port && !wanted.port) {
            return Err(LineError::Port(text.to_owned()));
        }
        return Ok(format!("https://{host}{}", path_of(path, wanted.suffix)?));
    }
    if text.starts_with('/') || !wanted.absolute {
        return path_of(text, wanted.suffix);
    }
    Err(LineError::NoAddress)
}

/// The path as a URL has it: percent-encoded, without `.` and `..`.
fn path_of(text: &str, suffix: bool) -> Result<String, LineError> {
    let text = format!("/{}", text.strip_prefix('/').unwrap_or(text));
    let mut url = Url::parse("https://host")?;
    let (path, rest) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
    url.set_path(path);
    Ok(if suffix { format!("{}{rest}", url.path()) } else { url.path().to_owned() })
}

/// Whether a rule has a `*` or a `:name` in it, and so matches more than one path.
pub(super) fn is_dynamic(rule: &str) -> bool {
    rule.contains('*')
        || rule.match_indices(':').any(|(at, _)| rule[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic()))
}
