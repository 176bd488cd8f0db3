//! Why a document cannot describe an upstream.

use patchbay_core::Hints;

/// Why a document was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// Not JSON.
    #[error("The document `{name}` is not JSON")]
    NotJson {
        /// The document's name.
        name: String,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// Not YAML.
    #[error("The document `{name}` is not YAML: {reason}")]
    NotYaml {
        /// The document's name.
        name: String,
        /// Where and why.
        reason: String,
    },
    /// Not `OpenAPI` 3.
    #[error("The document `{name}` is not an OpenAPI 3 document")]
    NotOpenApi {
        /// The document's name.
        name: String,
    },
    /// No server has a host.
    #[error("The document `{name}` names no server with a host")]
    NoHost {
        /// The document's name.
        name: String,
    },
    /// The host is answered for by a built-in upstream.
    #[error("`{upstream}` already answers for the host `{host}` of the document `{name}`")]
    HostTaken {
        /// The document's name.
        name: String,
        /// The host.
        host: String,
        /// Id of the upstream.
        upstream: &'static str,
    },
    /// A reference to another document, or to nothing.
    #[error("The document `{name}` refers to `{reference}`, which is not in it")]
    Reference {
        /// The document's name.
        name: String,
        /// The reference.
        reference: String,
    },
}

impl Hints for DescriptionError {
    fn hints(&self) -> Vec<String> {
        vec![match self {
            Self::NotJson { .. } => {
                "Correct the JSON; a document in YAML needs a name that ends in `.yaml` or `.yml`".into()
            }
            Self::NotYaml { .. } => "Correct the YAML at that place".into(),
            Self::NotOpenApi { .. } => {
                "The document needs `\"openapi\": \"3.…\"` and `paths`; convert Swagger 2 to OpenAPI 3".into()
            }
            Self::NoHost { .. } => {
                "Add `servers` with an absolute URL, for example `https://api.example.com/v1`".into()
            }
            Self::HostTaken { .. } => "Remove the host from `servers`: its simulated upstream is built in".into(),
            Self::Reference { .. } => "Bundle the document into one file, so that every `$ref` begins with `#/`".into(),
        }]
    }
}
