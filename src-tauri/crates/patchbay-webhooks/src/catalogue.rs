//! The samples that come with Patchbay: what each provider sends, in its own wire style.
//!
//! They are files under `samples/<provider>/`, embedded. Times and ids are placeholders, filled when a sample is sent:
//! `{{unix_ts}}`, `{{unix_ms}}`, `{{iso_ts}}`, `{{iso_ms}}`, `{{iso_seconds}}`, `{{uuid}}`, `{{short_id}}` (ten letters
//! and digits of the UUID), and `{{unix_ts:number}}`, `{{unix_ms:number}}` for a whole JSON value.

use include_dir::{Dir, include_dir};
use patchbay_core::sample::Sample;
use serde_json::Value;
use std::sync::LazyLock;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/samples");

static SAMPLES: LazyLock<Vec<CatalogueSample>> = LazyLock::new(|| {
    let mut samples: Vec<CatalogueSample> = FILES
        .dirs()
        .flat_map(Dir::files)
        .map(|file| {
            let (sample, provider_settings) =
                read(file.contents()).expect("an embedded sample is in the format of samples");
            let id = file.path().with_extension("").to_string_lossy().replace('\\', "/");
            CatalogueSample { id, sample, provider_settings }
        })
        .collect();
    samples.sort_by(|left, right| left.id.cmp(&right.id));
    samples
});

/// A sample of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogueSample {
    /// Provider and name, for example `slack/message-in-thread`. The part after `/` is a good file name.
    pub id: String,
    /// The sample itself.
    pub sample: Sample,
    /// For the provider `custom`: how this sender signs, in the form of `[provider_settings]`; else null.
    pub provider_settings: Value,
}

/// A file is a sample with one key more.
fn read(file: &[u8]) -> Result<(Sample, Value), serde_json::Error> {
    let mut value: Value = serde_json::from_slice(file)?;
    let settings = value.as_object_mut().and_then(|fields| fields.shift_remove("provider_settings"));
    Ok((serde_json::from_value(value)?, settings.unwrap_or_default()))
}

impl CatalogueSample {
    /// The name without the provider.
    pub fn name(&self) -> &str {
        self.id.split_once('/').map_or(self.id.as_str(), |(_, name)| name)
    }

    /// How well a lower-case word fits: by id, event or description before what is only inside the body.
    fn rank(&self, word: &str) -> Option<u8> {
        let found = |text: &str| text.to_lowercase().contains(word);
        let inside = || {
            let body = self.sample.body.as_ref().map(Value::to_string);
            found(&body.unwrap_or_default()) || self.sample.body_text.as_deref().is_some_and(found)
        };
        if found(&self.id) || found(&self.sample.event) {
            Some(0)
        } else if found(&self.sample.description) {
            Some(1)
        } else if inside() {
            Some(2)
        } else {
            None
        }
    }
}

/// Every sample, by id.
pub fn all() -> &'static [CatalogueSample] {
    &SAMPLES
}

/// The sample with this id.
pub fn find(id: &str) -> Option<&'static CatalogueSample> {
    all().binary_search_by(|sample| sample.id.as_str().cmp(id)).ok().map(|index| &all()[index])
}

/// The samples in which every word of the text occurs, best first; all of them for an empty text. Case does not count.
pub fn search(text: &str) -> Vec<&'static CatalogueSample> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let ranked = all().iter().filter_map(|sample| {
        let ranks: Option<Vec<u8>> = words.iter().map(|word| sample.rank(word)).collect();
        Some((ranks?.iter().map(|rank| u32::from(*rank)).sum::<u32>(), sample))
    });
    let mut found: Vec<_> = ranked.collect();
    // A stable sort keeps the order of ids among equals.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, sample)| sample).collect()
}
