//! Where something stands in the text of valid JSON.

/// One step from the outermost value inwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the member of an object.
    Key(String),
    /// Into the element of a list.
    Index(usize),
}

/// Byte offsets of a value and, where it is the member of an object, of its key.
pub(crate) struct Place {
    pub(crate) key: Option<usize>,
    pub(crate) value: usize,
}

/// Finds what a path leads to; `None` where nothing does. Of members with one name the last counts, as it does for
/// those who read the file.
pub(crate) fn find(text: &str, path: &[Step]) -> Option<Place> {
    let mut place = Place { key: None, value: skip_space(text, 0) };
    for step in path {
        place = within(text, place.value, step)?;
    }
    Some(place)
}

fn within(text: &str, start: usize, step: &Step) -> Option<Place> {
    let (open, close) = match step {
        Step::Key(_) => (b'{', b'}'),
        Step::Index(_) => (b'[', b']'),
    };
    let byte = |at: usize| text.as_bytes().get(at).copied();
    if byte(start)? != open {
        return None;
    }
    let mut at = skip_space(text, start + 1);
    let (mut found, mut index) = (None, 0);
    while byte(at)? != close {
        let begin = at;
        let name = match step {
            Step::Index(_) => None,
            Step::Key(_) => {
                let end = skip_value(text, at);
                // Past the colon.
                at = skip_space(text, skip_space(text, end) + 1);
                serde_json::from_str::<String>(text.get(begin..end)?).ok()
            }
        };
        let is_meant = match step {
            Step::Key(wanted) => name.as_ref() == Some(wanted),
            Step::Index(wanted) => *wanted == index,
        };
        if is_meant {
            found = Some(Place { key: name.map(|_| begin), value: at });
        }
        at = skip_space(text, skip_value(text, at));
        if byte(at)? == b',' {
            at = skip_space(text, at + 1);
        }
        index += 1;
    }
    found
}

fn skip_space(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at.min(text.len())..];
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The end of the value that begins here.
fn skip_value(text: &str, start: usize) -> usize {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            if !in_text && depth == 0 {
                return at + 1;
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' | b':' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            byte if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Step, find};

    #[test]
    fn keys_and_elements_are_found_and_texts_that_look_like_them_are_not() {
        let text = r#" { "a": "\"b\": {", "b" : [1, {"c": true , "c":null}, "]"], "größe":-1.5e3 }"#;
        let key = |name: &str| Step::Key(name.into());
        for (path, value, key) in [
            (vec![], "{ \"a\"", None),
            (vec![key("a")], "\"\\\"b\\\": {\"", Some("\"a\"")),
            (vec![key("b"), Step::Index(0)], "1,", None),
            (vec![key("b"), Step::Index(1), key("c")], "null", Some("\"c\":null")),
            (vec![key("b"), Step::Index(2)], "\"]\"", None),
            (vec![key("größe")], "-1.5e3", Some("\"größe\"")),
        ] {
            let place = find(text, &path).unwrap_or_else(|| panic!("{path:?} is there"));
            assert!(text[place.value..].starts_with(value), "{path:?}: {}", &text[place.value..]);
            assert_eq!(place.key.is_some(), key.is_some());
            if let (Some(at), Some(key)) = (place.key, key) {
                assert!(text[at..].starts_with(key), "{path:?}: {}", &text[at..]);
            }
        }
        assert!(find(text, &[key("c")]).is_none());
        assert!(find(text, &[key("b"), Step::Index(3)]).is_none());
        assert!(find(text, &[key("b"), key("c")]).is_none());
    }
}
