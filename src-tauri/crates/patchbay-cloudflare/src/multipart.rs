//! Multipart bodies as bytes, so that an upload can be sent again and its order is ours.

use crate::wire::metadata::Metadata;
use bytes::Bytes;
use patchbay_core::Module;
use serde_json::json;
use uuid::Uuid;

/// A body and the content type that names its boundary.
#[derive(Debug, Clone)]
pub struct Multipart {
    /// `multipart/form-data; boundary=…`.
    pub content_type: String,
    /// The parts. They hold the values of secret bindings.
    pub body: Bytes,
}

/// The body of an upload of a script: its metadata and modules.
pub fn upload(metadata: &Metadata, modules: &[Module]) -> Multipart {
    build("metadata", &json!(metadata).to_string(), modules)
}

/// Builds a body: first a plain field, as wrangler sends `metadata`, then one part for each module.
///
/// A module's name is the part's file name (CONTRACT section 1.3).
pub(crate) fn build(field: &str, json: &str, modules: &[Module]) -> Multipart {
    // 122 random bits cannot occur in the content by chance, and nobody who writes the content can know them.
    let boundary = format!("patchbay-{}", Uuid::new_v4().simple());
    let mut body =
        Vec::with_capacity(json.len() + modules.iter().map(|module| module.content.len() + 256).sum::<usize>());
    let mut part = |headers: &str, content: &[u8]| {
        body.extend_from_slice(format!("--{boundary}\r\n{headers}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    part(&format!("Content-Disposition: form-data; name=\"{field}\""), json.as_bytes());
    for module in modules {
        let name = escaped(&module.name);
        let content_type = module.kind.content_type();
        part(
            &format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {content_type}"
            ),
            &module.content,
        );
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Multipart { content_type: format!("multipart/form-data; boundary={boundary}"), body: body.into() }
}

/// As browsers and wrangler escape names (HTML, "multipart/form-data").
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::build;
    use bytes::Bytes;
    use patchbay_core::{Module, ModuleKind};

    #[test]
    fn the_bytes_are_those_that_wrangler_sends() {
        let modules = [
            Module { name: "lib/größe.js".into(), kind: ModuleKind::EsModule, content: Bytes::from("export {}") },
            Module { name: "a\"b".into(), kind: ModuleKind::SourceMap, content: Bytes::from("{}") },
        ];
        let multipart = build("metadata", "{\"a\":1}", &modules);
        let boundary = multipart.content_type.strip_prefix("multipart/form-data; boundary=").expect("a boundary");
        let expected = "--B\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"a\":1}\r\n\
            --B\r\nContent-Disposition: form-data; name=\"lib/größe.js\"; filename=\"lib/größe.js\"\r\n\
            Content-Type: application/javascript+module\r\n\r\nexport {}\r\n\
            --B\r\nContent-Disposition: form-data; name=\"a%22b\"; filename=\"a%22b\"\r\n\
            Content-Type: application/source-map\r\n\r\n{}\r\n--B--\r\n";
        assert_eq!(String::from_utf8_lossy(&multipart.body).replace(boundary, "B"), expected);
    }
}
