//! What to search for, so that a value is found.

use super::views::View;
use serde_json::Value;

/// Shorter values are not searched for.
const SHORTEST: usize = 6;
/// The same for what is only a part of a value.
const SHORTEST_PART: usize = 16;

/// The forms of a value that no reading of a text leads back to the value.
pub(super) fn of(value: &str) -> Vec<Vec<u8>> {
    let mut needles = Vec::new();
    if value.len() < SHORTEST {
        return needles;
    }
    add_forms(value, SHORTEST, &mut needles);
    let mut parts: Vec<String> = parts_of_address(value).into_iter().map(str::to_owned).collect();
    parts.extend(lines(value).map(str::to_owned));
    if let Ok(document) = serde_json::from_str(value) {
        add_parts_of_json(&document, &mut parts);
    }
    for part in parts {
        add_forms(&part, SHORTEST_PART, &mut needles);
    }
    needles.sort_unstable();
    needles.dedup();
    needles
}

fn add_forms(value: &str, shortest: usize, needles: &mut Vec<Vec<u8>>) {
    let mut push = |form: Vec<u8>| {
        if form.len() >= shortest {
            needles.push(form);
        }
    };
    let trimmed = value.trim();
    push(value.into());
    // Who reads it from a file or a form often drops the line end.
    push(trimmed.into());
    // A value that looks escaped itself is read as something else.
    push(View::of(value.as_bytes()).plain());
    // Forms write a blank as `+`, and line ends as two characters.
    push(trimmed.replace(' ', "+").into());
    if trimmed.len() >= shortest {
        push(hexadecimal(trimmed, b"0123456789abcdef"));
        push(hexadecimal(trimmed, b"0123456789ABCDEF"));
    }
    if trimmed.contains('\n') {
        let lines = trimmed.replace("\r\n", "\n");
        push(lines.replace('\n', "\r\n").into());
        push(lines.replace('\n', "\r\n").replace(' ', "+").into());
        push(lines.replace('\n', "").into());
        push(lines.replace('\n', " ").into());
        push(lines.into());
    }
}

/// The lines of a value that has several, without the frame that a PEM document has.
fn lines(value: &str) -> impl Iterator<Item = &str> {
    let has_several = value.trim().contains('\n');
    value.lines().map(str::trim).filter(move |line| {
        has_several && line.len() >= SHORTEST_PART && !line.starts_with("-----") && !line.contains(' ')
    })
}

/// What gives a secret address away where it is written in another way, for example without its port: the path with the
/// query, and each value in the query.
fn parts_of_address(value: &str) -> Vec<&str> {
    let Some((_, rest)) = value.split_once("://") else { return Vec::new() };
    let Some(path) = rest.find('/').map(|start| &rest[start..]) else { return Vec::new() };
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let values = query.split('&').filter_map(|pair| Some(pair.split_once('=')?.1));
    [path].into_iter().chain(values).filter(|part| part.len() >= SHORTEST_PART).collect()
}

/// The secret members of a secret document, as in a service account's key file.
fn add_parts_of_json(document: &Value, parts: &mut Vec<String>) {
    const TELLING: [&str; 4] = ["key", "secret", "token", "password"];
    match document {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.to_ascii_lowercase();
                match member {
                    Value::String(text) if TELLING.iter().any(|telling| name.contains(telling)) => {
                        parts.push(text.clone());
                        parts.extend(lines(text).map(str::to_owned));
                    }
                    Value::String(_) => {}
                    member => add_parts_of_json(member, parts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_parts_of_json(item, parts)),
        _ => {}
    }
}

fn hexadecimal(value: &str, digits: &[u8; 16]) -> Vec<u8> {
    value.bytes().flat_map(|byte| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]).collect()
}

#[cfg(test)]
mod tests {
    use super::{of, parts_of_address};

    fn texts(value: &str) -> Vec<String> {
        of(value).into_iter().map(|needle| String::from_utf8(needle).expect("text")).collect()
    }

    #[test]
    fn an_address_has_its_path_and_the_values_in_its_query() {
        let parts = parts_of_address("https://flows.example/workflows/0123abcd/invoke?v=1&sig=example_signature_1");
        assert_eq!(parts, ["/workflows/0123abcd/invoke?v=1&sig=example_signature_1", "example_signature_1"]);
        assert_eq!(parts_of_address("https://example.com/short?x=1"), Vec::<&str>::new());
        assert_eq!(parts_of_address("no address"), Vec::<&str>::new());
    }

    #[test]
    fn a_short_value_has_none() {
        assert!(of("12345").is_empty());
        assert!(of(" 12345 ").len() == 1, "with blanks it is long enough, without them it is not");
    }

    #[test]
    fn the_members_of_a_key_file_are_secrets_of_their_own() {
        let file = "{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN KEY-----\\nexample0example0example0\\n\"\n}";
        let needles = texts(file);
        assert!(needles.contains(&"example0example0example0".to_owned()));
        assert!(!needles.iter().any(|needle| needle == "service_account"));
    }
}
