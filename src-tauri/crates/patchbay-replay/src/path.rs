//! Paths of places in JSON, as a person reads and a program writes them: `outbound[0].body.properties["Due date"]`.

/// The path of a key of an object.
pub fn of_key(path: &str, key: &str) -> String {
    if is_word(key) {
        let dot = if path.is_empty() { "" } else { "." };
        return format!("{path}{dot}{key}");
    }
    format!("{path}[{}]", serde_json::Value::from(key))
}

/// The path of an item of a list.
pub fn of_item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// Header names have hyphens and are read well without quotes.
fn is_word(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

#[cfg(test)]
mod tests {
    use super::{of_item, of_key};

    #[test]
    fn keys_that_are_no_words_are_quoted() {
        assert_eq!(of_key("body", "name"), "body.name");
        assert_eq!(of_key("", "content-type"), "content-type");
        assert_eq!(of_key("body", "Due \"date\""), r#"body["Due \"date\""]"#);
        assert_eq!(of_key("body", "a.b"), r#"body["a.b"]"#);
        assert_eq!(of_item("outbound", 2), "outbound[2]");
    }
}
