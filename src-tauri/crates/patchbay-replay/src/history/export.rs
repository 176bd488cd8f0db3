//! Deliveries as JSON lines, one after the other.

use super::head::Head;
use super::query::HistoryQuery;
use super::{History, lock, read};
use crate::error::ReplayError;
use serde_json::json;
use std::io::{BufWriter, Write};
use std::path::Path;
use time::format_description::well_known::Rfc3339;

/// Deliveries that are in memory at once.
const PAGE: i64 = 100;

/// What was exported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Lines.
    pub deliveries: u64,
    /// Lines that have only the head, because the contents had been dropped.
    pub without_contents: u64,
    /// Bytes of all lines.
    pub bytes: u64,
}

impl History {
    /// Writes the deliveries that a query finds, newest first: each a line with its trace as it is stored. What is
    /// recorded meanwhile is newer and not among them.
    pub fn export(&self, query: &HistoryQuery, output: &mut dyn Write) -> Result<Exported, ReplayError> {
        let mut before = match &query.before {
            Some(id) => Some(read::sequence_of(&lock(&self.reader), id)?),
            None => None,
        };
        let mut exported = Exported::default();
        loop {
            let left = query.limit.map_or(PAGE, |limit| {
                i64::from(limit).saturating_sub(i64::try_from(exported.deliveries).unwrap_or(i64::MAX))
            });
            let connection = lock(&self.reader);
            let heads = read::heads(&connection, query, before, left.min(PAGE))?;
            let Some((last, _)) = heads.last() else { return Ok(exported) };
            before = Some(*last);
            for (sequence, head) in &heads {
                let mut line = if let Some(json) = read::contents(&connection, *sequence, &head.summary.id)? {
                    json
                } else {
                    exported.without_contents += 1;
                    line_of(head).into_bytes()
                };
                line.push(b'\n');
                output.write_all(&line).map_err(|source| ReplayError::Export { source })?;
                exported.deliveries += 1;
                exported.bytes += line.len() as u64;
            }
        }
    }

    /// The same into a file, which is there when it is whole.
    pub fn export_to(&self, query: &HistoryQuery, path: &Path) -> Result<Exported, ReplayError> {
        let failed = |source| ReplayError::ExportFile { path: path.to_owned(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder).map_err(failed)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        let exported = self.export(query, &mut writer)?;
        writer.flush().map_err(failed)?;
        drop(writer);
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(exported)
    }
}

/// What is left of a delivery, under the names that a trace has.
fn line_of(head: &Head) -> String {
    let summary = &head.summary;
    json!({
        "id": summary.id, "tenant": summary.tenant, "adapter": summary.adapter, "run": head.run,
        "sample": summary.sample, "origin": head.origin, "against": head.against, "event_id": head.event_id,
        "sender": head.sender, "provider": summary.provider,
        "started": summary.started.format(&Rfc3339).unwrap_or_default(),
        "environment": summary.environment, "region": head.region, "status": summary.status,
        "total_ms": summary.total_ms, "contents_dropped": true,
    })
    .to_string()
}
