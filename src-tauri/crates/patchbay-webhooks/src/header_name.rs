//! Which texts are names of HTTP headers.

/// Whether the text is a token (RFC 9110, section 5.6.2).
pub fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
