//! `samples/*.json` and `expect/*.json` of an adapter.

use crate::error::WorkspaceError;
use crate::files;
use crate::json_file;
use crate::keys::{self, FileWarning};
use crate::paths;
use crate::workspace::Workspace;
use patchbay_core::AdapterRef;
use patchbay_core::sample::Sample;
use std::path::PathBuf;

/// A sample as its file says.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleFile {
    /// The file's name without `.json`.
    pub name: String,
    /// The webhook.
    pub sample: Sample,
    /// Keys that nothing reads.
    pub warnings: Vec<FileWarning>,
}

/// One file under `samples/`; a broken one does not hide the others.
#[derive(Debug)]
pub struct SampleEntry {
    /// The file's name without `.json`.
    pub name: String,
    /// The sample, or what is wrong with it.
    pub sample: Result<SampleFile, WorkspaceError>,
}

impl Workspace {
    /// Every sample of an adapter, by name.
    pub fn samples(&self, adapter: &AdapterRef) -> Result<Vec<SampleEntry>, WorkspaceError> {
        let names = files::json_names(&self.adapter_folder(adapter)?.join("samples"))?;
        Ok(names.into_iter().map(|name| SampleEntry { sample: self.sample(adapter, &name), name }).collect())
    }

    /// One sample.
    pub fn sample(&self, adapter: &AdapterRef, name: &str) -> Result<SampleFile, WorkspaceError> {
        let path = self.json_path(adapter, "samples", name)?;
        let Some(text) = json_file::read(&path)? else {
            let known = files::json_names(&self.adapter_folder(adapter)?.join("samples"))?;
            return Err(WorkspaceError::SampleMissing { adapter: adapter.clone(), name: name.to_owned(), known });
        };
        let sample = json_file::parse(&path, &text)?;
        Ok(SampleFile { name: name.to_owned(), sample, warnings: json_file::warnings(&path, &text, keys::SAMPLE) })
    }

    /// Writes a sample, replacing one of that name.
    pub fn write_sample(&self, adapter: &AdapterRef, name: &str, sample: &Sample) -> Result<(), WorkspaceError> {
        let value = serde_json::to_value(sample).expect("a sample is texts, numbers and JSON");
        self.write_json(adapter, "samples", name, &value)
    }

    /// What a sample's replay should give; `None` where nobody has said so.
    pub fn expectation(&self, adapter: &AdapterRef, name: &str) -> Result<Option<serde_json::Value>, WorkspaceError> {
        let path = self.json_path(adapter, "expect", name)?;
        json_file::read(&path)?.map(|text| json_file::parse(&path, &text)).transpose()
    }

    /// Says what a sample's replay should give.
    pub fn write_expectation(
        &self,
        adapter: &AdapterRef,
        name: &str,
        expectation: &serde_json::Value,
    ) -> Result<(), WorkspaceError> {
        self.write_json(adapter, "expect", name, expectation)
    }

    fn json_path(&self, adapter: &AdapterRef, folder: &str, name: &str) -> Result<PathBuf, WorkspaceError> {
        paths::check_name(name)?;
        paths::inside(&self.adapter_folder(adapter)?, &format!("{folder}/{name}.json"))
    }

    fn write_json(
        &self,
        adapter: &AdapterRef,
        folder: &str,
        name: &str,
        value: &serde_json::Value,
    ) -> Result<(), WorkspaceError> {
        let _lock = self.lock()?;
        let path = self.json_path(adapter, folder, name)?;
        files::make_folder(path.parent().expect("inside a folder"))?;
        files::replace(&path, format!("{value:#}\n").as_bytes())
    }
}
