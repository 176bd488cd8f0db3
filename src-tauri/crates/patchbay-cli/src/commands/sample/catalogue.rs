//! `patchbay sample list|search|show|providers`

use crate::Verdict;
use crate::args::AdapterArgument;
use crate::session::{Session, adapter_key};
use patchbay_app::handlers::sample::{provider_list, sample_list, sample_search, sample_show};
use patchbay_app::wire::error::WireError;
use patchbay_app::wire::sample::{ProviderSummary, SampleSearchRequest, SampleShowRequest};
use std::fmt::Write as _;

pub async fn list(session: &Session, arguments: &AdapterArgument) -> Result<Verdict, WireError> {
    let key = adapter_key(&arguments.adapter)?;
    session.open_workspace()?;
    let list = sample_list(session.app(), key).await?;
    let mut text = String::new();
    for sample in &list.samples {
        let expected = if sample.has_expectation { "expected" } else { "" };
        let _ = writeln!(text, "{:<28} {:<18} {:<26} {expected}", sample.name, sample.provider, sample.event);
    }
    session.printer().answer(&list, &text);
    for problem in &list.problems {
        session.printer().say(&format!("warning: {problem}"));
    }
    Ok(Verdict::Held)
}

pub async fn search(session: &Session, words: &[String], provider: Option<String>) -> Result<Verdict, WireError> {
    let request = SampleSearchRequest { text: words.join(" "), provider };
    let found = sample_search(session.app(), request).await?;
    let mut text = String::new();
    for entry in &found.samples {
        let _ = writeln!(text, "{:<44} {:<32} {}", entry.id, entry.event, entry.description);
    }
    session.printer().answer(&found.samples, &text);
    if found.samples.is_empty() {
        session.printer().say("No sample has all of these words");
    }
    Ok(Verdict::Held)
}

pub async fn show(session: &Session, place: String, name: Option<String>) -> Result<Verdict, WireError> {
    let request = match name {
        None => SampleShowRequest { adapter: None, sample: place },
        Some(name) => {
            let key = adapter_key(&place)?;
            session.open_workspace()?;
            SampleShowRequest { adapter: Some(key), sample: name }
        }
    };
    let content = sample_show(session.app(), request).await?;
    session.printer().answer(&content, &format!("{:#}", content.sample));
    if !content.provider_settings.is_null() {
        session.printer().say(&format!("[provider_settings] in adapter.toml: {}", content.provider_settings));
    }
    Ok(Verdict::Held)
}

pub async fn providers(session: &Session) -> Result<Verdict, WireError> {
    // The catalogue needs no workspace; with one, the keys of its simulated senders are shown.
    if session.has_workspace() {
        session.open_workspace()?;
    }
    let list = provider_list(session.app(), ()).await?;
    let text: Vec<String> = list.providers.iter().map(described).collect();
    session.printer().answer(&list, &text.join("\n"));
    Ok(Verdict::Held)
}

fn described(provider: &ProviderSummary) -> String {
    let deadline = provider.deadline_seconds.map(|seconds| format!(", waits {seconds} s")).unwrap_or_default();
    let mut text = format!("{} ({}): {} samples{deadline}\n", provider.id, provider.name, provider.samples);
    for setting in &provider.settings {
        let need = if setting.required { "required" } else { "optional" };
        let _ = writeln!(text, "  {:<24} {need}  {}", setting.name, setting.description);
    }
    if let Some(keys) = &provider.own_keys {
        let _ = writeln!(text, "  keys: {keys}");
    }
    if let Some(key) = &provider.public_key {
        let _ = writeln!(text, "  public key of the simulated sender: {key}");
    }
    text
}
