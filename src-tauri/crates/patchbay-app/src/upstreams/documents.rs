//! The `OpenAPI` documents of the workspace, described to the simulated upstreams as they change.

use crate::wire::error::{ErrorCode, WireError};
use crate::wire::upstream::UpstreamDocument;
use patchbay_upstream::Upstreams;
use patchbay_workspace::{UpstreamDocuments, Workspace};
use std::sync::{Arc, Mutex, PoisonError};

/// The documents of one workspace, as they were when they were looked at last.
pub(super) struct Documents {
    workspace: Workspace,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// `None` before the first look.
    stamp: Option<UpstreamDocuments>,
    described: Arc<Described>,
}

/// What became of the documents.
#[derive(Default)]
pub(super) struct Described(pub(super) Vec<UpstreamDocument>);

impl Described {
    /// What is wrong with those that cannot be used.
    pub(super) fn problems(&self) -> Vec<&WireError> {
        self.0.iter().filter_map(|document| document.problem.as_ref()).collect()
    }
}

impl Documents {
    pub(super) fn new(workspace: Workspace) -> Self {
        Self { workspace, seen: Mutex::default() }
    }

    /// Describes the documents anew where one was added, changed or removed since the last time.
    pub(super) fn refresh(&self, upstreams: &Upstreams) -> Arc<Described> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match self.workspace.upstream_documents() {
            Ok(stamp) => stamp,
            Err(error) => return Arc::new(Described(vec![unusable("upstreams", error.into())])),
        };
        if seen.stamp.as_ref() != Some(&stamp) {
            seen.described = Arc::new(Described(self.describe(&stamp, upstreams)));
            seen.stamp = Some(stamp);
        }
        Arc::clone(&seen.described)
    }

    fn describe(&self, stamp: &UpstreamDocuments, upstreams: &Upstreams) -> Vec<UpstreamDocument> {
        let (mut texts, mut described) = (Vec::new(), Vec::new());
        for name in stamp.names() {
            match self.workspace.upstream_document(name) {
                Ok(Some(text)) => texts.push((name.to_owned(), text)),
                Ok(None) => {}
                Err(error) => described.push(unusable(name, error.into())),
            }
        }
        for (name, outcome) in upstreams.describe_to_all(&texts) {
            described.push(match outcome {
                Ok(description) => UpstreamDocument {
                    name,
                    hosts: description.hosts,
                    unchecked_patterns: description.unchecked_patterns,
                    problem: None,
                },
                Err(error) => unusable(&name, WireError::from_error(ErrorCode::WorkspaceBrokenFile, &error)),
            });
        }
        described.sort_by(|left, right| left.name.cmp(&right.name));
        described
    }
}

fn unusable(name: &str, problem: WireError) -> UpstreamDocument {
    UpstreamDocument {
        name: name.to_owned(),
        hosts: Vec::new(),
        unchecked_patterns: Vec::new(),
        problem: Some(problem),
    }
}
