//! The field mapping of an adapter, brought together with its samples and upstreams: previews, findings, edits.

mod findings;
mod preview;
mod samples;

pub(crate) use findings::{diagnostics, rules};
pub(crate) use preview::preview;

use patchbay_core::AdapterManifest;
use patchbay_core::field::UpstreamFields;
use patchbay_upstream::{Upstreams, fields_of};

/// What the adapter's upstreams take. One that is not known takes whatever it is given.
fn upstream_fields(manifest: &AdapterManifest) -> Vec<UpstreamFields> {
    let mut known: Vec<UpstreamFields> = Vec::new();
    for host in &manifest.upstreams {
        let of_host = Upstreams::id_for_host(host).and_then(fields_of);
        let fields = of_host.unwrap_or_else(|| UpstreamFields::open("", "The upstream"));
        if !known.iter().any(|known| known.upstream == fields.upstream) {
            known.push(fields);
        }
    }
    known
}
