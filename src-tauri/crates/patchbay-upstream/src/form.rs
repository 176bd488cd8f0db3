//! Form fields with brackets (`metadata[order]=1`, `items[0][price]=…`, `expand[]=…`) as one JSON value.

use serde_json::{Map, Value};

/// Deepest nesting that is read; Stripe needs five.
const DEEPEST: usize = 10;

/// The fields as an object whose leaves are texts. `None`: a name with brackets that do not fit together.
pub(crate) fn nested(fields: impl IntoIterator<Item = (String, String)>) -> Option<Value> {
    let mut root = Value::Object(Map::new());
    for (name, text) in fields {
        let keys = keys(&name)?;
        put(&mut root, &keys, text)?;
    }
    Some(root)
}

fn keys(name: &str) -> Option<Vec<&str>> {
    let (first, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut keys = vec![first];
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        keys.push(key);
        rest = after;
    }
    (keys.len() <= DEEPEST && !first.is_empty()).then_some(keys)
}

fn put(into: &mut Value, keys: &[&str], text: String) -> Option<()> {
    let Some((key, rest)) = keys.split_first() else {
        *into = text.into();
        return Some(());
    };
    // `[]` adds to an array, and so does the number that follows its last item.
    let index =
        if key.is_empty() { into.as_array().map_or(Some(0), |items| Some(items.len())) } else { key.parse().ok() };
    if let Some(index) = index.filter(|_| into.is_array() || into.is_null()) {
        if into.is_null() {
            *into = Value::Array(Vec::new());
        }
        let items = into.as_array_mut()?;
        if index > items.len() {
            return None;
        }
        if index == items.len() {
            items.push(Value::Null);
        }
        return put(&mut items[index], rest, text);
    }
    if into.is_null() {
        *into = Value::Object(Map::new());
    }
    put(into.as_object_mut()?.entry(*key).or_insert(Value::Null), rest, text)
}

#[cfg(test)]
mod tests {
    use super::nested;
    use serde_json::json;
    use url::form_urlencoded::parse;

    #[test]
    fn brackets_nest() {
        let read = |text: &str| nested(parse(text.as_bytes()).into_owned());
        assert_eq!(
            read(
                "amount=100&metadata[order]=1&metadata[2]=two&expand[]=a&expand[]=b&items[0][price]=p&items[1][price]=q"
            ),
            Some(json!({
                "amount": "100", "metadata": { "order": "1", "2": "two" }, "expand": ["a", "b"],
                "items": [{ "price": "p" }, { "price": "q" }],
            }))
        );
        for broken in ["a[b=1", "a]=1]&a[=1", "[a]=1", "a=1&a[b]=2", "a[5]=x", &format!("a{}=1", "[b]".repeat(20))] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
