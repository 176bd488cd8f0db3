//! Module parts of an upload: which content type means which kind.

use patchbay_core::ModuleKind;

/// The kind of a part by its content type, parameters ignored. `None` for a type that Cloudflare refuses.
///
/// Cloudflare's own examples label ES modules `application/javascript`; whoever reads an upload decides by
/// `main_module` what such an entry is.
pub fn kind_of_content_type(content_type: &str) -> Option<ModuleKind> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Some(match essence.as_str() {
        "application/javascript+module" | "text/javascript+module" => ModuleKind::EsModule,
        "application/javascript" | "text/javascript" => ModuleKind::CommonJs,
        "text/plain" => ModuleKind::Text,
        "application/octet-stream" => ModuleKind::Data,
        "application/wasm" => ModuleKind::Wasm,
        "application/json" => ModuleKind::Json,
        "application/source-map" => ModuleKind::SourceMap,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::kind_of_content_type;
    use patchbay_core::ModuleKind;

    #[test]
    fn every_kind_is_found_by_its_own_content_type() {
        use ModuleKind::{CommonJs, Data, EsModule, Json, SourceMap, Text, Wasm};
        for kind in [EsModule, CommonJs, Text, Data, Wasm, Json, SourceMap] {
            assert_eq!(kind_of_content_type(kind.content_type()), Some(kind));
        }
        assert_eq!(kind_of_content_type("Text/Plain; charset=utf-8"), Some(Text));
        assert_eq!(kind_of_content_type("image/png"), None);
    }
}
